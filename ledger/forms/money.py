"""Amounts of money in forms: as the locale writes them, in the currency's own decimals, never a float."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core import locale
from core.money import Money

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


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
        if (
            not text or not self.currency
        ):  # a currency that is asked for, and was not chosen, is a problem of its own
            return None
        try:
            return Money.read(text, self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class InCurrency(forms.Form):
    """A form whose amounts are all in one currency, which is asked first where its organizations keep several."""

    currency_label = "Currency"
    currency_help = ""

    def ask_currency(self, books: QuerySet[Organization], usual: str) -> None:
        """To be called before fields of amounts are added; `usual` is offered first."""
        kept = sorted({usual, *books.order_by().values_list("currency", flat=True).distinct()})
        self.currency = usual if len(kept) == 1 else ""
        if len(kept) > 1:
            asked = forms.ChoiceField(
                choices=[(one, one) for one in kept],
                initial=usual,
                label=self.currency_label,
                help_text=self.currency_help,
            )
            self.fields = {"currency": asked, **self.fields}
        self._price_in(self.currency)

    def clean_currency(self) -> str:
        """The amounts, which are read next, are in it."""
        self.currency = self.cleaned_data["currency"]
        self._price_in(self.currency)
        return self.currency

    def _price_in(self, currency: str) -> None:
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency
