from django.db import migrations

from core.sql import sql_file, sql_files_again


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_prepaid_life")]

    operations = [
        sql_file(__file__, "0010_prepaid_life_guards"),
        sql_files_again(__file__, "0003_checks", "0004_post_event", "0005_post_events", "0006_periods"),
    ]
