from django.db import migrations, models

from core.sql import sql_file
from core.tenancy.regrant import regrant

WRITTEN = (
    "per_branch, status, fingerprint, note, new_count, changed_count, equal_count,"
    " refused_count, warning_count, left_out_count, started_by_id, started_by, ended_at"
)


class Migration(migrations.Migration):
    dependencies = [("orgs", "0024_locales")]
    operations = [
        migrations.AddField(
            model_name="organizationimport",
            name="file_removed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="organizationimport",
            name="sha256",
            field=models.CharField(default="", help_text="Of the file as it was sent.", max_length=64),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "UPDATE orgs_organizationimport SET sha256 = encode(sha256(content), 'hex')", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="organizationimport",
            name="content",
            field=models.BinaryField(null=True),
        ),
        migrations.RunSQL(  # taken back, what was deleted is an empty file: the column can't be without one
            migrations.RunSQL.noop,
            "UPDATE orgs_organizationimport SET content = ''::bytea WHERE content IS NULL",
        ),
        migrations.AddConstraint(
            model_name="organizationimport",
            constraint=models.CheckConstraint(
                condition=models.Q(content__isnull=False, file_removed_at=None)
                | models.Q(content=None, file_removed_at__isnull=False),
                name="organizationimport_file_or_removed",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationimport",
            constraint=models.CheckConstraint(
                condition=~models.Q(status="waiting") | models.Q(file_removed_at=None),
                name="organizationimport_waits_with_file",
            ),
        ),
        regrant(
            "orgs_organizationimport",
            old={"web": f"SELECT, INSERT, UPDATE ({WRITTEN})"},
            new={"web": f"SELECT, INSERT, UPDATE ({WRITTEN}, content, file_removed_at)"},
        ),
        sql_file(__file__, "0026_import_files"),
    ]
