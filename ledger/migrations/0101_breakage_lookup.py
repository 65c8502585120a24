from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0100_unclaimed")]
    operations = [sql_file(__file__, "0101_breakage_lookup")]
