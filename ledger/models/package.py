"""Offers: several services at one price, paid before they are performed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from core.money import Money
from core.search_key import normalize
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from ledger.models.entitlement import credit_code, credit_name, units_text


class Package(TenantModel, VersionedModel):
    """One offer. Its holder owes the care; without one, whoever sells it does."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ON_SALE = "on_sale", "On sale"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Refund(models.TextChoices):
        ALLOCATED_PRICE = "allocated_price", "At the allocated price"
        LIST_PRICE_CLAWBACK = "list_price_clawback", "What was used is charged at its list price"
        ALLOCATED_PRICE_LESS_FEE = "allocated_price_less_fee", "At the allocated price, less a fee"
        NONE = "none", "Not refunded"

    class Expiry(models.TextChoices):
        BREAKAGE_REVENUE = "breakage_revenue", "Breakage revenue"
        UNCLAIMED_PROPERTY = "unclaimed_property", "Unclaimed property"

    class Use(models.TextChoices):
        PERSON = "person", "One person"
        FAMILY = "family", "A family"
        COMPANY = "company", "People of a company"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    holder = TenantKey(
        "orgs.Organization", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    valid_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Usable from the sale date to the sale date + n - 1; empty: without end.",
    )
    refund = models.CharField(max_length=30, choices=Refund, default=Refund.ALLOCATED_PRICE)
    refund_fee_minor = models.BigIntegerField(default=0, help_text="Kept of every refund less a fee.")
    expiry = models.CharField(max_length=30, choices=Expiry, default=Expiry.BREAKAGE_REVENUE)
    breakage_percent = models.DecimalField(
        null=True,
        blank=True,
        max_digits=7,
        decimal_places=4,
        help_text="The part of its sales that is expected never to be used; empty: no breakage is taken.",
    )
    use = models.CharField(max_length=10, choices=Use, default=Use.PERSON)
    most_people = models.PositiveIntegerField(
        default=1, help_text="Who may use one sale of it, the buyer included."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    search_key = models.CharField(max_length=320, editable=False, db_collation="C")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "package"
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="package_code_unique"),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="package_price_not_negative"),
            models.CheckConstraint(condition=models.Q(valid_days__gte=1), name="package_valid_days"),
            models.CheckConstraint(
                condition=models.Q(
                    refund__in=[
                        "allocated_price",
                        "list_price_clawback",
                        "allocated_price_less_fee",
                        "none",
                    ]
                ),
                name="package_refund_known",
            ),
            models.CheckConstraint(
                condition=models.Q(refund="allocated_price_less_fee", refund_fee_minor__gte=0)
                | models.Q(refund_fee_minor=0),
                name="package_refund_fee",
            ),
            models.CheckConstraint(
                condition=models.Q(breakage_percent__isnull=True)
                | models.Q(breakage_percent__gt=0, breakage_percent__lt=100, expiry="breakage_revenue"),
                name="package_breakage",
            ),
            models.CheckConstraint(
                condition=models.Q(use__in=["person", "family", "company"]), name="package_use_known"
            ),
            models.CheckConstraint(
                condition=models.Q(use="person", most_people=1)
                | ~models.Q(use="person") & models.Q(most_people__range=(2, 10_000)),
                name="package_use_people",
            ),
            models.CheckConstraint(
                condition=models.Q(expiry__in=["breakage_revenue", "unclaimed_property"]),
                name="package_expiry_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "on_sale", "withdrawn"]), name="package_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "name", "id"], name="package_name"),
            models.Index(fields=["network", "search_key"], name="package_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> None:
        """The offers belong to the whole network."""

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = normalize(f"{self.name} {self.code}")[:320]
        super().save(*args, **kwargs)


class PackageLine(TenantModel):
    """So many units of one service, with the stand-alone price of a unit, by which the package's price is allocated.

    Without a service it is credit: its units are minor units of money, each with a stand-alone price of one, to be used
    for any service, or for those of one `category`.
    """

    package = TenantKey("ledger.Package", on_delete=models.CASCADE, related_name="lines", db_index=False)
    service = TenantKey(
        "ledger.Service", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.CharField(max_length=40, blank=True, default="")
    quantity = models.BigIntegerField()
    standalone_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "package line"
        constraints = [
            models.UniqueConstraint(
                "network", "package", Coalesce("service", 0), "category", name="packageline_service_once"
            ),
            models.CheckConstraint(
                condition=models.Q(service__isnull=False, category="")
                | models.Q(service__isnull=True, standalone_minor=1),
                name="packageline_service_or_credit",
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="packageline_quantity"),
            models.CheckConstraint(
                condition=models.Q(standalone_minor__gte=0), name="packageline_price_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["network", "service"], name="packageline_service")]

    @property
    def is_credit(self) -> bool:
        """Whether its units are money rather than uses of one service."""
        return self.service_id is None

    @property
    def what(self) -> str:
        """What it is of, for people: the service's name, or the credit."""
        return self.service.name if self.service else credit_name(self.category)

    @property
    def quantity_text(self) -> str:
        """How much of it is sold, in words: units, or an amount of credit."""
        return units_text(self.quantity, self.package.currency if self.is_credit else "")

    @property
    def code(self) -> str:
        """The code of its service, or what stands for one where it is credit."""
        return self.service.code if self.service else credit_code(self.category)


class PackageSeller(TenantModel):
    """Where a package may be sold; a package without any is sold everywhere that keeps books."""

    package = TenantKey("ledger.Package", on_delete=models.CASCADE, related_name="sellers", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "seller of a package"
        constraints = [
            models.UniqueConstraint(fields=["network", "package", "organization"], name="packageseller_once"),
        ]
        indexes = [models.Index(fields=["network", "organization"], name="packageseller_organization")]


class PackageRedeemer(TenantModel):
    """Where a package may be redeemed; a package without any is redeemed everywhere that keeps books."""

    package = TenantKey("ledger.Package", on_delete=models.CASCADE, related_name="redeemers", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = "redeemer of a package"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "package", "organization"], name="packageredeemer_once"
            ),
        ]
        indexes = [models.Index(fields=["network", "organization"], name="packageredeemer_organization")]
