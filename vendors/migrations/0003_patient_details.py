from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vendors", "0002_portal")]
    operations = [
        migrations.AlterField(
            model_name="taskpatient",
            name="birth_date",
            field=models.DateField(help_text="Empty where vendors don't see it.", null=True),
        ),
        migrations.AlterField(
            model_name="taskpatient", name="gender", field=models.CharField(blank=True, max_length=10)
        ),
    ]
