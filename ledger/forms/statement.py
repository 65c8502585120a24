"""Filters of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from ledger.forms.journal import PeriodForm
from ledger.forms.report import one_currency
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

SCOPES = [("consolidated", "Consolidated"), ("alone", "This organization alone")]


class StatementFilter(PeriodForm):
    """Whose statement, as of when; with a first day, what moved since."""

    organization = PlaceField(by_code=True, empty_label=None)
    scope = forms.ChoiceField(choices=SCOPES, required=False, label="Books")

    field_order = ["organization", "scope", "since", "until"]

    def __init__(self, *args: Any, books: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        self.fields |= one_currency(books)


class DueFilter(forms.Form):
    """As of when."""

    until = PeriodForm.base_fields["until"]
