from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0014_brand")]
    operations = [sql_file(__file__, "0015_brand")]
