import core.tenancy.models
from django.db import migrations, models

from core.tenancy.roles import WEB


class Migration(migrations.Migration):
    dependencies = [("settlement", "0012_lookups")]
    operations = [
        migrations.AddField(
            model_name="dispute",
            name="reminded_for",
            field=models.DateField(help_text="The day to answer by that was passed and told.", null=True),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"GRANT UPDATE (reminded_for) ON settlement_dispute TO {WEB}",
                    f"REVOKE UPDATE (reminded_for) ON settlement_dispute FROM {WEB}",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="dispute", name="dispute_tenancy"),
                migrations.AddConstraint(
                    model_name="dispute",
                    constraint=core.tenancy.models.TenantPolicy(
                        name="dispute_tenancy",
                        tenancy={
                            "web": "SELECT, INSERT, UPDATE (awaits_id, answer_by, outcome, outcome_text, "
                            "correction_id, closed_at, closed_by_id, closed_by, reminded_for, version)"
                        },
                    ),
                ),
            ],
        ),
    ]
