from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0002_guards")]
    operations = [sql_file(__file__, "0003_available")]
