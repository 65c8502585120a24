from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_reconciliation"), ("orgs", "0026_import_files")]
    operations = [sql_file(__file__, "0002_reconciliation_guards")]
