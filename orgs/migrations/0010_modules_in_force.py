from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("orgs", "0009_modules")]
    operations = [sql_file(__file__, "0010_modules")]
