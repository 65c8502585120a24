"""Which figure somebody asks about: what stands in the address that it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from core.actors import Actor
from ledger.forms.journal import PeriodForm, currency_field
from ledger.forms.report import SCOPES
from ledger.permissions import JOURNAL_VIEW
from ledger.queries.figure_lines import BEGINNING, FIGURES, Asked
from ledger.rules.report import Scope
from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for


class FigureForm(PeriodForm):
    """A figure, whose, of which days, and what tells it from others of its kind."""

    figure = forms.ChoiceField(choices=list(FIGURES.items()))
    organization = PlaceField(by_code=True)
    scope = forms.ChoiceField(choices=[(one.value, words) for one, words in SCOPES.items()])
    currency = currency_field()
    account = forms.CharField(max_length=30, required=False)
    counterparty = PlaceField(by_code=True, required=False)
    code = forms.CharField(max_length=120, required=False)
    percent = forms.DecimalField(max_digits=7, decimal_places=4, required=False)

    def __init__(self, data: Mapping[str, Any], *, actor: Actor) -> None:
        books = organizations_for(actor, JOURNAL_VIEW).exclude(kind="third_party")
        said = {name: value for name, value in data.items() if value}
        if said and "organization" not in said:  # as on the page of reports
            said["organization"] = books.order_by("lft").values_list("code", flat=True).first()
        super().__init__(said)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        visible = organizations_for(actor, "organization:view")
        self.fields["counterparty"].set_places(visible)  # type: ignore[attr-defined]
        self.fields["until"].required = True

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(
            data["figure"],
            data["organization"],
            Scope(data["scope"]),
            data["currency"],
            data["until"],
            data["since"] or BEGINNING,
            data["account"],
            data["counterparty"],
            data["code"],
            str(data["percent"] or 0),
        )
