"""Forms of services, prices and packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from core.fields import NumberField
from core.money import Money
from ledger.actions.package import MOST_LINES, Offer, Part
from ledger.forms.money import InCurrency, MoneyField
from ledger.models import Package, Service, TaxCode
from ledger.queries.catalog import categories
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
    tax_code = forms.ModelChoiceField(
        TaxCode.objects.none(), required=False, empty_label="Exempt", label="Taxed with"
    )

    def __init__(self, *args: Any, tax_codes: QuerySet[TaxCode], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tax_code"].queryset = tax_codes  # type: ignore[attr-defined]


class ServiceEditForm(ServiceForm):
    """What can change of a service; its code stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"]

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        return {"name": service.name, "category": service.category, "tax_code": service.tax_code_id}


class PriceForm(forms.Form):
    """A list price at an organization and below it, from a day on."""

    organization = PlaceField(empty_label=None)
    price = MoneyField(help_text="In the currency of the organization's books.")
    starts_on = date_field(label="From")

    def __init__(self, *args: Any, places: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(places)  # type: ignore[attr-defined]
        currencies = list(places.order_by().values_list("currency", flat=True).distinct()[:2])
        self.fields["price"].currency = currencies[0] if len(currencies) == 1 else ""  # type: ignore[attr-defined]

    def clean_organization(self) -> Organization:
        """The price, which is read next, is in its currency."""
        place: Organization = self.cleaned_data["organization"]
        self.fields["price"].currency = place.currency  # type: ignore[attr-defined]
        return place


LINES = 6
CREDITS = 2


class PackageForm(InCurrency):
    """An offer: services and credit at one price, and the terms on which it is used, refunded and expires."""

    currency_label = "Priced in"
    currency_help = "What whoever owes the care keeps its books in."

    name = forms.CharField(max_length=200)
    price = MoneyField()
    valid_days = forms.IntegerField(
        min_value=1,
        max_value=36500,
        required=False,
        label="Valid for days",
        help_text="From the day of sale; empty: without end.",
    )
    refund = forms.ChoiceField(choices=Package.Refund, initial=Package.Refund.ALLOCATED_PRICE)
    refund_fee = MoneyField(required=False, help_text="Kept of a refund that is less a fee.")
    expiry = forms.ChoiceField(
        choices=Package.Expiry, initial=Package.Expiry.BREAKAGE_REVENUE, label="What nobody uses is"
    )
    breakage_percent = NumberField(
        min_value=0,
        max_digits=7,
        decimal_places=4,
        required=False,
        label="Expected breakage, %",
        help_text="Of its sales, never to be used; taken in proportion to what is. Empty: none.",
    )
    holder = PlaceField(required=False, empty_label="Whoever sells it", label="Care owed by")
    sellers = PlacesField(None, required=False, label="Sold at", help_text="None chosen: everywhere.")
    redeemers = PlacesField(None, required=False, label="Redeemed at", help_text="None chosen: everywhere.")

    def __init__(self, *args: Any, books: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_currency(books, currency)
        self.order_fields(["code", "name", "currency"])
        for name in ("holder", "sellers", "redeemers"):
            self.fields[name].set_places(books)  # type: ignore[attr-defined]
        self.lines = range(1, self._most("service") + 1)
        self.credits = range(1, max(CREDITS, self._most("credit")) + 1)
        self._add_services()
        self._add_credit()
        self.sections = [
            ("Terms", "", ["valid_days", "refund", "refund_fee", "expiry", "breakage_percent"]),
            (
                "Services",
                "The price is allocated to them by the stand-alone price of one.",
                [tuple(f"{part}_{n}" for part in ("service", "quantity", "standalone")) for n in self.lines],
            ),
            (
                "Credit",
                "An amount that is used at the list price of services: of any, or of one category.",
                [(f"credit_{n}", f"category_{n}") for n in self.credits],
            ),
        ]

    def _most(self, part: str) -> int:
        """So many rows as the form always has, and as the package has that is edited, or was typed."""
        given = {*self.initial, *(self.data or {})}
        numbers = [name.rpartition("_")[2] for name in given if name.rpartition("_")[0] == part]
        shown = [
            int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 3
        ]
        return min(max([LINES, *shown] if part == "service" else [0, *shown]), MOST_LINES)

    def _add_services(self) -> None:
        services = Service.objects.filter(status=Service.Status.ACTIVE).order_by("name")
        for number in self.lines:
            self.fields[f"service_{number}"] = forms.ModelChoiceField(
                services, required=False, label=f"Service {number}", empty_label="–"
            )
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                min_value=1, max_value=10000, required=False, label="Quantity"
            )
            self.fields[f"standalone_{number}"] = MoneyField(
                required=False, currency=self.currency, label="Stand-alone price"
            )

    def _add_credit(self) -> None:
        offered = [("", "Any service"), *((name, name.capitalize()) for name in categories())]
        for number in self.credits:
            self.fields[f"credit_{number}"] = MoneyField(
                required=False, currency=self.currency, label=f"Credit {number}"
            )
            self.fields[f"category_{number}"] = forms.ChoiceField(
                choices=offered, required=False, label="For"
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "currency" in self.errors:
            return data
        for number in self.lines:
            if not data.get(f"service_{number}"):
                continue
            for part in ("quantity", "standalone"):
                if data.get(f"{part}_{number}") is None and f"{part}_{number}" not in self.errors:
                    self.add_error(f"{part}_{number}", "Fill this in for the service.")
        if not self.errors and not self._parts():
            self.add_error("service_1", "Choose a service, or give credit.")
        return data

    def _parts(self) -> list[Part]:
        data = self.cleaned_data
        services = [
            Part(data[f"service_{n}"], data[f"quantity_{n}"], data[f"standalone_{n}"])
            for n in self.lines
            if data.get(f"service_{n}")
        ]
        credit = [
            Part.credit(data[f"credit_{n}"], data[f"category_{n}"])
            for n in self.credits
            if data.get(f"credit_{n}")
        ]
        return services + credit

    def offer(self) -> Offer:
        data = self.cleaned_data
        return Offer(
            name=data["name"],
            price=data["price"],
            parts=self._parts(),
            valid_days=data["valid_days"],
            holder=data["holder"],
            sellers=list(data["sellers"]),
            redeemers=list(data["redeemers"]),
            refund=data["refund"],
            refund_fee=data["refund_fee"],
            expiry=data["expiry"],
            breakage_percent=data["breakage_percent"],
            use=self.initial.get("use", Package.Use.PERSON),
            most_people=self.initial.get("most_people", 1),
        )

    @staticmethod
    def initial_of(package: Package) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "name": package.name,
            "price": package.price,
            "valid_days": package.valid_days,
            "refund": package.refund,
            "refund_fee": Money(package.refund_fee_minor, package.currency)
            if package.refund_fee_minor
            else None,
            "expiry": package.expiry,
            "breakage_percent": package.breakage_percent,
            "use": package.use,
            "most_people": package.most_people,
            "holder": package.holder_id,
            "sellers": [row.organization_id for row in package.sellers.all()],
            "redeemers": [row.organization_id for row in package.redeemers.all()],
        }
        lines = list(package.lines.order_by("pk"))
        for number, line in enumerate([one for one in lines if not one.is_credit], start=1):
            initial |= {
                f"service_{number}": line.service_id,
                f"quantity_{number}": line.quantity,
                f"standalone_{number}": Money(line.standalone_minor, package.currency),
            }
        for number, line in enumerate([one for one in lines if one.is_credit], start=1):
            initial |= {
                f"credit_{number}": Money(line.quantity, package.currency),
                f"category_{number}": line.category,
            }
        return initial


class NewPackageForm(PackageForm):
    """A new package, with its code."""

    code = forms.CharField(max_length=40, help_text="Short and unique.")

    field_order = ["code", "name", "price"]
