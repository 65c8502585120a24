from django.db import migrations

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0005_overriding")]
    operations = [sql_file(__file__, "0006_overriding")]
