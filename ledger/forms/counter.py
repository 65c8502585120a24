"""Forms of the counter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms

from core.money import Money
from ledger.actions.sale import Order, Payer, Payment
from ledger.forms.money import MoneyField
from ledger.models import Entitlement, EntitlementLine, Package, Service
from ledger.queries.exchange import Rates
from ledger.rules.payment import PAYMENT_METHODS
from ledger.rules.refusals import Refusal
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


def ways_to_pay(methods: Sequence[str]) -> list[tuple[str, str]]:
    return [(method, PAYMENT_METHODS[method]) for method in methods]


class LookupForm(forms.Form):
    """Exact knowledge of an entitlement: the receipt's code, or identifier and birth date."""

    code = forms.CharField(
        max_length=40,
        required=False,
        label="Entitlement code",
        help_text="From the receipt, as in K7WM-2QPX-9DRA.",
    )
    identifier = forms.CharField(max_length=80, required=False, help_text="The whole identifier.")
    birth_date = date_field(required=False, label="Birth date")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            not data.get("code")
            and not (data.get("identifier") and data.get("birth_date"))
            and not self.errors
        ):
            raise forms.ValidationError("Enter the code, or the identifier together with the birth date.")
        return data


class SellSoFarForm(forms.Form):
    """As much of a sale as has a price: what is typed into its form until now."""

    quantity = forms.IntegerField(min_value=1, max_value=1000)
    discount = MoneyField(required=False)
    replaces = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["discount"].currency = currency  # type: ignore[attr-defined]


