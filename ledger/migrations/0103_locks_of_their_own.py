from django.db import migrations

from core.sql import sql_files_again


class Migration(migrations.Migration):
    dependencies = [("ledger", "0102_redemption_import")]
    operations = [sql_files_again(__file__, "0006_periods", "0070_beneficiaries")]
