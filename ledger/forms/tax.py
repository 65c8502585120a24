"""Forms of tax codes."""

from __future__ import annotations

from typing import Any

from django import forms

from core.fields import NumberField
from ledger.models import TaxCode
from orgs.forms.organization import date_field


def _percent(**options: Any) -> NumberField:
    return NumberField(min_value=0, max_value=100, max_digits=7, decimal_places=4, label="Rate, %", **options)


class TaxCodeForm(forms.Form):
    """A tax code with its first rate."""

    code = forms.CharField(max_length=40, help_text="Short and unique, as in GST-18.")
    name = forms.CharField(max_length=200, help_text="As it stands on receipts.")
    method = forms.ChoiceField(choices=TaxCode.Method, label="Stands to prices")
    percent = _percent(required=False, help_text="Empty for what is exempt.")
    starts_on = date_field(label="From", required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("percent") is None:
            data["starts_on"] = None
        return data


class TaxRateForm(forms.Form):
    """Another rate from a day on."""

    percent = _percent()
    starts_on = date_field(label="From")
