"""Reconciliations: one statement against the books, every line of both in exactly one finding."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from settlement.models.statement_import import StatementImport
from settlement.rules.findings import ANSWERS, CONFIRMED, NAMES, TO_DO


class Reconciliation(VersionedModel, TenantModel):
    """Opening, matched, exceptions, closing of one organization with one counterparty or bank in one period.

    Signed off it is read-only, what it found as well; a trigger holds that.
    """

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (version, opening_minor, closing_minor, elsewhere_minor, signed_at, signed_by_id, signed_by, countersigned_at,"
        " countersigned_by_id, countersigned_by, is_signed, content_hash, reopened_at, reopened_by, reopened_why)"
    )

    statement = TenantKey(StatementImport, on_delete=models.PROTECT, related_name="+", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    counterparty = TenantKey(
        "orgs.Organization", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    currency = models.CharField(max_length=3)
    since = models.DateField()
    until = models.DateField()
    opening_minor = models.BigIntegerField(help_text="In the books, before the first day.")
    closing_minor = models.BigIntegerField(help_text="In the books, at the end of the last day.")
    their_opening_minor = models.BigIntegerField()
    their_closing_minor = models.BigIntegerField()
    elsewhere_minor = models.BigIntegerField(
        default=0, help_text="Entries of the period that stand with a line of another statement."
    )
    begun_at = models.DateTimeField(db_default=Now())
    begun_by = models.CharField(max_length=200)
    signed_at = models.DateTimeField(null=True)
    signed_by_id = models.BigIntegerField(null=True)
    signed_by = models.CharField(max_length=200, blank=True)
    countersigned_at = models.DateTimeField(null=True)
    countersigned_by_id = models.BigIntegerField(null=True)
    countersigned_by = models.CharField(max_length=200, blank=True)
    is_signed = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64, blank=True, help_text="Of what was signed.")
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=200, blank=True)
    reopened_why = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "reconciliation"
        constraints = [
            models.UniqueConstraint(fields=["network", "statement"], name="reconciliation_one_a_statement"),
            models.CheckConstraint(
                condition=models.Q(is_signed=False)
                | (models.Q(signed_at__isnull=False) & ~models.Q(content_hash="")),
                name="reconciliation_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(countersigned_by_id=None)
                | (
                    models.Q(signed_by_id__isnull=False)
                    & ~models.Q(countersigned_by_id=models.F("signed_by_id"))
                ),
                name="reconciliation_two_people",
            ),
        ]
        indexes = [models.Index(fields=["network", "organization", "-until"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return f"{self.organization.name} with {self.with_whom}"

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def with_whom(self) -> str:
        return self.counterparty.name if self.counterparty else "its bank"

    @property
    def is_being_matched(self) -> bool:
        return self.statement.status == StatementImport.Status.WAITING

    @property
    def closing(self) -> Money:
        return Money(self.closing_minor, self.currency)

    @property
    def their_closing(self) -> Money:
        return Money(self.their_closing_minor, self.currency)

    @property
    def difference(self) -> Money:
        return self.closing - self.their_closing


class Finding(TenantModel):
    """Lines here and lines there that belong together, or one that stands alone; what is open waits for a person."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE, DELETE")

    reconciliation = TenantKey(
        Reconciliation, on_delete=models.PROTECT, related_name="findings", db_index=False
    )
    name = models.CharField(max_length=20, choices=list(NAMES.items()))
    on = models.DateField()
    ours_minor = models.BigIntegerField()
    theirs_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    confidence = models.PositiveSmallIntegerField(help_text="Percent.")
    reason = models.CharField(max_length=300)
    answer = models.CharField(max_length=10, blank=True, choices=list(ANSWERS.items()))
    note = models.CharField(max_length=500, blank=True)
    is_automatic = models.BooleanField(default=False)
    tolerance_minor = models.BigIntegerField(default=0, help_text="By policy, when it was matched.")
    dispute = TenantKey(
        "settlement.Dispute", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "finding"
        constraints = [
            models.CheckConstraint(condition=models.Q(name__in=list(NAMES)), name="finding_name_known"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | models.Q(answer__in=list(ANSWERS)),
                name="finding_answer_known",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=False) | models.Q(answer=""),
                name="finding_answered_then",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer=CONFIRMED) | models.Q(ours_minor=models.F("theirs_minor")),
                name="finding_confirmed_is_equal",
            ),
            models.CheckConstraint(
                condition=models.Q(is_automatic=False)
                | (
                    models.Q(tolerance_minor__gte=models.F("ours_minor") - models.F("theirs_minor"))
                    & models.Q(tolerance_minor__gte=models.F("theirs_minor") - models.F("ours_minor"))
                ),
                name="finding_automatic_within_tolerance",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__lte=100), name="finding_confidence_is_percent"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "reconciliation", "answer", "on"], name="finding_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}, {self.ours if self.ours_minor else self.theirs_amount}"

    @property
    def access_organization_id(self) -> int:
        return self.reconciliation.organization_id

    @property
    def ours(self) -> Money:
        return Money(self.ours_minor, self.currency)

    @property
    def theirs_amount(self) -> Money:
        return Money(self.theirs_minor, self.currency)

    @property
    def difference(self) -> Money:
        return self.ours - self.theirs_amount

    @property
    def to_do(self) -> str:
        return TO_DO[self.name]


class OurLine(TenantModel):
    """What the books had when the statement was matched: an event's lines on one account, positive as there."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (finding_id), DELETE", keyed=False)

    reconciliation = TenantKey(Reconciliation, on_delete=models.PROTECT, related_name="+", db_index=False)
    finding = TenantKey(Finding, on_delete=models.PROTECT, related_name="our_lines", db_index=False)
    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = TenantKey("ledger.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    text = models.CharField(max_length=200)

    class Meta:
        verbose_name = "line of the books"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "reconciliation", "event", "account"], name="ourline_once"
            )
        ]
        indexes = [
            models.Index(fields=["network", "finding"], name="ourline_finding"),
            models.Index(fields=["network", "event", "account"], name="ourline_item"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
