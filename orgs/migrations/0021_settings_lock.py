from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0020_setting_days")]
    operations = [sql_file(__file__, "0021_settings_lock")]
