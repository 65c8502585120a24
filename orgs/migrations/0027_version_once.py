from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0026_import_files")]
    operations = [sql_file(__file__, "0027_version_once")]
