"""Many list prices changed at once."""

from __future__ import annotations

from django.db import models

from core import locale
from core.locale import MINUS
from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel
from ledger.rules.pricing import ROUNDINGS, Rounding


class PriceChange(TenantModel):
    """What was done to the list prices of services at an organization and below it, from a day on.

    The prices that it made name it. Until its day it can be taken back; then they go, and what they followed goes on.
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (undone_at, undone_by)")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=40, blank=True, help_text="Of the services; empty: all.")
    starts_on = models.DateField()
    percent = models.DecimalField(null=True, max_digits=7, decimal_places=4)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    rounding = models.CharField(max_length=10)
    prices = models.PositiveIntegerField(help_text="How many it made.")
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "change of prices"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__isnull=True, amount_minor__isnull=False)
                | models.Q(percent__isnull=False, amount_minor__isnull=True),
                name="pricechange_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(rounding__in=[str(one) for one in Rounding]),
                name="pricechange_rounding_known",
            ),
            models.CheckConstraint(condition=models.Q(prices__gte=1), name="pricechange_not_empty"),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by="")
                | models.Q(undone_at__isnull=False) & ~models.Q(undone_by=""),
                name="pricechange_undone",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization"], name="pricechange_organization"),
            models.Index(fields=["network", "-made_at", "-id"], name="pricechange_made"),
        ]

    @property
    def what(self) -> str:
        """It in words: +5 % on laboratory, rounded to 10."""
        if self.percent is not None:
            step = f"{locale.number(abs(self.percent.normalize()))} %"
        else:
            step = Money(abs(self.amount_minor or 0), self.currency).format()
        sign = "+" if (self.percent or self.amount_minor or 0) > 0 else MINUS
        return (
            f"{sign}{step} on {self.category or 'all services'}, rounded {ROUNDINGS[Rounding(self.rounding)]}"
        )

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
