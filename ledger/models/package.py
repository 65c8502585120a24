"""Offers: several services at one price, paid before they are performed."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.money import Money
from core.search_key import normalize
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class Package(TenantModel, VersionedModel):
    """One offer. Its holder owes the care; without one, whoever sells it does."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ON_SALE = "on_sale", "On sale"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Refund(models.TextChoices):
        ALLOCATED_PRICE = "allocated_price", "At the allocated price"
        NONE = "none", "Not refunded"

    class Expiry(models.TextChoices):
        BREAKAGE_REVENUE = "breakage_revenue", "Breakage revenue"
        UNCLAIMED_PROPERTY = "unclaimed_property", "Unclaimed property"

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
    expiry = models.CharField(max_length=30, choices=Expiry, default=Expiry.BREAKAGE_REVENUE)
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
                condition=models.Q(refund__in=["allocated_price", "none"]), name="package_refund_known"
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
    """So many units of one service, with the stand-alone price of a unit, by which the package's price is allocated."""

    package = TenantKey("ledger.Package", on_delete=models.CASCADE, related_name="lines", db_index=False)
    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    standalone_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "package line"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "package", "service"], name="packageline_service_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="packageline_quantity"),
            models.CheckConstraint(
                condition=models.Q(standalone_minor__gte=0), name="packageline_price_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["network", "service"], name="packageline_service")]


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
