"""Forms about vendors: contacts, service settings, prices."""

from __future__ import annotations

from typing import Any

from django import forms

from core.actors import Actor
from core.fields import NumberField
from ledger.forms.money import MoneyField
from ledger.queries.catalog import services_for
from orgs.forms.organization import date_field
from vendors.actions.contact import ContactDetails
from vendors.actions.service import Price, ServiceSettings
from vendors.models import VendorContact
from vendors.models.service import MAX_TURNAROUND


class ContactForm(forms.Form):
    """A person who answers for the vendor."""

    name = forms.CharField(max_length=150)
    email = forms.EmailField(label="E-mail", help_text="Links and one-time codes go to this address only.")
    role = forms.ChoiceField(choices=VendorContact.Role.choices)
    active = forms.BooleanField(
        required=False, initial=True, help_text="Switching it off ends links and sessions at once."
    )

    def details(self) -> ContactDetails:
        return ContactDetails(**self.cleaned_data)


class SettingForm(forms.Form):
    """What the vendor calls a service and how fast it answers."""

    code = forms.CharField(
        max_length=40, label="Vendor code", help_text="What the vendor calls this service."
    )
    turnaround_hours = NumberField(
        label="Turnaround target",
        min_value=0,
        max_value=MAX_TURNAROUND // 60,
        max_digits=6,
        decimal_places=2,
        help_text="From request to result, around the clock.",
    )
    active = forms.BooleanField(required=False, initial=True, label="Can be ordered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["turnaround_hours"].suffix = "hours"  # type: ignore[attr-defined]

    def clean_turnaround_hours(self) -> int | None:
        if self.cleaned_data["turnaround_hours"] is None:
            return None
        minutes = round(self.cleaned_data["turnaround_hours"] * 60)
        if minutes < 1:
            raise forms.ValidationError("The target is at least one minute.")
        return int(minutes)

    def settings(self) -> ServiceSettings:
        data = self.cleaned_data
        return ServiceSettings(data["code"].strip(), data["turnaround_hours"], data["active"])


class PriceForm(forms.Form):
    """What the vendor bills and what the service sells for, from a day on."""

    starts_on = date_field(label="From")
    buy = MoneyField(label="Buy price", help_text="What the vendor bills.")
    sell = MoneyField(label="Sell price", help_text="What the service sells for. Vendors never see it.")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("buy", "sell"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]

    def price(self) -> Price:
        data = self.cleaned_data
        return Price(data["starts_on"], data["buy"], data["sell"])


class NewSettingForm(SettingForm, PriceForm):
    """A service that the vendor performs from now on, with its first price."""

    service: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label="Our service", empty_label="Choose a service"
    )
    field_order = ["service", "code", "turnaround_hours", "active", "starts_on", "buy", "sell"]
    sections = [("Price", "", ["starts_on", "buy", "sell"])]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["turnaround_hours"].required = False
        self.fields["service"].queryset = services_for(actor).filter(status="active")  # type: ignore[attr-defined]
