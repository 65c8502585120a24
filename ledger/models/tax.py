"""What services are taxed with, and the tax of each event."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.search_key import normalize
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from ledger.models.posted import PostedModel


class TaxCode(TenantModel, VersionedModel):
    """One tax that services are sold with, of the whole network; what has none is exempt."""

    class Method(models.TextChoices):
        INCLUDED = "included", "Included in prices"
        ADDED = "added", "Added to prices"
        EXEMPT = "exempt", "Exempt"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        WITHDRAWN = "withdrawn", "Withdrawn"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    method = models.CharField(max_length=10, choices=Method)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    search_key = models.CharField(max_length=320, editable=False, db_collation="C")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "tax code"
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="taxcode_code_unique"),
            models.CheckConstraint(
                condition=models.Q(method__in=["included", "added", "exempt"]), name="taxcode_method_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "withdrawn"]), name="taxcode_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "name", "id"], name="taxcode_name"),
            models.Index(fields=["network", "search_key"], name="taxcode_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> None:
        """The tax codes belong to the whole network."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = normalize(f"{self.name} {self.code}")[:320]
        super().save(*args, **kwargs)


class TaxRate(TenantModel):
    """The rate of a tax code from a day on, until the next one begins. Never changed: what was posted names it."""

    tenancy = Tenancy(web="SELECT, INSERT")

    tax_code = TenantKey("ledger.TaxCode", on_delete=models.PROTECT, related_name="rates", db_index=False)
    starts_on = models.DateField()
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "tax rate"
        constraints = [
            models.UniqueConstraint(fields=["network", "tax_code", "starts_on"], name="taxrate_one_a_day"),
            models.CheckConstraint(condition=models.Q(percent__range=(0, 100)), name="taxrate_percent"),
        ]

    @property
    def access_organization_id(self) -> None:
        """The rates belong to the whole network."""


class TaxLine(PostedModel):
    """What one event makes due of a tax, or gives back (negative), in the books of who owes it. Append-only.

    Written by the database from the inputs of its event. `sale_event` is the sale whose prepaid services it is about.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT", keyed=False)

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="taxes", db_index=False)
    line_no = models.SmallIntegerField()
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    sale_event = TenantKey(
        "ledger.LedgerEvent", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    tax_code = TenantKey("ledger.TaxCode", on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(max_length=10, choices=TaxCode.Method)
    percent = models.DecimalField(max_digits=7, decimal_places=4)
    units = models.BigIntegerField()
    base_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    effective_on = models.DateField()

    class Meta:
        verbose_name = "tax of an event"
        constraints = [
            models.UniqueConstraint(fields=["network", "event", "line_no"], name="taxline_numbered"),
            models.CheckConstraint(
                condition=models.Q(method__in=["included", "added"], percent__range=(0, 100))
                | models.Q(method="exempt", percent=0, tax_minor=0),
                name="taxline_rate",
            ),
            models.CheckConstraint(
                condition=models.Q(tax_minor=0) | models.Q(percent__gt=0), name="taxline_tax_of_rate"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "effective_on"], name="taxline_period"),
            models.Index(fields=["network", "sale_event", "service"], name="taxline_sale"),
            models.Index(fields=["network", "tax_code"], name="taxline_code"),
            models.Index(fields=["network", "service"], name="taxline_service"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
