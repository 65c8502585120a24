from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_post_event")]

    operations = [sql_file(__file__, "0005_post_events")]
