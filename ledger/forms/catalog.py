"""Forms of services, prices and packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from core.money import Money
from ledger.actions.package import Offer, Part
from ledger.forms.money import MoneyField
from ledger.models import Package, Service
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField, PlacesField

if TYPE_CHECKING:
    from orgs.models import Organization


class ServiceForm(forms.Form):
    """A service of the catalog."""

    code = forms.CharField(max_length=40, help_text="Short and unique; rules name it.")
    name = forms.CharField(max_length=200)
    category = forms.CharField(
        max_length=40, required=False, help_text="As in consultation, laboratory, physiotherapy."
    )


class ServiceEditForm(ServiceForm):
    """What can change of a service; its code stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"]


class PriceForm(forms.Form):
    """A list price at an organization and below it, from a day on."""

    organization = PlaceField(empty_label=None)
    price = MoneyField()
    starts_on = date_field(label="From")

    def __init__(self, *args: Any, places: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(places)  # type: ignore[attr-defined]
        self.fields["price"].currency = currency  # type: ignore[attr-defined]


LINES = 6


class PackageForm(forms.Form):
    """An offer: several services at one price."""

    name = forms.CharField(max_length=200)
    price = MoneyField()
    valid_days = forms.IntegerField(
        min_value=1,
        max_value=36500,
        required=False,
        label="Valid for days",
        help_text="From the day of sale; empty: without end.",
    )
    holder = PlaceField(required=False, empty_label="Whoever sells it", label="Care owed by")
    sellers = PlacesField(None, required=False, label="Sold at", help_text="None chosen: everywhere.")
    redeemers = PlacesField(None, required=False, label="Redeemed at", help_text="None chosen: everywhere.")

    def __init__(self, *args: Any, books: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("holder", "sellers", "redeemers"):
            self.fields[name].set_places(books)  # type: ignore[attr-defined]
        services = Service.objects.filter(status=Service.Status.ACTIVE).order_by("name")
        for number in range(1, LINES + 1):
            self.fields[f"service_{number}"] = forms.ModelChoiceField(
                services, required=number == 1, label=f"Service {number}", empty_label="–"
            )
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                min_value=1, max_value=10000, required=False, label="Quantity"
            )
            self.fields[f"standalone_{number}"] = MoneyField(
                required=False, currency=currency, label="Stand-alone price"
            )
        self.fields["price"].currency = currency  # type: ignore[attr-defined]
        names = [
            tuple(f"{part}_{n}" for part in ("service", "quantity", "standalone"))
            for n in range(1, LINES + 1)
        ]
        self.sections = [
            ("Services", "The price is allocated to them by the stand-alone price of one.", names)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, LINES + 1):
            if not data.get(f"service_{number}"):
                continue
            for part in ("quantity", "standalone"):
                if data.get(f"{part}_{number}") is None and f"{part}_{number}" not in self.errors:
                    self.add_error(f"{part}_{number}", "Fill this in for the service.")
        return data

    def offer(self) -> Offer:
        data = self.cleaned_data
        parts = [
            Part(data[f"service_{n}"], data[f"quantity_{n}"], data[f"standalone_{n}"])
            for n in range(1, LINES + 1)
            if data.get(f"service_{n}")
        ]
        return Offer(
            name=data["name"],
            price=data["price"],
            parts=parts,
            valid_days=data["valid_days"],
            holder=data["holder"],
            sellers=list(data["sellers"]),
            redeemers=list(data["redeemers"]),
        )

    @staticmethod
    def initial_of(package: Package) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "name": package.name,
            "price": package.price,
            "valid_days": package.valid_days,
            "holder": package.holder_id,
            "sellers": [row.organization_id for row in package.sellers.all()],
            "redeemers": [row.organization_id for row in package.redeemers.all()],
        }
        for number, line in enumerate(package.lines.order_by("pk"), start=1):
            initial |= {
                f"service_{number}": line.service_id,
                f"quantity_{number}": line.quantity,
                f"standalone_{number}": Money(line.standalone_minor, package.currency),
            }
        return initial


class NewPackageForm(PackageForm):
    """A new package, with its code."""

    code = forms.CharField(max_length=40, help_text="Short and unique.")

    field_order = ["code", "name", "price"]
