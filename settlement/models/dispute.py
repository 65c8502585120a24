"""Items that a side does not agree to, and what both sides say about them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from settlement.rules.disputes import OUTCOMES, REASONS


class Dispute(VersionedModel, TenantModel):
    """One side disputes an item; it ends in a correction or in agreement. At most one is open for an item."""

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (awaits_id, answer_by, outcome, outcome_text, correction_id, closed_at,"
        " closed_by_id, closed_by, reminded_for, version)"
    )

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    account = TenantKey("ledger.Account", on_delete=models.PROTECT, related_name="+", db_index=False)
    side = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who disputes it.",
    )
    other = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    awaits = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who has to answer.",
    )
    answer_by = models.DateField()
    reminded_for = models.DateField(null=True, help_text="The day to answer by that was passed and told.")
    reason = models.CharField(max_length=20, choices=list(REASONS.items()))
    amount_minor = models.BigIntegerField(help_text="What is due to the creditor.")
    currency = models.CharField(max_length=3)
    effective_on = models.DateField()
    opened_at = models.DateTimeField(db_default=Now())
    opened_by_id = models.BigIntegerField(null=True)
    opened_by = models.CharField(max_length=200)
    outcome = models.CharField(max_length=10, blank=True, choices=list(OUTCOMES.items()))
    outcome_text = models.CharField(max_length=500, blank=True)
    correction = TenantKey(
        "ledger.LedgerEvent", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "dispute"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "account", "event"],
                condition=models.Q(closed_at=None),
                name="dispute_one_open",
            ),
            models.CheckConstraint(condition=models.Q(reason__in=list(REASONS)), name="dispute_reason_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(outcome__in=list(OUTCOMES)),
                name="dispute_outcome_known",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=False) | models.Q(outcome=""),
                name="dispute_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="corrected", correction__isnull=False)
                | (~models.Q(outcome="corrected") & models.Q(correction=None)),
                name="dispute_corrected_by_something",
            ),
            models.CheckConstraint(
                condition=models.Q(awaits=models.F("side")) | models.Q(awaits=models.F("other")),
                name="dispute_awaits_a_side",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "opened_at"], name="dispute_oldest"),
            models.Index(fields=["network", "side"], name="dispute_side"),
            models.Index(fields=["network", "other"], name="dispute_other"),
        ]

    def __str__(self) -> str:
        return f"Dispute of entry no. {self.event_id}"

    @property
    def access_organization_ids(self) -> tuple[int, ...]:
        return self.side_id, self.other_id

    @property
    def access_organization_id(self) -> int:
        return self.side_id

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class DisputeMessage(TenantModel):
    """What somebody said for one side, with at most one file. Append-only."""

    tenancy = Tenancy(web="SELECT, INSERT")

    dispute = TenantKey(Dispute, on_delete=models.PROTECT, related_name="messages", db_index=False)
    side = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(max_length=2000)
    file_id = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=200, blank=True)
    by_id = models.BigIntegerField(null=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "message"
        indexes = [models.Index(fields=["network", "dispute"], name="disputemessage_dispute")]
