"""Forms of exchange rates and revaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core.fields import NumberField
from ledger.rules.quoted import COLUMNS, DECIMALS, LONGEST_SOURCE, Quoted
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

LARGEST = 4_000_000


def _currency(label: str) -> forms.CharField:
    return forms.CharField(
        max_length=3, label=label, widget=forms.TextInput(attrs={"autocapitalize": "characters", "size": 4})
    )


class RateForm(forms.Form):
    """One rate of one day."""

    base = _currency("One")
    value = NumberField(max_digits=24, decimal_places=DECIMALS, label="is worth")
    quote = _currency("of")
    on = date_field(label="On")
    source = forms.CharField(max_length=LONGEST_SOURCE, help_text="Who quoted it, such as a central bank.")
    wide = {"source"}

    def quoted(self) -> Quoted:
        data = self.cleaned_data
        return Quoted(data["base"].upper(), data["quote"].upper(), data["on"], data["value"], data["source"])


class RatesImportForm(forms.Form):
    """A CSV of rates, sent or typed; what a file says takes the place of what is typed."""

    file = forms.FileField(
        required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"})
    )
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=LARGEST,
        label="Rates",
        widget=forms.Textarea(attrs={"rows": 8, "class": "code", "spellcheck": "false"}),
        help_text=f"The first line names the columns: {','.join(COLUMNS)}. Days as 2026-01-31, rates as 83.1250.",
    )
    wide = {"file", "text"}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file = data.get("file")
        if file is not None and file.size > LARGEST:
            self.add_error("file", "This file is too large for rates. Divide it.")
        elif file is not None:
            try:
                file.seek(0)
                data["text"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "This file is not UTF-8 text. Save it as CSV in UTF-8.")
        if not self.errors and not data.get("text"):
            self.add_error("file", "Choose a file, or type the rates.")
        return data


class RevaluationForm(forms.Form):
    """Whose foreign balances, at the rates of which day."""

    organization = PlaceField(by_code=True, empty_label=None)
    on = date_field(label="At the rates of")
    below = forms.BooleanField(required=False, label="With everything below it")

    def __init__(self, *args: Any, books: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
