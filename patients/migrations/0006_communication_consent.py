from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_filled_form_key")]
    operations = [
        migrations.AddField(
            model_name="patient",
            name="communication_consent",
            field=models.CharField(
                choices=[("unknown", "Not asked"), ("permit", "Permitted"), ("deny", "Denied")],
                db_default="unknown",
                default="unknown",
                help_text="To be written to by mail about what was bought. Kept in the audit trail.",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(communication_consent__in=["unknown", "permit", "deny"]),
                name="patient_consent_known",
            ),
        ),
    ]
