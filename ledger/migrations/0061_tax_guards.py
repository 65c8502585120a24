from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0060_tax")]
    operations = [sql_file(__file__, "0061_tax_guards")]
