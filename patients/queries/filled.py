"""Reads of what was filled for patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from content.queries.available import Available, available_at_each
from core.actors import Actor
from orgs.queries.access import organizations_for, where
from orgs.rules.structure import THIRD_PARTY
from patients.models import FilledForm, Patient
from patients.permissions import FORM_FILL

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_PLACES = 20


def forms_of_all(actor: Actor) -> QuerySet[FilledForm]:
    """What was filled at organizations where the actor fills forms, newest first; who shows it logs the read."""
    rows = FilledForm.objects.filter(where(actor, FORM_FILL, "organization"))
    return rows.select_related("organization").order_by("-pk")


def forms_for(actor: Actor, patient: Patient) -> QuerySet[FilledForm]:
    """What was filled for the patient at organizations where the actor fills forms, newest first."""
    return forms_of_all(actor).filter(patient=patient)


def places_to_fill(actor: Actor, patient: Patient) -> QuerySet[Organization]:
    """The active organizations where the patient is registered and the actor fills forms."""
    here = [one for one in patient.access_organization_ids if one is not None]
    rows = organizations_for(actor, FORM_FILL).filter(pk__in=here, status="active")
    return rows.exclude(kind=THIRD_PARTY).order_by("lft")


@dataclass(frozen=True)
class Offered:
    """What may be filled at one organization."""

    organization: Organization
    items: list[Available]


def offered_to(actor: Actor, patient: Patient) -> list[Offered]:
    """By organization, what may be filled there for the patient; for the first 20 places."""
    places = list(places_to_fill(actor, patient)[:MOST_PLACES])
    offered = available_at_each([place.pk for place in places])
    return [Offered(place, offered[place.pk]) for place in places]
