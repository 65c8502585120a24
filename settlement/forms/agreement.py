"""Forms of netting agreements and bank accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from core.money import Money
from ledger.forms.money import InCurrency, MoneyField
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField, PlacesField
from settlement.actions.agreement import Signed
from settlement.actions.bank_account import Typed
from settlement.models import NettingAgreement

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


class AgreementForm(InCurrency):
    """What was agreed, between whom, and who signed it."""

    currency_help = "Of the claims that are netted under it."

    name = forms.CharField(max_length=120)
    method = forms.ChoiceField(choices=NettingAgreement.Method.choices, label="Netting")
    legal_basis = forms.CharField(
        max_length=300, label="Legal basis", help_text="The contract and its clause."
    )
    minimum = MoneyField(
        required=False, label="Smallest payment", help_text="A smaller net amount is carried forward."
    )
    payment_days = forms.IntegerField(min_value=0, max_value=365, initial=14, label="Days to pay")
    starts_on = date_field(label="In force from")
    ends_on = date_field(required=False, label="Until", help_text="Empty: without end.")
    signed_on = date_field(label="Signed on")
    signed_by = forms.CharField(max_length=200, label="Signed by", help_text="Who signed, for each side.")
    parties = PlacesField(None, required=False, label="Parties")
    groups = PlacesField(None, required=False, label="Parties with all their own subs")
    wide = {"parties", "groups", "legal_basis", "name"}

    def __init__(self, *args: Any, books: QuerySet[Organization], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_currency(books, currency)
        self.order_fields(["name", "method", "legal_basis", "currency"])
        self.fields["parties"].set_places(books)  # type: ignore[attr-defined]
        self.fields["groups"].set_places(books)  # type: ignore[attr-defined]

    def signed(self) -> Signed:
        data = self.cleaned_data
        return Signed(
            name=data["name"],
            method=data["method"],
            legal_basis=data["legal_basis"],
            minimum=data["minimum"] or Money(0, self.currency),
            signed_on=data["signed_on"],
            signed_by=data["signed_by"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            payment_days=data["payment_days"],
            parties=list(data["parties"]),
            groups=list(data["groups"]),
        )


class EndAgreementForm(forms.Form):
    """The last day."""

    ends_on = date_field(label="Last day")


class BankAccountForm(forms.Form):
    """An account: an IBAN, or a number with the code of its bank."""

    organization = PlaceField(empty_label=None)
    holder = forms.CharField(max_length=70, help_text="As the bank knows it.")
    iban = forms.CharField(max_length=60, required=False, label="IBAN")
    account_number = forms.CharField(max_length=60, required=False, label="Or account number")
    bank_code = forms.CharField(
        max_length=60, required=False, label="Bank code", help_text="Such as an IFSC, sort or routing code."
    )
    bic = forms.CharField(max_length=20, required=False, label="BIC")

    def __init__(self, *args: Any, books: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]

    def typed(self) -> Typed:
        data = self.cleaned_data
        return Typed(
            **{name: data[name] for name in ("holder", "iban", "account_number", "bank_code", "bic")}
        )
