import core.tenancy.models
from django.db import migrations, models

from core.tenancy.roles import WEB

COLUMNS = "status, asked, note, problems, started_by_id, started_by"
BEFORE = "read_at, line_count, since, until, opening_minor, closing_minor, content, file_removed_at"


class Migration(migrations.Migration):
    dependencies = [("settlement", "0080_reminded")]
    operations = [
        migrations.AddField(
            model_name="statementimport",
            name="asked",
            field=models.JSONField(
                default=dict, help_text="How it is to be read: columns, days, opening balance."
            ),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="note",
            field=models.CharField(
                blank=True, default="", help_text="Why it was not read, or not matched.", max_length=500
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="statementimport",
            name="problems",
            field=models.JSONField(default=list, help_text="[line, what is wrong with it]."),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="started_by",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="statementimport",
            name="started_by_id",
            field=models.BigIntegerField(help_text="None: the system.", null=True),
        ),
        migrations.AddField(
            model_name="statementimport",
            name="status",
            field=models.CharField(
                choices=[
                    ("sent", "Sent"),
                    ("waiting", "Being matched"),
                    ("failed", "Not read"),
                    ("cancelled", "Cancelled"),
                    ("matched", "Matched"),
                ],
                default="sent",
                max_length=9,
            ),
        ),
        migrations.RunSQL(
            "UPDATE settlement_statementimport SET status = 'matched' WHERE read_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="statementimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("read_at__isnull", False), ("status", "matched")),
                    ("status__in", ["waiting", "failed", "cancelled"]),
                    models.Q(("read_at", None), ("status", "sent")),
                    _connector="OR",
                ),
                name="statementimport_status_known",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"GRANT UPDATE ({COLUMNS}) ON settlement_statementimport TO {WEB}",
                    f"REVOKE UPDATE ({COLUMNS}) ON settlement_statementimport FROM {WEB}",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint(
                    model_name="statementimport", name="statementimport_tenancy"
                ),
                migrations.AddConstraint(
                    model_name="statementimport",
                    constraint=core.tenancy.models.TenantPolicy(
                        name="statementimport_tenancy",
                        tenancy={"web": f"SELECT, INSERT, UPDATE ({BEFORE}, {COLUMNS})"},
                    ),
                ),
            ],
        ),
    ]
