"""The form of breakage: whose, and as of which day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


class BreakageForm(forms.Form):
    """Who owes the care, and the day to which breakage is brought up."""

    organization = PlaceField(by_code=True, empty_label=None, label="Care owed by")
    on = date_field(label="As of")

    def __init__(self, *args: Any, books: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
