"""Forms of periods."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from core.validators import validate_day
from ledger.actions.command import LONGEST_REASON
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

HOW = [
    ("hard", "For good: nothing more is posted on or before its last day"),
    ("soft", "Softly: nobody is stopped, and what is posted afterwards is listed"),
]
DECISIONS = [("approve", "Open it again"), ("decline", "Leave it closed")]


class MonthForm(forms.Form):
    """A month of an organization, with or without everything below it."""

    organization = PlaceField(empty_label=None)
    month = forms.CharField(max_length=7, widget=forms.TextInput(attrs={"type": "month"}))
    below = forms.BooleanField(required=False, initial=True, label="With everything below it")

    def __init__(self, *args: Any, books: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]

    def clean_month(self) -> Any:
        try:
            month = date.fromisoformat(f"{self.cleaned_data['month']}-01")
        except ValueError as error:
            raise forms.ValidationError("Write the month as in 2026-10.") from error
        validate_day(month)
        return month


class CloseForm(MonthForm):
    """A month to close, softly or for good."""

    how = forms.ChoiceField(choices=HOW, required=False, label="How")
    wide = {"how"}


class ReopenForm(MonthForm):
    """A closed month to open again, and why."""

    reason = forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3}))
    wide = {"reason"}


class DecideForm(forms.Form):
    """Whether a closed month opens again."""

    decision = forms.ChoiceField(choices=DECISIONS)
    note = forms.CharField(
        max_length=LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 3}), label="Why"
    )
    wide = {"note"}
