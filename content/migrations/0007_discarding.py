from django.db import migrations

from core.tenancy.regrant import regrant


class Migration(migrations.Migration):
    dependencies = [("content", "0006_overriding_guards")]
    operations = [
        regrant("content_contentitem", old={"web": "SELECT, INSERT, UPDATE"}, new={}),
    ]
