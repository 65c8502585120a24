from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("settlement", "0011_items")]
    operations = [sql_file(__file__, "0012_lookups")]
