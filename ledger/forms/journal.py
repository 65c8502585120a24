"""Filters of the journal."""

from __future__ import annotations

from typing import Any

from django import forms

from core import locale
from core.actors import Actor
from ledger.models import LedgerEvent
from ledger.permissions import JOURNAL_VIEW
from ledger.rules.accounts import CHART
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for


def currency_field(**kwargs: Any) -> forms.RegexField:
    """A currency, by its code."""
    wrong = {"invalid": "Write a currency as USD."}
    return forms.RegexField(r"^[A-Z]{3}\Z", label="Currency", error_messages=wrong, **kwargs)


class PeriodForm(forms.Form):
    """From one day to another."""

    since = date_field(required=False, label="From")
    until = date_field(required=False, label="Until")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", f"{locale.day(data['until'])} is before {locale.day(data['since'])}.")
        return data


class JournalFilter(PeriodForm):
    """Entries of some organization, kind and period."""

    organization = PlaceField(by_code=True, required=False, empty_label="All organizations")
    kind = forms.ChoiceField(choices=[("", "All kinds"), *LedgerEvent.Kind.choices], required=False)

    field_order = ["organization", "kind", "since", "until"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        books = organizations_for(actor, JOURNAL_VIEW).exclude(kind="third_party")
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]


_SCOPES = [
    ("alone", "This organization alone"),
    ("consolidated", "All that it consolidates"),
    ("eliminated", "What eliminates inside it"),
    ("remaining", "What remains after eliminations"),
    ("subtree", "With everything below it"),
    ("outside", "Partners below it"),
]


class LineFilter(JournalFilter):
    """Lines of some account and counterparty."""

    account = forms.ChoiceField(
        choices=[("", "All accounts"), *((code.value, row.label) for code, row in CHART.items())],
        required=False,
    )
    counterparty = PlaceField(by_code=True, required=False, empty_label="Any counterparty")
    scope = forms.ChoiceField(choices=_SCOPES, required=False, label="Books")
    currency = currency_field(required=False, widget=forms.TextInput(attrs={"placeholder": "Any", "size": 4}))

    field_order = ["organization", "scope", "account", "counterparty", "currency", "kind", "since", "until"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        visible = organizations_for(actor, "organization:view")
        self.fields["counterparty"].set_places(visible)  # type: ignore[attr-defined]


class ExportForm(PeriodForm):
    """Whose journal, of which days."""

    organization = PlaceField(by_code=True, empty_label=None)
    below = forms.BooleanField(required=False, label="With everything below it")

    field_order = ["organization", "below", "since", "until"]

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        books = organizations_for(actor, JOURNAL_VIEW).exclude(kind="third_party").order_by("lft")
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        self.fields["since"].required = self.fields["until"].required = True
