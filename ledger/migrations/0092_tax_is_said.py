from django.db import migrations

from core.sql import sql_files_again


class Migration(migrations.Migration):
    dependencies = [("ledger", "0091_lock_entitlements")]
    operations = [sql_files_again(__file__, "0003_checks", "0004_post_event", "0005_post_events")]
