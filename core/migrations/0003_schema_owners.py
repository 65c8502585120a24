from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]
    operations = [sql_file(__file__, "0003_schema_owners")]
