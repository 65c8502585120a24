"""Forms of quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from core.money import Money
from ledger.actions.quote import Offered
from ledger.actions.sale import Payer
from ledger.forms.counter import ways_to_pay
from ledger.forms.money import MoneyField
from orgs.forms.organization import date_field

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ledger.models import Package

LINES = 4


class QuoteForm(forms.Form):
    """For whom, until when, and which packages."""

    name = forms.CharField(max_length=200, label="For", help_text="Who asks, and isn\u2019t a patient yet.")
    valid_until = date_field(label="Good until")

    def __init__(
        self, *args: Any, packages: QuerySet[Package], currency: str, is_for_patient: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        if is_for_patient:
            del self.fields["name"]
        for number in range(LINES):
            self.fields[f"package_{number}"] = forms.ModelChoiceField(
                packages, required=number == 0, label="Package" if number == 0 else "And", empty_label="–"
            )
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                min_value=1,
                max_value=1000,
                required=False,
                label="How many",
                initial=1 if number == 0 else None,
            )
            self.fields[f"discount_{number}"] = MoneyField(
                required=False, currency=currency, label="Discount"
            )

        rows: list[str | tuple[str, ...]] = [
            tuple(f"{name}_{number}" for name in ("package", "quantity", "discount"))
            for number in range(LINES)
        ]
        self.sections = [("Packages", "The discount is off all of a line.", rows)]

    def quoted(self) -> list[Offered]:
        """What is offered; one of each package where no number is typed."""
        data = self.cleaned_data
        return [
            Offered(
                data[f"package_{number}"],
                data[f"quantity_{number}"] or 1,
                data[f"discount_{number}"] or Money(0, self.currency),
            )
            for number in range(LINES)
            if data.get(f"package_{number}")
        ]


class QuoteSellForm(forms.Form):
    """How a quote is paid, and by which company where it has a package for its people."""

    method = forms.ChoiceField(label="Paid by")

    def __init__(self, *args: Any, methods: Sequence[str], is_for_company: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = ways_to_pay(methods)  # type: ignore[attr-defined]
        if is_for_company:
            self.fields["payer_name"] = forms.CharField(max_length=200, label="Company")
            self.fields["payer_contact"] = forms.CharField(
                max_length=200, required=False, label="Contact there"
            )

    def payer(self) -> Payer:
        return Payer(self.cleaned_data.get("payer_name", ""), self.cleaned_data.get("payer_contact", ""))
