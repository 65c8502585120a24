"""Files of organizations that were sent for import: their dry run line by line, and what became of them."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class OrganizationImport(TenantModel):
    """A file below the network's parent organization. What was sent never changes; the dry run is made anew.

    After a while the file goes, with the lines that repeat it; who sent which file when, and what it came to, stays.
    """

    class Status(models.TextChoices):
        CHECKED = "checked", "Dry run"
        WAITING = "waiting", "Importing"
        IMPORTED = "imported", "Imported"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (per_branch, status, fingerprint, note, new_count, changed_count, equal_count,"
        " refused_count, warning_count, left_out_count, started_by_id, started_by, ended_at, content, file_removed_at)"
    )

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    form = models.CharField("format", max_length=40)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was sent.")
    file_removed_at = models.DateTimeField(null=True)
    per_branch = models.BooleanField()
    status = models.CharField(max_length=10, choices=Status, default=Status.CHECKED)
    fingerprint = models.CharField(max_length=64, help_text="Of the dry run.")
    note = models.CharField(max_length=500, blank=True, help_text="Why it failed, or was compared again.")
    new_count = models.PositiveIntegerField()
    changed_count = models.PositiveIntegerField()
    equal_count = models.PositiveIntegerField()
    refused_count = models.PositiveIntegerField()
    warning_count = models.PositiveIntegerField()
    left_out_count = models.PositiveIntegerField()
    made_by_id = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField(db_default=Now())
    started_by_id = models.BigIntegerField(null=True)
    started_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "import"
        indexes = [models.Index(fields=["network", "-made_at"], name="organizationimport_made")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["checked", "waiting", "imported", "failed", "cancelled"]),
                name="organizationimport_status_known",
            ),
            models.UniqueConstraint(
                fields=["network"],
                condition=models.Q(status="waiting"),
                name="organizationimport_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["waiting", "imported"])
                | models.Q(per_branch=True)
                | models.Q(refused_count=0),
                name="organizationimport_all_or_nothing",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(ended_at=None) & ~models.Q(status__in=["imported", "failed", "cancelled"])
                )
                | models.Q(ended_at__isnull=False, status__in=["imported", "failed", "cancelled"]),
                name="organizationimport_ended",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="failed") | ~models.Q(note=""),
                name="organizationimport_failed_why",
            ),
            models.CheckConstraint(
                condition=models.Q(content__isnull=False, file_removed_at=None)
                | models.Q(content=None, file_removed_at__isnull=False),
                name="organizationimport_file_or_removed",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="waiting") | models.Q(file_removed_at=None),
                name="organizationimport_waits_with_file",
            ),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def file_bytes(self) -> bytes:
        """What was sent, while it is there."""
        assert self.content is not None
        return bytes(self.content)

    @property
    def writes(self) -> int:
        """How many organizations it adds or changes."""
        return self.new_count + self.changed_count


class ImportLine(TenantModel):
    """One line of a dry run: what a row comes to, or what is wrong with it, in the order of the report."""

    class Outcome(models.TextChoices):
        ERROR = "error", "Refused"
        WARNING = "warning", "Look at"
        LEFT_OUT = "left_out", "Left out"
        CHANGED = "changed", "Changed"
        NEW = "new", "New"

    tenancy = Tenancy(web="SELECT, INSERT, DELETE")

    imported = TenantKey(OrganizationImport, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    sort = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=120, help_text="The line or the resource.")
    code = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=1000)

    class Meta:
        verbose_name = "line of an import"
        constraints = [
            models.UniqueConstraint(fields=["network", "imported", "position"], name="importline_once"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["error", "warning", "left_out", "changed", "new"]),
                name="importline_outcome_known",
            ),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.imported.organization_id
