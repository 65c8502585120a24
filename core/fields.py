"""Form fields that every app may use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from core import locale


class NumberField(forms.DecimalField):
    """A number, typed and shown as the locale writes it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str) and value.strip():
            try:
                value = locale.read_number(value, self.decimal_places or 0)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from None
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return locale.editable(f"{value:f}") if isinstance(value, Decimal) else value
