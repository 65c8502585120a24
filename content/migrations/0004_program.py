from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0003_available")]
    operations = [
        migrations.AlterField(
            model_name="contentitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("charting_template", "Charting template"),
                    ("questionnaire", "Questionnaire"),
                    ("program", "Program"),
                ],
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint(model_name="contentitem", name="contentitem_kind_known"),
        migrations.AddConstraint(
            model_name="contentitem",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=["charting_template", "questionnaire", "program"]),
                name="contentitem_kind_known",
            ),
        ),
    ]
