from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_filled_form")]
    operations = [
        migrations.AddField(
            model_name="filledform",
            name="key",
            field=models.CharField(default="", max_length=80, verbose_name="idempotency key"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="filledform",
            name="asked_sha256",
            field=models.CharField(
                default="", help_text="Of what was sent with the key first.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE patients_filledform SET key = 'form-' || id WHERE key = ''", migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.UniqueConstraint(fields=("network", "key"), name="filledform_key_unique"),
        ),
    ]
