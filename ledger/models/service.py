"""What is performed, and what it costs where."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.money import Money
from core.search_key import normalize
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class Service(TenantModel, VersionedModel):
    """One entry of the network's service catalog."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        RETIRED = "retired", "Retired"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=40, blank=True)
    tax_code = TenantKey(
        "ledger.TaxCode", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    search_key = models.CharField(max_length=320, editable=False, db_collation="C")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "service"
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="service_code_unique"),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "retired"]), name="service_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "name", "id"], name="service_name"),
            models.Index(fields=["network", "search_key"], name="service_search"),
            models.Index(fields=["network", "tax_code"], name="service_tax_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> None:
        """The catalog belongs to the whole network."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = normalize(f"{self.name} {self.code} {self.category}")[:320]
        super().save(*args, **kwargs)


class TariffPrice(TenantModel):
    """A list price, in force from `starts_on` to `ends_on` at an organization and below it.

    One that a change of many prices made names it, and the price of the same organization that it ended, if any.
    The nearest organization at or above with a price in force on the day applies. Two prices of one service at one
    organization never overlap (an exclusion constraint in sql/0002_guards.up.sql), and one that has begun is never deleted.
    """

    tenancy = Tenancy()

    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="prices", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    change = TenantKey(
        "ledger.PriceChange", null=True, on_delete=models.PROTECT, related_name="made", db_index=False
    )
    follows = TenantKey(
        "ledger.TariffPrice", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "list price"
        constraints = [
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="tariffprice_not_negative"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="tariffprice_period",
            ),
        ]
        indexes = [
            models.Index(
                fields=["network", "service", "organization", "starts_on"], name="tariffprice_service"
            ),
            models.Index(fields=["network", "organization"], name="tariffprice_organization"),
            models.Index(
                fields=["network", "change"],
                condition=models.Q(change__isnull=False),
                name="tariffprice_change",
            ),
            models.Index(
                fields=["network", "follows"],
                condition=models.Q(follows__isnull=False),
                name="tariffprice_follows",
            ),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)
