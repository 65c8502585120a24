from django.db import migrations

from audit.sealed import digests_function
from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0074_quotes"), ("audit", "0010_seals")]
    operations = [digests_function("ledger", "journal"), sql_file(__file__, "0080_sealing")]
