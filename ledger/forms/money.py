"""Amounts of money in forms: as the locale writes them, in the currency's own decimals, never a float."""

from __future__ import annotations

from typing import Any

from django import forms

from core import locale
from core.money import Money


class MoneyField(forms.CharField):
    """An amount in a currency; `currency` is set by the form. Empty gives None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "amount"})

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(*args, max_length=20, **kwargs)

    @property
    def prefix(self) -> str:
        """What stands before the control."""
        return self.currency

    def prepare_value(self, value: Any) -> Any:
        """An amount that is filled in already, as it is read here."""
        return locale.editable(value.decimal()) if isinstance(value, Money) else value

    def clean(self, value: Any) -> Money | None:
        text = str(super().clean(value))
        if not text:
            return None
        try:
            return Money.read(text, self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
