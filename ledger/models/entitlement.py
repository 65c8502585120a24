"""What patients bought and have left."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce

from core import locale
from core.money import Money
from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel, proven_key


def credit_code(category: str) -> str:
    """What stands for credit where services are named by their codes, which have no colon."""
    return f"credit:{category}"


def credit_name(category: str) -> str:
    """Credit in words, with the category of services that it is limited to."""
    return f"Credit for {category}" if category else "Credit"


def units_text(units: int, credit_currency: str) -> str:
    """Units in words; of credit, which has a currency, the amount that they are."""
    return Money(units, credit_currency).format() if credit_currency else locale.number(units)


class Entitlement(PostedModel):
    """A patient's purchased right; its holder owes the care.

    While it is frozen, from `frozen_on` to `frozen_until`, nothing of it is used, and it ends so much later.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        VOID = "void", "Void"

    tenancy = Tenancy(
        web="SELECT",
        poster="SELECT, INSERT, UPDATE (status, patient_id, expires_on, frozen_on, frozen_until)",
    )

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
    frozen_on = models.DateField(null=True)
    frozen_until = models.DateField(null=True, help_text="The last day of the freeze.")
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
            models.CheckConstraint(
                condition=models.Q(frozen_on__isnull=True, frozen_until__isnull=True)
                | models.Q(
                    frozen_on__isnull=False, frozen_until__isnull=False, frozen_until__gte=F("frozen_on")
                ),
                name="entitlement_freeze",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "patient"], name="entitlement_patient"),
            models.Index(fields=["network", "holder", "package"], name="entitlement_holder"),
            models.Index(fields=["network", "package"], name="entitlement_package"),
            models.Index(fields=["network", "expires_on"], name="entitlement_expires"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def access_organization_id(self) -> int:
        return self.holder_id

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    def is_frozen(self, on: date) -> bool:
        """Whether a day lies in its freeze."""
        if self.frozen_on is None or self.frozen_until is None:
            return False
        return self.frozen_on <= on <= self.frozen_until


class EntitlementLine(PostedModel):
    """So many units of one service, at the price allocated to them; left and open are the sums of its movements.

    A line without a service is credit: its units are minor units of money, used at the list price of any service, or of
    one of its `category`.

    `used_units` counts what was taken (redeemed and refunded) and `booked_minor` is its net amount. Nothing is ever
    overdrawn: `left_units` and `open_minor` have a floor.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (left_units, open_minor)")

    entitlement = TenantKey(
        "ledger.Entitlement", on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    service = TenantKey(
        "ledger.Service", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.CharField(
        max_length=40, default="", help_text="Of the services that credit is used for; empty: any."
    )
    quantity = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    left_units = models.BigIntegerField()
    open_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "entitlement line"
        constraints = [
            models.UniqueConstraint(
                "network",
                "entitlement",
                Coalesce("service", 0),
                "category",
                name="entitlementline_service_once",
            ),
            # One constraint for all: each costs every posting, whatever it says.
            models.CheckConstraint(
                condition=models.Q(
                    quantity__gte=1,
                    total_minor__gte=0,
                    left_units__gte=0,
                    left_units__lte=F("quantity"),
                    open_minor__gte=0,
                )
                & (models.Q(service__isnull=True) | models.Q(category="")),
                name="entitlementline_floor",
            ),
        ]
        indexes = [models.Index(fields=["network", "service"], name="entitlementline_service")]

    @property
    def access_organization_id(self) -> int:
        return self.entitlement.holder_id

    @property
    def is_credit(self) -> bool:
        """Whether its units are money rather than uses of one service."""
        return self.service_id is None

    @property
    def what(self) -> str:
        """What it is of, for people: the service's name, or the credit."""
        return self.service.name if self.service else credit_name(self.category)

    @property
    def recognition(self) -> dict[str, int | bool]:
        """What an event keeps of what the line was, to say how much its next units take."""
        return {
            "total_minor": self.total_minor,
            "units": self.quantity,
            "used": self.used_units,
            "booked_minor": self.booked_minor,
            "credit": self.is_credit,
        }

    @property
    def code(self) -> str:
        """The code of its service, or what stands for one where it is credit."""
        return self.service.code if self.service else credit_code(self.category)

    @property
    def left_text(self) -> str:
        """What is left, in words: units, or an amount of credit."""
        return units_text(self.left_units, self.entitlement.currency if self.is_credit else "")

    @property
    def quantity_text(self) -> str:
        """What was sold, in words: units, or an amount of credit."""
        return units_text(self.quantity, self.entitlement.currency if self.is_credit else "")

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
    units = models.BigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "entitlement movement"
        indexes = [
            models.Index(fields=["network", "entitlement_line", "event"], name="entitlementmovement_line"),
        ]


class EntitlementChange(PostedModel):
    """What a transfer, an extension or a freeze made of an entitlement: whose it is, and when it is usable, from then
    on. Append-only; the last one of an entitlement is what the entitlement says.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT", keyed=False)

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = TenantKey(
        "ledger.Entitlement", on_delete=models.PROTECT, related_name="changes", db_index=False
    )
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    expires_on = models.DateField(null=True)
    frozen_on = models.DateField(null=True)
    frozen_until = models.DateField(null=True)

    class Meta:
        verbose_name = "change of an entitlement"
        constraints = [
            models.UniqueConstraint(fields=["network", "event"], name="entitlementchange_one_per_event"),
        ]
        indexes = [
            models.Index(fields=["network", "entitlement", "event"], name="entitlementchange_of"),
            models.Index(fields=["network", "patient"], name="entitlementchange_patient"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.entitlement.holder_id
