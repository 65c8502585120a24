from django.db import migrations

from core.sql import sql_files_again


class Migration(migrations.Migration):
    """A single line needs no refusal of its own: it does not balance, and is refused as whatever doesn't."""

    dependencies = [("ledger", "0121_import_lines_by_number")]
    operations = [sql_files_again(__file__, "0004_post_event")]
