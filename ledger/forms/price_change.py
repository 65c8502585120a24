"""The form of a change of many prices."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django import forms

from core.fields import NumberField
from ledger.forms.money import MoneyField
from ledger.queries.catalog import categories
from ledger.queries.price_change import PriceTerms
from ledger.rules.pricing import ROUNDINGS, PriceStep, Rounding
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


class PriceChangeForm(forms.Form):
    """Whose prices change, from when on, by how much, and how the result is rounded."""

    organization = PlaceField(label="At and below", empty_label=None, by_code=True)
    category = forms.ChoiceField(required=False, label="Services")
    starts_on = date_field(label="From")
    direction = forms.ChoiceField(choices=[("raise", "Raise"), ("lower", "Lower")], label="Prices")
    percent = NumberField(
        required=False,
        min_value=0,
        max_value=999,
        decimal_places=4,
        label="By percent",
        help_text="Or by an amount.",
    )
    amount = MoneyField(required=False, label="By amount")
    rounding = forms.ChoiceField(
        choices=[(str(one), label) for one, label in ROUNDINGS.items()], label="Rounded"
    )

    def __init__(self, *args: Any, places: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(places)  # type: ignore[attr-defined]
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", "All services"),
            *((one, one) for one in categories()),
        ]
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and bool(data.get("percent")) == bool(data.get("amount")):
            self.add_error("percent", "Enter a percentage or an amount, one of the two.")
        if not self.errors and data["amount"] and data["organization"].currency != data["amount"].currency:
            self.add_error("amount", f"{data['organization'].name} keeps {data['organization'].currency}.")
        return data

    def terms(self) -> PriceTerms:
        """What is asked, as the rules take it."""
        data = self.cleaned_data
        sign = 1 if data["direction"] == "raise" else -1
        step = PriceStep(
            percent=sign * Fraction(data["percent"]) if data["percent"] else None,
            amount_minor=sign * data["amount"].minor if data["amount"] else None,
            rounding=Rounding(data["rounding"]),
        )
        starts_on: date = data["starts_on"]
        return PriceTerms(data["organization"], data["category"], starts_on, step)
