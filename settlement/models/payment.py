"""Payments of a run, what was confirmed of them, and the bank accounts they go to."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class BankAccount(TenantModel, VersionedModel):
    """Where an organization pays from and is paid, in one currency: an IBAN, or a number at a bank known by its code."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    holder = models.CharField(max_length=70, help_text="The name that the bank knows.")
    iban = models.CharField(max_length=34, blank=True)
    account_number = models.CharField(max_length=34, blank=True)
    bank_code = models.CharField(max_length=35, blank=True, help_text="Such as an IFSC or routing number.")
    bic = models.CharField(max_length=11, blank=True)
    is_closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "bank account"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "currency"],
                condition=models.Q(is_closed=False),
                name="bankaccount_one_in_use",
            ),
            models.CheckConstraint(
                condition=(~models.Q(iban="") & models.Q(account_number="") & models.Q(bank_code=""))
                | (models.Q(iban="") & ~models.Q(account_number="") & ~models.Q(bank_code="")),
                name="bankaccount_named_once",
            ),
            models.CheckConstraint(condition=~models.Q(holder=""), name="bankaccount_holder"),
            models.CheckConstraint(
                condition=models.Q(iban="") | models.Q(iban__regex=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
                name="bankaccount_iban",
            ),
            models.CheckConstraint(
                condition=models.Q(bic="")
                | models.Q(bic__regex=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"),
                name="bankaccount_bic",
            ),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def number(self) -> str:
        return self.iban or self.account_number

    @property
    def masked(self) -> str:
        """The last four characters: enough to tell accounts apart, too few to pay to."""
        return f"•••• {self.number[-4:]}"


class SettlementPayment(TenantModel):
    """One payment that a run asks for. `confirmed_minor` is what came in and did not bounce."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    run = TenantKey(
        "settlement.SettlementRun", on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    number = models.PositiveIntegerField(help_text="Counts the payments of the run.")
    payer = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()
    confirmed_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "payment"
        constraints = [
            models.UniqueConstraint(fields=["network", "run", "number"], name="settlementpayment_number"),
            models.UniqueConstraint(
                fields=["network", "run", "payer", "receiver"], name="settlementpayment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0)
                & models.Q(confirmed_minor__gte=0)
                & models.Q(confirmed_minor__lte=models.F("amount_minor"))
                & ~models.Q(payer=models.F("receiver")),
                name="settlementpayment_sound",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "payer", "run"], name="settlementpayment_payer"),
            models.Index(fields=["network", "receiver", "run"], name="settlementpayment_receiver"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def access_organization_id(self) -> int:
        return self.run.organization_id

    @property
    def reference(self) -> str:
        """What the bank carries from end to end."""
        return f"S{self.run.number}-{self.number}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.run.currency)

    @property
    def confirmed(self) -> Money:
        return Money(self.confirmed_minor, self.run.currency)

    @property
    def outstanding(self) -> Money:
        return self.amount - self.confirmed


class PaymentConfirmation(TenantModel):
    """Money that arrived for a payment, in part or in full; a bounce takes it back, once."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    payment = TenantKey(
        "settlement.SettlementPayment",
        on_delete=models.PROTECT,
        related_name="confirmations",
        db_index=False,
    )
    amount_minor = models.BigIntegerField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=140, blank=True, help_text="What the bank statement says.")
    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_by_label = models.CharField(max_length=200)
    bounced_on = models.DateField(null=True)
    bounce_reason = models.CharField(max_length=500, blank=True)
    bounce_event = TenantKey(
        "ledger.LedgerEvent", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "confirmed payment"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="paymentconfirmation_amount"),
            models.CheckConstraint(
                condition=models.Q(bounced_on__isnull=True, bounce_event__isnull=True, bounce_reason="")
                | (
                    models.Q(bounced_on__isnull=False, bounce_event__isnull=False)
                    & ~models.Q(bounce_reason="")
                ),
                name="paymentconfirmation_bounced",
            ),
        ]
        indexes = [models.Index(fields=["network", "payment"], name="paymentconfirmation_of")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.payment.run.currency)
