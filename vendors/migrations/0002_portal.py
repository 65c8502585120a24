from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("vendors", "0001_initial"), ("patients", "0001_initial")]
    operations = [sql_file(__file__, "0002_portal")]