class SellForm(forms.Form):
    """A sale of one package: how many, what discount, how it is paid, and what is given for it."""

    quantity = forms.IntegerField(min_value=1, max_value=1000, initial=1)
    discount = MoneyField(required=False, help_text="Off the total; leave empty for none.")
    method = forms.ChoiceField(label="Paid by")
    second_method = forms.ChoiceField(required=False, label="And by")
    second_amount = MoneyField(required=False, label="Of which paid that way")

    def __init__(
        self,
        *args: Any,
        package: Package,
        seller: Organization,
        on: date,
        methods: Sequence[str],
        currency: str,
        rates: Rates,
        replaceable: Sequence[Entitlement] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.package, self.seller, self.on = package, seller, on
        self.currency, self.rates = currency, rates
        if package.use == Package.Use.COMPANY:
            self.fields["payer_name"] = forms.CharField(
                max_length=200, label="Company", help_text="Who pays for its people."
            )
            self.fields["payer_contact"] = forms.CharField(
                max_length=200, required=False, label="Contact there"
            )
            self.order_fields(["payer_name", "payer_contact"])
        self.replaceable = {str(one.pk): one for one in replaceable}
        if self.replaceable or self.data.get("replaces"):
            self.fields["replaces"] = self._replaces()
            self.order_fields(["quantity", "discount", "replaces"])
        offered = ways_to_pay(methods)
        self.fields["method"].choices = offered  # type: ignore[attr-defined]
        self.fields["second_method"].choices = [("", "Nothing else"), *offered]  # type: ignore[attr-defined]
        self.fields["discount"].currency = package.currency  # type: ignore[attr-defined]
        self.fields["second_amount"].currency = currency  # type: ignore[attr-defined]

    def _replaces(self) -> forms.ChoiceField:
        choices = [
            (pk, f"{one.package.name}, {one.code}: {Money(one.worth_minor, one.currency).format()}")  # type: ignore[attr-defined]
            for pk, one in self.replaceable.items()
        ]
        return forms.ChoiceField(
            choices=[("", "Nothing"), *choices],
            required=False,
            label="Given for it",
            help_text="What is left of another entitlement is taken off the price.",
        )

    def given(self) -> Entitlement | None:
        """The entitlement that is given for the package."""
        return self.replaceable.get(self.cleaned_data.get("replaces") or "")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.given() and (data.get("quantity") != 1 or data.get("discount")):
            self.add_error("replaces", "An entitlement is given for one package without a discount.")
        if bool(data.get("second_method")) != bool(data.get("second_amount")) and not self.errors:
            self.add_error("second_amount", "Choose the second way to pay together with its amount.")
        if not self.errors:
            self._check_due(data)
        return data

    def _check_due(self, data: dict[str, Any]) -> None:
        try:
            due, asked = self.due, self.asked()
        except Refusal as refusal:
            self.add_error(None, refusal.message)
            return
        if due.minor < 0:
            self.add_error("discount", f"The discount is more than the price of {self.price().format()}.")
        elif data.get("second_amount") and data["second_amount"].minor > asked.minor:
            self.add_error("second_amount", f"Only {asked.format()} is due.")

    def price(self) -> Money:
        return Money(self.package.price_minor * self.cleaned_data["quantity"], self.package.currency)

    def discount_given(self) -> Money:
        return self.cleaned_data["discount"] or Money(0, self.package.currency)

    @cached_property
    def due(self) -> Money:
        """What is to be paid, with the tax on top; raises Refusal where a tax rate is missing."""
        given = self.given()
        worth = given.worth_minor if given else 0  # type: ignore[attr-defined]
        quantity, discount = self.cleaned_data["quantity"], self.discount_given()
        order = Order(self.seller, self.package, quantity, discount, (), self.on, worth)
        return Money(order.due_minor, self.package.currency)

    def asked(self) -> Money:
        """What is due as the patient pays it here; raises Refusal without an exchange rate."""
        return self.rates.convert(self.due, self.currency)

    def payer(self) -> Payer:
        """The company that pays, of a package for its people."""
        return Payer(self.cleaned_data.get("payer_name", ""), self.cleaned_data.get("payer_contact", ""))

    def payments(self) -> list[Payment]:
        """What is asked, the second way to pay taken off the first."""
        second: Money | None = self.cleaned_data["second_amount"]
        parts = [(self.cleaned_data["method"], self.asked() - second if second else self.asked())]
        if second:
            parts.append((self.cleaned_data["second_method"], second))
        return [Payment(method, amount) for method, amount in parts if amount.minor]


class ChargeSoFarForm(forms.Form):
    """What is charged, and how often: as much of a charge as has a price."""

    service = forms.ModelChoiceField(Service.objects.none(), empty_label="Choose a service")
    quantity = forms.IntegerField(min_value=1, max_value=1000, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = Service.objects.filter(status=Service.Status.ACTIVE).order_by("name")
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        self.fields["quantity"].widget.attrs["class"] = "quantity"


class ChargeForm(ChargeSoFarForm):
    """A fee for service: what was done, how often, and how it is paid."""

    method = forms.ChoiceField(label="Paid by")

    def __init__(self, *args: Any, methods: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = ways_to_pay(methods)  # type: ignore[attr-defined]


class RefundForm(forms.Form):
    """Units of each line to refund, where they are paid out if there is a choice, and a reason."""

    reason = forms.CharField(
        max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="Kept in the audit trail."
    )

    def __init__(
        self,
        *args: Any,
        lines: list[EntitlementLine],
        places: QuerySet[Organization] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if places is not None:
            self.fields["organization"] = PlaceField(
                places, label="Paid out at", empty_label="Choose an organization"
            )
        # What was typed stays a field though nothing is left of it: the action knows whether it was this very form.
        self.lines = [line for line in lines if line.left_units or f"line_{line.pk}" in self.data]
        for line in self.lines:
            told = f"{line.left_text} of {line.quantity_text} unused."
            self.fields[f"line_{line.pk}"] = (
                _amount_of(line, told) if line.is_credit else _units_of(line, told)
            )
        self.order_fields([*(f"line_{line.pk}" for line in self.lines), "organization", "reason"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.chosen():
            raise forms.ValidationError("Say how many units to refund.")
        return data

    def chosen(self) -> list[tuple[EntitlementLine, int]]:
        found = []
        for line in self.lines:
            asked = self.cleaned_data.get(f"line_{line.pk}")
            units = asked.minor if isinstance(asked, Money) else asked
            if units:
                found.append((line, units))
        return found


def _units_of(line: EntitlementLine, told: str) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0,
        max_value=line.quantity,
        required=False,
        initial=line.left_units,
        label=line.what,
        help_text=told,
    )


def _amount_of(line: EntitlementLine, told: str) -> MoneyField:
    currency = line.entitlement.currency
    return MoneyField(
        required=False,
        currency=currency,
        initial=Money(line.left_units, currency),
        label=line.what,
        help_text=told,
    )
