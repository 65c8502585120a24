from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [sql_file(__file__, "0001_binding")]
