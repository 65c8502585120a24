"""The form of a top-up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms

from core.money import Money
from ledger.actions.sale import Payment
from ledger.actions.top_up import TopUp, order_of
from ledger.forms.counter import ways_to_pay
from ledger.forms.money import MoneyField
from ledger.queries.top_up import price_of
from ledger.rules.refusals import Refusal

if TYPE_CHECKING:
    from ledger.models import Entitlement, PackageLine
    from orgs.models import Organization


class TopUpSoFarForm(forms.Form):
    """More units of what a package has, and what discount: as much of a top-up as has a price."""

    discount = MoneyField(required=False, help_text="Off the total; leave empty for none.")

    def __init__(
        self,
        *args: Any,
        seller: Organization,
        entitlement: Entitlement,
        lines: Sequence[PackageLine],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seller, self.entitlement, self.lines = seller, entitlement, lines
        currency = entitlement.currency
        for line in lines:
            costs = price_of(entitlement, list(lines), {line.code: 1 if line.service_id else line.quantity})
            told = f"{Money(costs, currency)}"
            self.fields[f"line_{line.pk}"] = (
                forms.IntegerField(
                    min_value=0,
                    max_value=10_000,
                    required=False,
                    label=line.what,
                    help_text=f"{told} for one.",
                )
                if line.service_id
                else MoneyField(
                    required=False,
                    currency=currency,
                    label=line.what,
                    help_text=f"{told} for {line.quantity_text}.",
                )
            )
        self.fields["discount"].currency = currency  # type: ignore[attr-defined]
        self.order_fields([*(f"line_{line.pk}" for line in lines), "discount"])

    def order(self) -> TopUp:
        """What is asked for so far."""
        return order_of(self.seller, self.entitlement, self.units(), discount=self.discount_given())

    def units(self) -> dict[str, int]:
        """Units by the code of the package's line; of credit, minor units."""
        asked = {line.code: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        units = {code: one.minor if isinstance(one, Money) else one for code, one in asked.items()}
        return {code: one for code, one in units.items() if one}

    def discount_given(self) -> Money:
        return self.cleaned_data["discount"] or Money(0, self.entitlement.currency)


class TopUpForm(TopUpSoFarForm):
    """A top-up, and how it is paid."""

    method = forms.ChoiceField(label="Paid by")

    def __init__(self, *args: Any, methods: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = ways_to_pay(methods)  # type: ignore[attr-defined]
        self.order_fields([*(name for name in self.fields if name != "method"), "method"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.units():
            raise forms.ValidationError("Say how many units to buy.")
        if not self.errors:
            self._check_due()
        return data

    def _check_due(self) -> None:
        try:
            due = self.asked
        except Refusal as refusal:
            self.add_error(None, refusal.message)
            return
        if due.minor < 0:
            self.add_error("discount", f"The discount is more than the price of {self.price().format()}.")

    def price(self) -> Money:
        return Money(price_of(self.entitlement, list(self.lines), self.units()), self.entitlement.currency)

    @cached_property
    def asked(self) -> Money:
        """What is paid here, with the tax on top; raises Refusal where a tax rate or an exchange rate is missing."""
        return self.order().asked

    def payments(self) -> list[Payment]:
        return [Payment(self.cleaned_data["method"], self.asked)] if self.asked.minor else []
