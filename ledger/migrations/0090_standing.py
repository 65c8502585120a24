import django.db.models.deletion
from django.db import migrations, models

import core.tenancy.models
from core.sql import sql_file, sql_files_again


class Migration(migrations.Migration):
    dependencies = [("ledger", "0081_schedules")]
    operations = [
        migrations.RenameField("balancedelta", "month", "effective_on"),
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("pk", models.CompositePrimaryKey("account_id", "effective_on", blank=True, editable=False, primary_key=True, serialize=False)),
                ("effective_on", models.DateField()),
                ("debit_minor", models.BigIntegerField()),
                ("credit_minor", models.BigIntegerField()),
                ("account", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account")),
                ("network", models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.network")),
            ],
            options={"verbose_name": "standing"},
        ),
        migrations.AddConstraint(
            "standing",
            core.tenancy.models.TenantPolicy(name="standing_tenancy", tenancy={"keyed": False, "poster": "SELECT, INSERT, UPDATE (debit_minor, credit_minor)", "web": "SELECT"}),
        ),
        migrations.AddConstraint(
            "standing",
            models.CheckConstraint(condition=models.Q(("credit_minor__gte", 0), ("debit_minor__gte", 0)), name="standing_not_negative"),
        ),
        sql_file(__file__, "0090_standing"),
        sql_files_again(__file__, "0004_post_event", "0005_post_events", "0006_periods"),
    ]  # fmt: skip
