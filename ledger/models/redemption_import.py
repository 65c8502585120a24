"""Files of redemptions that took place elsewhere: what was sent, and what became of each line."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class RedemptionImport(TenantModel):
    """A file that the worker checks, and then redeems a batch at a time; `position` is the last line that it took.

    The file goes once its lines were read, and the lines after a while; who sent what when, and what it came to, stays.
    """

    class Status(models.TextChoices):
        SENT = "sent", "Being checked"
        CHECKED = "checked", "Checked"
        WAITING = "waiting", "Redeeming"
        REDEEMED = "redeemed", "Redeemed"
        CANCELLED = "cancelled", "Stopped"
        FAILED = "failed", "Failed"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (status, content, line_count, open_count, redeemed_count, repeated_count,"
        " refused_count, position, note, started_by_id, started_by, ended_at, lines_removed_at)"
    )

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True, help_text="Until its lines were read.")
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was sent.")
    status = models.CharField(max_length=9, choices=Status, default=Status.SENT)
    line_count = models.PositiveIntegerField(default=0)
    open_count = models.PositiveIntegerField(default=0, help_text="Lines that are to be redeemed.")
    redeemed_count = models.PositiveIntegerField(default=0)
    repeated_count = models.PositiveIntegerField(default=0, help_text="Lines that were posted before.")
    refused_count = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True, help_text="Why it failed.")
    sent_by_id = models.BigIntegerField(null=True)
    sent_by = models.CharField(max_length=200)
    sent_at = models.DateTimeField(db_default=Now())
    started_by_id = models.BigIntegerField(null=True)
    started_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    lines_removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "import of redemptions"
        indexes = [models.Index(fields=["network", "-sent_at"], name="redemptionimport_sent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["sent", "checked", "waiting", "redeemed", "cancelled", "failed"]),
                name="redemptionimport_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", content__isnull=False)
                | (~Q(status="sent") & Q(content__isnull=True)),
                name="redemptionimport_file_until_read",
            ),
            models.CheckConstraint(
                condition=Q(
                    line_count=models.F("open_count")
                    + models.F("redeemed_count")
                    + models.F("repeated_count")
                    + models.F("refused_count")
                ),
                name="redemptionimport_counts_every_line",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(note=""), name="redemptionimport_failed_why"
            ),
            models.CheckConstraint(
                condition=Q(lines_removed_at=None) | ~Q(status__in=["sent", "waiting"]),
                name="redemptionimport_waits_with_lines",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class RedemptionImportLine(TenantModel):
    """One line, numbered as an editor does, in the order in which they are redeemed; what can't be read has no day."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", "Refused"
        OPEN = "open", "To be redeemed"
        REPEATED = "repeated", "Posted before"
        REDEEMED = "redeemed", "Redeemed"

    tenancy = Tenancy(web="SELECT, INSERT, DELETE, UPDATE (outcome, code, text)", keyed=False)

    imported = TenantKey(RedemptionImport, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    number = models.PositiveIntegerField(help_text="The line of the file.")
    key = models.CharField(max_length=60, blank=True)
    entitlement = models.CharField(max_length=60, blank=True)
    service = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveIntegerField(null=True)
    on = models.DateField(null=True)
    organization = models.CharField(max_length=60, blank=True, help_text="Its code.")
    patient = models.CharField(max_length=60, blank=True, help_text="An identifier.")
    outcome = models.CharField(max_length=8, choices=Outcome)
    code = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=500, blank=True, help_text="Why it was refused.")

    class Meta:
        verbose_name = "line of an import of redemptions"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "imported", "position"], name="redemptionimportline_once"
            ),
            models.UniqueConstraint(
                fields=["network", "imported", "number"], name="redemptionimportline_number_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["refused", "open", "repeated", "redeemed"]),
                name="redemptionimportline_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refused") & ~Q(text="")
                | ~Q(outcome="refused") & Q(text="", on__isnull=False),
                name="redemptionimportline_refused_why",
            ),
            models.CheckConstraint(
                condition=Q(on__isnull=False, quantity__isnull=False, quantity__gt=0)
                | Q(on__isnull=True, quantity__isnull=True),
                name="redemptionimportline_read_or_not",
            ),
        ]
        indexes = [
            models.Index(
                fields=["network", "imported", "outcome", "position"], name="redemptionimportline_by"
            )
        ]

    @property
    def access_organization_id(self) -> int:
        return self.imported.organization_id
