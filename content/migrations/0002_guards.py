from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial"), ("orgs", "0002_structure"), ("audit", "0002_append_only")]
    operations = [sql_file(__file__, "0002_guards")]
