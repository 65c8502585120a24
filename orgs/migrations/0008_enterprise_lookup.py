from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0007_enterprise")]
    operations = [sql_file(__file__, "0008_enterprise")]
