"""What is offered to somebody, in writing and for a time."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class Quote(TenantModel, VersionedModel):
    """An offer of packages to a patient, or to somebody who isn't one yet, until a day; then it lapses by itself."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        SOLD = "sold", "Sold"
        WITHDRAWN = "withdrawn", "Withdrawn"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (status, patient_id, version)")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()
    patient = TenantKey(
        "patients.Patient", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200, blank=True, help_text="Of who isn't a patient yet.")
    currency = models.CharField(max_length=3)
    valid_until = models.DateField(help_text="The last day.")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "quote"
        constraints = [
            models.UniqueConstraint(fields=["network", "organization", "number"], name="quote_number_unique"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="quote_number_positive"),
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "sold", "withdrawn"]), name="quote_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(patient__isnull=False) | ~models.Q(name="") & ~models.Q(status="sold"),
                name="quote_for_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "-made_at", "-id"], name="quote_organization"),
            models.Index(fields=["network", "patient"], name="quote_patient"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def label(self) -> str:
        """The number as it is printed, apart from those of receipts."""
        return f"{self.organization.code}-Q-{self.number}"

    @property
    def who(self) -> str:
        """For whom it is."""
        return self.patient.full_name if self.patient else self.name

    def has_lapsed(self, today: date) -> bool:
        return self.status == self.Status.OPEN and self.valid_until < today


class QuoteLine(TenantModel):
    """So many of one package, at the price of the day of the quote; `sale` is what came of it."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (sale_id)")

    quote = TenantKey("ledger.Quote", on_delete=models.PROTECT, related_name="lines", db_index=False)
    package = TenantKey("ledger.Package", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    price_minor = models.BigIntegerField(help_text="Of one.")
    discount_minor = models.BigIntegerField(default=0, help_text="Off all of them.")
    sale = TenantKey("ledger.Sale", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "line of a quote"
        constraints = [
            models.UniqueConstraint(fields=["network", "quote", "package"], name="quoteline_package_once"),
            models.UniqueConstraint(fields=["network", "sale"], name="quoteline_sale_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, price_minor__gte=0, discount_minor__gte=0)
                & models.Q(discount_minor__lte=F("price_minor") * F("quantity")),
                name="quoteline_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["network", "package"], name="quoteline_package")]

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.quote.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.quote.currency)

    @property
    def total(self) -> Money:
        return Money(self.price_minor * self.quantity - self.discount_minor, self.quote.currency)
