from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("settlement", "0094_item_totals")]
    operations = [sql_file(__file__, "0095_signed_content")]
