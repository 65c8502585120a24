from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0019_waiver_granter")]
    operations = [sql_file(__file__, "0020_days")]
