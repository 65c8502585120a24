from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0050_exchange_rates")]

    operations = [sql_file(__file__, "0051_exchange_rate_guards")]
