"""Statements that a counterparty or a bank sent, as they were sent and line by line."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel


class StatementMapping(TenantModel):
    """How the CSV files of one counterparty, or of the bank (none), are read: kept from the last that was."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (mapping)", keyed=False)

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    counterparty = TenantKey(
        "orgs.Organization", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    mapping = models.JSONField()

    class Meta:
        verbose_name = "column mapping"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "counterparty"],
                nulls_distinct=False,
                name="statementmapping_one_each",
            )
        ]


class StatementImport(TenantModel):
    """One file. What was sent never changes; after a while the file goes, and its lines stay.

    It is read once its columns are known; its balances and days are those that it says, or that somebody typed. The
    worker reads it, and then matches it: what `asked` and who started it say how, and `status` how far it is.
    """

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        CAMT = "camt.053", "camt.053"

    class Status(models.TextChoices):
        SENT = "sent", "Sent"
        WAITING = "waiting", "Being matched"
        FAILED = "failed", "Not read"
        CANCELLED = "cancelled", "Cancelled"
        MATCHED = "matched", "Matched"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (read_at, line_count, since, until, opening_minor, closing_minor, content,"
        " file_removed_at, status, asked, note, problems, started_by_id, started_by)"
    )

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    counterparty = TenantKey(
        "orgs.Organization",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="None: the bank of its cash account.",
    )
    currency = models.CharField(max_length=3)
    form = models.CharField("format", max_length=8, choices=Form)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    file_removed_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    line_count = models.PositiveIntegerField(default=0)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    sent_by_id = models.BigIntegerField(null=True)
    sent_by = models.CharField(max_length=200)
    sent_at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=9, choices=Status, default=Status.SENT)
    asked = models.JSONField(default=dict, help_text="How it is to be read: columns, days, opening balance.")
    note = models.CharField(max_length=500, blank=True, help_text="Why it was not read, or not matched.")
    problems = models.JSONField(default=list, help_text="[line, what is wrong with it].")
    started_by_id = models.BigIntegerField(null=True, help_text="None: the system.")
    started_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "statement"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "counterparty", "sha256", "currency"],
                nulls_distinct=False,
                name="statementimport_same_file_once",
            ),
            models.CheckConstraint(
                condition=models.Q(form__in=["csv", "camt.053"]), name="statementimport_form_known"
            ),
            models.CheckConstraint(
                condition=models.Q(read_at=None)
                | models.Q(
                    since__isnull=False,
                    until__gte=models.F("since"),
                    opening_minor__isnull=False,
                    closing_minor__isnull=False,
                ),
                name="statementimport_read_with_period",
            ),
            models.CheckConstraint(
                condition=models.Q(content__isnull=False, file_removed_at=None)
                | models.Q(content=None, file_removed_at__isnull=False),
                name="statementimport_file_or_removed",
            ),
            models.CheckConstraint(
                condition=models.Q(status="matched", read_at__isnull=False)
                | models.Q(status__in=["waiting", "failed", "cancelled"])
                | models.Q(status="sent", read_at=None),
                name="statementimport_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class StatementLine(TenantModel):
    """One line as the books see it: positive where it raises what is due to the organization, or its cash."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (finding_id)", keyed=False)

    statement = TenantKey(StatementImport, on_delete=models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveIntegerField(help_text="The line of the file, or the number of the entry.")
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=140, blank=True)
    text = models.CharField(max_length=300, blank=True)
    finding = TenantKey(
        "settlement.Finding", null=True, on_delete=models.PROTECT, related_name="theirs", db_index=False
    )

    class Meta:
        verbose_name = "line of a statement"
        constraints = [
            models.UniqueConstraint(fields=["network", "statement", "number"], name="statementline_once")
        ]
        indexes = [models.Index(fields=["network", "finding"], name="statementline_finding")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
