from django.db import migrations, models

from core.sql import sql_file


class Migration(migrations.Migration):
    dependencies = [("vendors", "0004_conversation")]
    operations = [
        migrations.AddField(
            model_name="servicerequest",
            name="escalated_at",
            field=models.DateTimeField(help_text="When people were told that it is overdue.", null=True),
        ),
        # What was late before anybody was told of it is told of by nobody now.
        migrations.RunSQL(
            "UPDATE vendors_servicerequest SET escalated_at = due_at WHERE due_at < now()", migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name="servicerequest",
            index=models.Index(
                fields=["network", "due_at"],
                name="servicerequest_overdue",
                condition=models.Q(
                    status__in=["requested", "received", "accepted", "in-progress"], escalated_at=None
                ),
            ),
        ),
        sql_file(__file__, "0005_overdue"),
    ]
