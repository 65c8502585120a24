"""Forms of settlement runs and payments."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from ledger.forms.money import InCurrency, MoneyField
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField, PlacesField
from settlement.models import SettlementPayment, SettlementRun

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


class ProposeForm(InCurrency):
    """What to net, until when, and how."""

    currency_help = "What is owed in another one is netted by another run."

    organization = PlaceField(
        label="Run by", empty_label=None, help_text="It and what lies below it is netted."
    )
    cutoff_on = date_field(label="Until", help_text="The last effective date of what is netted.")
    method = forms.ChoiceField(
        choices=[
            (SettlementRun.Method.BILATERAL.value, "Pair by pair: every two settle between them"),
            (
                SettlementRun.Method.MULTILATERAL.value,
                "All with all: each pays or receives once what is left",
            ),
        ],
        label="How",
    )
    organizations = PlacesField(None, required=False, label="Only between")
    wide = {"organizations"}

    def __init__(self, *args: Any, books: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_currency(books, currency)
        self.order_fields(["organization", "cutoff_on", "method", "currency"])
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        self.fields["organizations"].set_places(books)  # type: ignore[attr-defined]


class ApproveForm(forms.Form):
    """The content that the approver saw, by its hash."""

    content = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    wide = {"reason"}


class SettleForm(forms.Form):
    """On which day everything was paid."""

    on = date_field(label="Paid on")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class ConfirmForm(SettleForm):
    """How much arrived, when, and under which reference."""

    amount = MoneyField(label="Arrived")
    reference = forms.CharField(max_length=140, required=False, help_text="As the bank statement says it.")

    field_order = ["amount", "on", "reference"]

    def __init__(self, *args: Any, payment: SettlementPayment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = payment.run.currency  # type: ignore[attr-defined]
        self.fields["amount"].initial = payment.outstanding


class BounceForm(ReasonForm):
    """When the bank sent it back, and why."""

    on = date_field(label="Came back on")

    field_order = ["on", "reason"]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
