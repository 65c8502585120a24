"""What a vendor performs for the network: its code, our service, dated prices and the turnaround target."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel

MAX_TURNAROUND = 90 * 24 * 60


class VendorService(TenantModel, VersionedModel):
    """The service settings of one vendor for one of our services. Inactive settings can't be ordered."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField("vendor code", max_length=40, help_text="What the vendor calls this service.")
    turnaround_minutes = models.PositiveIntegerField(
        "turnaround target",
        validators=[MinValueValidator(1), MaxValueValidator(MAX_TURNAROUND)],
        help_text="Minutes from request to result.",
    )
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "service setting"
        constraints = [
            models.UniqueConstraint(fields=["network", "vendor", "service"], name="vendorservice_unique"),
            models.CheckConstraint(
                condition=models.Q(turnaround_minutes__range=(1, MAX_TURNAROUND)),
                name="vendorservice_turnaround",
            ),
        ]
        indexes = [models.Index(fields=["network", "service"], name="vendorservice_service")]

    def __str__(self) -> str:
        return self.code

    @property
    def access_organization_id(self) -> int:
        return self.vendor_id


class VendorPrice(TenantModel):
    """What a vendor bills (buy) and what the service sells for, from a day on until the next price."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE", keyed=False)

    vendor_service = TenantKey(
        "vendors.VendorService", on_delete=models.PROTECT, related_name="prices", db_index=False
    )
    starts_on = models.DateField("from")
    buy_minor = models.BigIntegerField()
    sell_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name = "price"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "vendor_service", "starts_on"], name="vendorprice_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(buy_minor__gte=0, sell_minor__gte=0), name="vendorprice_not_negative"
            ),
        ]

    @property
    def buy(self) -> Money:
        return Money(self.buy_minor, self.currency)

    @property
    def sell(self) -> Money:
        return Money(self.sell_minor, self.currency)
