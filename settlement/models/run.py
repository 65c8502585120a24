"""Settlement runs: which lines they net, what each pair and each organization comes to."""

from __future__ import annotations

from django.db import models

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class SettlementRun(TenantModel, VersionedModel):
    """One run. `rules/run.py` says which state follows which; somebody else than who proposed it approves it."""

    class Method(models.TextChoices):
        BILATERAL = "bilateral", "Pair by pair"
        MULTILATERAL = "multilateral", "All with all"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Waits for approval"
        APPROVED = "approved", "Approved"
        PAYING = "paying", "Being paid"
        SETTLED = "settled", "Settled"
        CANCELLED = "cancelled", "Cancelled"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    organization = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who runs it.",
    )
    key = models.CharField("idempotency key", max_length=120)
    payload_hash = models.CharField(max_length=64, help_text="SHA-256 of what was asked for.")
    number = models.PositiveIntegerField(help_text="Counts the network's runs.")
    method = models.CharField(max_length=12, choices=Method)
    currency = models.CharField(max_length=3)
    cutoff_on = models.DateField(help_text="The last effective date of what is netted.")
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    items_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 over its lines.")
    content_hash = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over items, payments and payees, as approved."
    )
    item_count = models.PositiveIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0, help_text="All that was owed either way.")
    net_minor = models.BigIntegerField(default=0, help_text="The sum of the payments.")
    pay_on = models.DateField(null=True, help_text="When it is to be paid.")
    proposed_at = models.DateTimeField()
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_by_label = models.CharField(max_length=200)
    approved_at = models.DateTimeField(null=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_by_label = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was cancelled.")
    event = TenantKey(
        "ledger.LedgerEvent", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "settlement run"
        constraints = [
            models.UniqueConstraint(fields=["network", "key"], name="settlementrun_key_unique"),
            models.UniqueConstraint(fields=["network", "number"], name="settlementrun_number_unique"),
            models.UniqueConstraint(
                fields=["network", "event"],
                condition=models.Q(event__isnull=False),
                name="settlementrun_event_once",
            ),
            models.CheckConstraint(
                condition=models.Q(method__in=["bilateral", "multilateral"]),
                name="settlementrun_method_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["proposed", "approved", "paying", "settled", "cancelled"]),
                name="settlementrun_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="cancelled")
                | models.Q(status="proposed", approved_at__isnull=True, content_hash="")
                | (
                    models.Q(status__in=["approved", "paying", "settled"], approved_at__isnull=False)
                    & ~models.Q(content_hash="")
                    & ~models.Q(approved_by_label="")
                ),
                name="settlementrun_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["paying", "settled"], event__isnull=False)
                | models.Q(status__in=["proposed", "approved", "cancelled"], event__isnull=True),
                name="settlementrun_posted",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True)
                | models.Q(approved_by_id__isnull=True, proposed_by_id__isnull=False)
                | models.Q(approved_by_id__isnull=False, proposed_by_id__isnull=True)
                | (
                    models.Q(approved_by_id__isnull=False)
                    & models.Q(proposed_by_id__isnull=False)
                    & ~models.Q(approved_by_id=models.F("proposed_by_id"))
                )
                | (
                    models.Q(approved_by_id__isnull=True)
                    & models.Q(proposed_by_id__isnull=True)
                    & ~models.Q(approved_by_label=models.F("proposed_by_label"))
                ),
                name="settlementrun_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-number"], name="settlementrun_newest"),
            models.Index(fields=["network", "organization"], name="settlementrun_place"),
        ]

    def __str__(self) -> str:
        return f"Settlement {self.number}"

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)


class SettlementItem(TenantModel):
    """One journal line that a run nets. The key makes netting a line twice impossible; a cancelled run gives it back.

    Rows come and go by the million in single statements, so their keys are proven by a statement's trigger
    (sql/0011_items.up.sql) and not row by row.
    """

    tenancy = Tenancy(web="SELECT, INSERT, DELETE", keyed=False)

    pk = models.CompositePrimaryKey("network_id", "event_id", "line_no")
    event_id = models.BigIntegerField()
    line_no = models.IntegerField()
    run_id = models.BigIntegerField()

    class Meta:
        verbose_name = "settled line"
        indexes = [models.Index(fields=["network", "run_id"], name="settlementitem_run")]


class SettlementPair(TenantModel):
    """What two organizations of a run owe one another: gross either way, and under which agreement it is netted."""

    tenancy = Tenancy(web="SELECT, INSERT")

    run = TenantKey(
        "settlement.SettlementRun", on_delete=models.PROTECT, related_name="pairs", db_index=False
    )
    first = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    second = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    agreement = TenantKey(
        "settlement.NettingAgreement", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    first_owes_minor = models.BigIntegerField()
    second_owes_minor = models.BigIntegerField()
    item_count = models.PositiveIntegerField()

    class Meta:
        verbose_name = "pair of a settlement run"
        constraints = [
            models.UniqueConstraint(fields=["network", "run", "first", "second"], name="settlementpair_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="settlementpair_ordered"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "first", "run"], name="settlementpair_first"),
            models.Index(fields=["network", "second", "run"], name="settlementpair_second"),
        ]


class Remittance(TenantModel):
    """What a run comes to for one organization, and the statement of it that was sent."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    run = TenantKey(
        "settlement.SettlementRun", on_delete=models.PROTECT, related_name="remittances", db_index=False
    )
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    owed_minor = models.BigIntegerField(help_text="What others owe it, gross.")
    owes_minor = models.BigIntegerField(help_text="What it owes others, gross.")
    item_count = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True, help_text="When its statement was put into the mail.")
    file_id = models.BigIntegerField(null=True, help_text="The stored PDF, as it was sent.")

    class Meta:
        verbose_name = "remittance statement"
        constraints = [
            models.UniqueConstraint(fields=["network", "run", "organization"], name="remittance_once"),
        ]
        indexes = [models.Index(fields=["network", "organization", "-run"], name="remittance_place")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def owed(self) -> Money:
        return Money(self.owed_minor, self.run.currency)

    @property
    def owes(self) -> Money:
        return Money(self.owes_minor, self.run.currency)

    @property
    def net(self) -> Money:
        """What it receives, + , or pays, -."""
        return self.owed - self.owes
