from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0090_standing")]
    operations = [sql_file(__file__, "0091_lock_entitlements")]
