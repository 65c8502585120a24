from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0030_periods")]
    operations = [sql_file(__file__, "0031_reopening")]
