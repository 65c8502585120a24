from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_prepaid_life_guards")]
    operations = [sql_file(__file__, "0011_expiry_lookup")]
