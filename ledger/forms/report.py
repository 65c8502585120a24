"""What is asked of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from ledger.forms.journal import PeriodForm
from ledger.queries.report import KINDS, Kind, period_at
from ledger.rules.report import RELATIVE, Compare, Period, Scope, days_meant
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

SCOPES = {
    Scope.ALONE: "This organization alone",
    Scope.SUBTREE: "With everything below it",
    Scope.CONSOLIDATED: "Consolidated",
}
COMPARES = {
    Compare.NOTHING: "Nothing",
    Compare.PREVIOUS: "The period before",
    Compare.YEAR: "The same days a year before",
    Compare.ORGANIZATIONS: "Organizations side by side",
}


def one_currency(books: QuerySet[Organization]) -> dict[str, forms.Field]:
    """The field that asks for all in one currency, where some books are kept in several."""
    currencies = sorted(set(books.order_by().values_list("currency", flat=True).distinct()))
    if len(currencies) < 2:
        return {}
    choices = [("", "Each by itself"), *((code, f"All in {code}") for code in currencies)]
    return {"in": forms.ChoiceField(choices=choices, required=False, label="Currency")}


class ReportFilter(PeriodForm):
    """Whose books, which days, beside what. Days that are typed go before a period that is chosen."""

    kind = forms.ChoiceField(choices=[(kind.code, kind.title) for kind in KINDS.values()], label="Report")
    organization = PlaceField(by_code=True, empty_label=None)
    scope = forms.ChoiceField(choices=[(one.value, words) for one, words in SCOPES.items()], label="Books")
    period = forms.ChoiceField(choices=list(RELATIVE.items()), label="Period")
    compare = forms.ChoiceField(
        choices=[(one.value, words) for one, words in COMPARES.items()], required=False, label="Compare with"
    )

    field_order = ["kind", "organization", "scope", "period", "since", "until", "compare"]

    def __init__(self, *args: Any, books: QuerySet[Organization], kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        if kind.translates:
            self.fields |= one_currency(books)
        if not kind.consolidates:
            del self.fields["compare"]
            scope = self.fields["scope"]
            scope.choices = [one for one in scope.choices if one[0] != Scope.CONSOLIDATED]  # type: ignore[attr-defined]

    def days(self) -> Period:
        """The days that are meant: what is typed, the rest from the chosen period."""
        data = self.cleaned_data
        return days_meant(period_at(data["organization"], data["period"]), data["since"], data["until"])
