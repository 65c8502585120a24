"""Business events and their journal entries: an event is the header of its entry."""

from __future__ import annotations

from django.db import models

from core.money import Money
from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel, proven_key
from ledger.rules.accounts import account_type


class LedgerEvent(PostedModel):
    """One business event; with no line (a bill of zero, what one owes oneself) it has no journal entry. Append-only."""

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        REDEMPTION = "redemption", "Redemption"
        REFUND = "refund", "Refund"
        CHARGE = "charge", "Charge"
        VENDOR_BILL = "vendor_bill", "Vendor bill"
        JOURNAL = "journal", "Manual journal"
        VOID = "void", "Void"
        EXPIRY = "expiry", "Expiry"
        BREAKAGE = "breakage", "Breakage"
        UPGRADE = "upgrade", "Upgrade"
        TRANSFER = "transfer", "Transfer"
        EXTENSION = "extension", "Extension"
        FREEZE = "freeze", "Freeze"
        UNCLAIMED_PAYMENT = "unclaimed_payment", "Payment of unclaimed property"
        SETTLEMENT = "settlement", "Settlement"
        REVALUATION = "revaluation", "Currency revaluation"

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT")

    network = proven_key("core.Network", editable=False)
    key = models.CharField("idempotency key", max_length=120)
    payload_hash = models.BinaryField(max_length=32, help_text="SHA-256 of what the caller asked for.")
    kind = models.CharField(max_length=20, choices=Kind)
    effective_on = models.DateField()
    posted_at = models.DateTimeField()
    organization = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Where it happened.",
    )
    rule_version = TenantKey(
        "ledger.RuleVersion", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    inputs = models.JSONField(default=dict)
    voids = TenantKey("self", null=True, on_delete=models.PROTECT, related_name="voided_by", db_index=False)
    line_count = models.IntegerField()
    movement_count = models.SmallIntegerField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)

    class Meta:
        verbose_name = "ledger event"
        constraints = [
            models.UniqueConstraint(fields=["network", "key"], name="ledgerevent_key_unique"),
            models.UniqueConstraint(
                fields=["network", "voids"],
                condition=models.Q(voids__isnull=False),
                name="ledgerevent_voided_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "sale",
                        "redemption",
                        "refund",
                        "charge",
                        "vendor_bill",
                        "journal",
                        "void",
                        "expiry",
                        "breakage",
                        "upgrade",
                        "transfer",
                        "extension",
                        "freeze",
                        "unclaimed_payment",
                        "settlement",
                        "revaluation",
                    ]
                ),
                name="ledgerevent_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-effective_on", "-id"], name="ledgerevent_newest"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class JournalLine(PostedModel):
    """One line: signed minor units, debit +, credit -, never zero. Append-only.

    Organization, counterparty and currency are the account's, `effective_on` is the event's; they stand here for
    the statements' indexes.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("event_id", "line_no")
    event = proven_key("ledger.LedgerEvent", related_name="lines")
    line_no = models.IntegerField()
    account = proven_key("ledger.Account")
    organization = proven_key("orgs.Organization")
    counterparty = proven_key("orgs.Organization", null=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()

    class Meta:
        verbose_name = "journal line"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0)
                & models.Q(line_no__gte=1)
                & (models.Q(counterparty__isnull=True) | ~models.Q(counterparty=models.F("organization"))),
                name="journalline_sound",
            ),
        ]
        indexes = [
            models.Index(
                fields=["network", "account", "effective_on", "event"],
                include=["amount_minor"],
                name="journalline_account",
            ),
            models.Index(
                fields=["network", "organization", "effective_on", "event"],
                include=["account", "amount_minor"],
                name="journalline_organization",
            ),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def credit(self) -> Money:
        """The amount of a credit line, without its sign."""
        return Money(-self.amount_minor, self.currency)

    @property
    def label(self) -> str:
        return account_type(self.account.code).label
