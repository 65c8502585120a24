"""The document of a sale: what the receipt says."""

from __future__ import annotations

from django.db import models

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel
from ledger.models.package import Package


class Sale(TenantModel):
    """Who bought what, where, for how much, and how it was paid; the entitlement is what came of it.

    Written in the transaction of its event. It keeps the terms that the package was sold on and its tax point, whatever
    becomes of the package and the policy. The receipt's number is given afterwards, outside the posting path.
    """

    class TaxPoint(models.TextChoices):
        SALE = "sale", "At the sale"
        REDEMPTION = "redemption", "At each redemption"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (receipt_number)")

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = TenantKey("ledger.Entitlement", on_delete=models.PROTECT, related_name="+", db_index=False)
    seller = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    package = TenantKey("ledger.Package", on_delete=models.PROTECT, related_name="+", db_index=False)
    tops_up = TenantKey(
        "ledger.Entitlement",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The entitlement that has more units by this sale.",
    )
    quantity = models.PositiveIntegerField(help_text="How many packages.")
    price_minor = models.BigIntegerField(help_text="Before the discount.")
    discount_minor = models.BigIntegerField(default=0)
    tax_added_minor = models.BigIntegerField(default=0, help_text="Tax on top of the price.")
    tax_point = models.CharField(max_length=10, choices=TaxPoint, default=TaxPoint.SALE)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payments = models.JSONField(help_text="A list of {method, amount_minor, currency}.")
    payer_name = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="The company that pays for its people; empty: the patient.",
    )
    payer_contact = models.CharField(max_length=200, blank=True, default="")
    sold_on = models.DateField()
    refund = models.CharField(max_length=30, choices=Package.Refund)
    refund_fee_minor = models.BigIntegerField(default=0)
    expiry = models.CharField(max_length=30, choices=Package.Expiry)
    receipt_number = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = "sale"
        constraints = [
            models.UniqueConstraint(fields=["network", "event"], name="sale_one_per_event"),
            models.UniqueConstraint(fields=["network", "entitlement"], name="sale_one_per_entitlement"),
            models.UniqueConstraint(
                fields=["network", "seller", "receipt_number"], name="sale_receipt_unique"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="sale_quantity"),
            models.CheckConstraint(
                condition=models.Q(discount_minor__gte=0, tax_added_minor__gte=0, total_minor__gte=0)
                & models.Q(
                    total_minor=models.F("price_minor")
                    - models.F("discount_minor")
                    + models.F("tax_added_minor")
                ),
                name="sale_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(refund__in=Package.Refund.values)
                & (
                    models.Q(refund="allocated_price_less_fee", refund_fee_minor__gte=0)
                    | models.Q(refund_fee_minor=0)
                ),
                name="sale_refund",
            ),
            models.CheckConstraint(
                condition=models.Q(expiry__in=Package.Expiry.values), name="sale_expiry_known"
            ),
            models.CheckConstraint(
                condition=models.Q(tax_point__in=["sale", "redemption"]), name="sale_tax_point_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(tops_up=models.F("entitlement")), name="sale_tops_up_another"
            ),
            models.CheckConstraint(
                condition=models.Q(payer_contact="") | ~models.Q(payer_name=""), name="sale_payer_named"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "seller", "-sold_on", "-id"], name="sale_seller"),
            models.Index(fields=["network", "patient", "-id"], name="sale_patient"),
            models.Index(fields=["network", "holder"], name="sale_holder"),
            models.Index(
                fields=["network", "tops_up"],
                condition=models.Q(tops_up__isnull=False),
                name="sale_tops_up",
            ),
            models.Index(fields=["network", "package"], name="sale_package"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.seller_id

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def paid(self) -> list[tuple[str, Money]]:
        """How it was paid: money in the currency of the seller's books, what was given for it in that of the price."""
        return [
            (one["method"], Money(one["amount_minor"], one.get("currency", self.currency)))
            for one in self.payments
        ]
