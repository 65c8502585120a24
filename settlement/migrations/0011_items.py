from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("settlement", "0010_settlement"), ("ledger", "0008_kinds")]
    operations = [sql_file(__file__, "0011_items")]
