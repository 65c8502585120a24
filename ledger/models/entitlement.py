"""What patients bought and have left."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from core.money import Money
from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel, proven_key


class Entitlement(PostedModel):
    """A patient's purchased right; its holder owes the care."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        VOID = "void", "Void"

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (status)")

    code = models.CharField(max_length=20, help_text="The code on the receipt.")
    sale_event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    package = TenantKey("ledger.Package", on_delete=models.PROTECT, related_name="+", db_index=False)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    expires_on = models.DateField(
        null=True, help_text="The last day on which it can be used; none: without end."
    )
    status = models.CharField(max_length=10, choices=Status)

    class Meta:
        verbose_name = "entitlement"
        constraints = [
            models.UniqueConstraint(fields=["network", "code"], name="entitlement_code_unique"),
            models.UniqueConstraint(fields=["network", "sale_event"], name="entitlement_one_per_sale"),
            models.CheckConstraint(
                condition=models.Q(price_minor__gte=0), name="entitlement_price_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__gte=F("starts_on")), name="entitlement_period"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "void"]), name="entitlement_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "patient"], name="entitlement_patient"),
            models.Index(fields=["network", "holder", "package"], name="entitlement_holder"),
            models.Index(fields=["network", "package"], name="entitlement_package"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def access_organization_id(self) -> int:
        return self.holder_id

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class EntitlementLine(PostedModel):
    """So many units of one service, at the price allocated to them; left and open are the sums of its movements.

    `used_units` counts what was taken (redeemed and refunded) and `booked_minor` is its net amount. Nothing is ever
    overdrawn: `left_units` and `open_minor` have a floor.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (left_units, open_minor)")

    entitlement = TenantKey(
        "ledger.Entitlement", on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.IntegerField()
    total_minor = models.BigIntegerField()
    left_units = models.IntegerField()
    open_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "entitlement line"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "entitlement", "service"], name="entitlementline_service_once"
            ),
            # One constraint for all: each costs every posting, whatever it says.
            models.CheckConstraint(
                condition=models.Q(
                    quantity__gte=1,
                    total_minor__gte=0,
                    left_units__gte=0,
                    left_units__lte=F("quantity"),
                    open_minor__gte=0,
                ),
                name="entitlementline_floor",
            ),
        ]
        indexes = [models.Index(fields=["network", "service"], name="entitlementline_service")]

    @property
    def access_organization_id(self) -> int:
        return self.entitlement.holder_id

    @property
    def used_units(self) -> int:
        return self.quantity - self.left_units

    @property
    def booked_minor(self) -> int:
        return self.total_minor - self.open_minor


class EntitlementMovement(PostedModel):
    """What one event did to one entitlement line: signed units and minor units. Append-only."""

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("event_id", "movement_no")
    event = proven_key("ledger.LedgerEvent", related_name="movements")
    movement_no = models.SmallIntegerField()
    entitlement_line = proven_key("ledger.EntitlementLine", related_name="movements")
    units = models.IntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "entitlement movement"
        indexes = [
            models.Index(fields=["network", "entitlement_line", "event"], name="entitlementmovement_line"),
        ]
