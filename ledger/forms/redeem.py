"""The form of a redemption: units of a line, or credit for a service, with what the patient pays beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms

from ledger.actions.redemption import Rest
from ledger.actions.sale import Payment
from ledger.forms.counter import ways_to_pay
from ledger.forms.money import MoneyField
from ledger.models import Service

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from ledger.models import EntitlementLine


def services_for(line: EntitlementLine) -> QuerySet[Service]:
    """What credit is used for."""
    services = Service.objects.filter(status=Service.Status.ACTIVE).order_by("name")
    return services.filter(category=line.category) if line.category else services


class RedeemForm(forms.Form):
    """How many units of one line; of credit, for which service, and how what it leaves of the price is paid.

    `methods` are the ways to pay that rest, none where nothing may be charged; `currency` is what is paid in.
    """

    quantity = forms.IntegerField(min_value=1, max_value=1000, initial=1)

    def __init__(
        self,
        *args: Any,
        line: EntitlementLine,
        most: int = 0,
        methods: Sequence[str] = (),
        currency: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        at_once = f" At most {most} at once." if most else ""
        left = f"{line.left_text} of {line.quantity_text}"
        self.fields["quantity"].help_text = at_once.strip() if line.is_credit else f"{left} left.{at_once}"
        self.fields["quantity"].widget.attrs |= {"class": "quantity", "autofocus": not line.is_credit}
        if line.is_credit:
            self.fields["service"] = forms.ModelChoiceField(
                services_for(line),
                empty_label="Choose a service",
                help_text=f"Its list price here is taken from the credit, of which {left} is left.",
            )
            self.order_fields(["service", "quantity"])
            if methods:
                self._add_rest(line, methods, currency)

    def _add_rest(self, line: EntitlementLine, methods: Sequence[str], currency: str) -> None:
        offered = ways_to_pay(methods)
        self.fields["credit"] = MoneyField(
            required=False,
            currency=line.entitlement.currency,
            label="Of it from the credit",
            help_text="At most; leave empty for as much as there is.",
        )
        self.fields["method"] = forms.ChoiceField(
            choices=[("", "Nothing: the credit pays it all"), *offered],
            required=False,
            label="The rest is paid by",
        )
        self.fields["second_method"] = forms.ChoiceField(
            choices=[("", "Nothing else"), *offered], required=False, label="And by"
        )
        self.fields["second_amount"] = MoneyField(
            required=False, currency=currency, label="Of which paid that way"
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if bool(data.get("second_method")) != bool(data.get("second_amount")):
            self.add_error("second_amount", "Choose the second way to pay together with its amount.")
        if not data.get("method") and (data.get("credit") or data.get("second_method")):
            self.add_error("method", "Choose how the rest is paid.")
        return data

    def rest(self) -> Rest | None:
        """How what credit leaves of the price is paid, where it need not pay it all."""
        said = self.cleaned_data
        if not said.get("method"):
            return None
        others = (Payment(said["second_method"], said["second_amount"]),) if said["second_method"] else ()
        return Rest(said["method"], others, said["credit"])


class RedeemSoFarForm(forms.Form):
    """As much of a use of credit as has a price: what is typed into its form until now."""

    service = forms.ModelChoiceField(Service.objects.none())
    quantity = forms.IntegerField(min_value=1, max_value=1000)
    credit = MoneyField(required=False)

    def __init__(self, *args: Any, line: EntitlementLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services_for(line)  # type: ignore[attr-defined]
        self.fields["credit"].currency = line.entitlement.currency  # type: ignore[attr-defined]
