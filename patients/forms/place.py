"""At which organization a patient is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for
from orgs.rules.structure import THIRD_PARTY
from patients.permissions import PATIENT_REGISTER

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor


def places_to_register(actor: Actor) -> QuerySet[Any]:
    """The active organizations where the actor may register patients."""
    return organizations_for(actor, PATIENT_REGISTER).filter(status="active").exclude(kind=THIRD_PARTY)


class PlaceForm(forms.Form):
    """At which organization to register a patient, or which to make the home."""

    def __init__(self, places: QuerySet[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = PlaceField(places, empty_label="Choose an organization")
