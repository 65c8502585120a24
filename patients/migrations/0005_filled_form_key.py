from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_filled_form")]
    operations = [
        # Forms that are complete refuse every UPDATE, so theirs come with the column.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [
                        "ALTER TABLE patients_filledform"
                        " ADD COLUMN key varchar(80) NOT NULL DEFAULT 'form-' || gen_random_uuid()",
                        "ALTER TABLE patients_filledform ALTER COLUMN key DROP DEFAULT",
                    ],
                    "ALTER TABLE patients_filledform DROP COLUMN key",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="filledform",
                    name="key",
                    field=models.CharField(max_length=80, verbose_name="idempotency key"),
                    preserve_default=False,
                ),
            ],
        ),
        migrations.AddField(
            model_name="filledform",
            name="asked_sha256",
            field=models.CharField(
                default="", help_text="Of what was sent with the key first.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.UniqueConstraint(fields=("network", "key"), name="filledform_key_unique"),
        ),
    ]
