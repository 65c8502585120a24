from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0020_rules")]

    operations = [sql_file(__file__, "0021_rule_guards")]
