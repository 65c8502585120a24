from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0005_settings")]
    operations = [sql_file(__file__, "0006_settings")]
