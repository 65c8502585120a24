"""Reads of patients: one predicate says which of them an actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from core.actors import Actor
from core.search_key import range_of
from orgs.queries.access import organizations_for, where
from patients.models import Patient, PatientIdentifier, Registration, SearchWord
from patients.permissions import PATIENT_EXPORT, PATIENT_VIEW
from patients.rules.keys import identifier_key
from patients.rules.settings import SHORTEST_SEARCH
from patients.rules.typed import letters_of, take_apart

MOST_FOUND = 200


def patients_for(actor: Actor, permission: str = PATIENT_VIEW) -> QuerySet[Patient]:
    """Patients registered at an organization where the actor holds the permission."""
    if not where(
        actor, permission
    ):  # no condition: every organization, and every patient is registered at one
        return Patient.objects.all()
    covered = organizations_for(actor, permission).order_by().values_list("pk", flat=True)
    here = Registration.objects.filter(_any_of("organization_id", covered), patient=OuterRef("pk"))
    return Patient.objects.filter(Exists(here))


def exportable_names(actor: Actor, patient_ids: Iterable[int]) -> dict[int, str]:
    """Names of those of some patients whom the actor may export, in one query; whoever gives them away logs it."""
    return names_seen(actor, patient_ids, PATIENT_EXPORT)


def names_seen(actor: Actor, patient_ids: Iterable[int], permission: str) -> dict[int, str]:
    """Names of those of some patients whom the permission shows, in one query; whoever gives them away logs it."""
    rows = patients_for(actor, permission).filter(_any_of("pk", set(patient_ids)))
    return {row.pk: row.full_name for row in rows}


def _any_of(field: str, ids: Iterable[int]) -> Func:
    """`field = ANY (ids)`: the planner knows how many rows each id has, which a join hides from it."""
    values = Func(Value(list(ids), output_field=ArrayField(BigIntegerField())), function="ANY")
    return Func(F(field), values, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField())


def patients_at(organization_id: int, rows: QuerySet[Patient]) -> QuerySet[Patient]:
    """Those of some patients who are registered at one organization."""
    here = Registration.objects.filter(organization=organization_id, patient=OuterRef("pk"))
    return rows.filter(Exists(here))


def search_patients(rows: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Those of some patients whom the text finds: name words in any order, phone, whole identifier, birth date.

    No text finds everybody; text in which there is nothing to search for, or too little of it, finds nobody.
    """
    if not text.strip():
        return rows
    if letters_of(text) < SHORTEST_SEARCH.at_network():
        return rows.none()
    typed = take_apart(text)
    if typed.is_empty:
        return rows.none()
    if typed.birth_date is not None:
        rows = rows.filter(birth_date=typed.birth_date)
    whole = Q(word=typed.identifier) if typed.identifier else Q()
    if typed.numbers or (whole and not typed.words):
        any_number = whole
        for number in typed.numbers:
            any_number |= range_of("word", number)
        return rows.filter(_found_by(any_number))
    for word in typed.words:
        rows = rows.filter(_found_by(range_of("word", word) | whole))
    return rows


def _found_by(condition: Q) -> Q:
    return Q(pk__in=SearchWord.objects.filter(condition).values("patient"))


def narrowed(rows: QuerySet[Patient], most: int = MOST_FOUND) -> QuerySet[Patient]:
    """One more than `most` of some patients, whichever come first.

    What finds a hundred thousand is not sorted for a page of 25: whoever searches has to type more.
    """
    return Patient.objects.filter(_any_of("pk", rows.order_by().values_list("pk", flat=True)[: most + 1]))


def by_name(rows: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients in the order of lists."""
    return rows.order_by("family_key", "given_key", "pk")


def patient_by_identifier(identifier: str, birth_date: date) -> int | None:
    """The id of the one patient of the network with exactly this identifier and birth date, wherever registered.

    For the counter of another organization: the caller logs the look-up. None when nobody or several match.
    """
    key = identifier_key(identifier)
    if not key:
        return None
    found = (
        PatientIdentifier.objects.filter(value_key=key, patient__birth_date=birth_date)
        .values_list("patient", flat=True)
        .distinct()[:2]
    )
    ids = list(found)
    return ids[0] if len(ids) == 1 else None


@dataclass(frozen=True)
class Summary:
    """What names a patient to somebody who has to be sure whom they have before them."""

    id: int
    name: str
    birth_date: date
    gender: str
    phone: str
    status: str


def summaries_of(patient_ids: Iterable[int]) -> dict[int, Summary]:
    """Summaries by id, in one query; whoever shows them logs the read."""
    rows = Patient.objects.filter(pk__in=set(patient_ids))
    return {
        row.pk: Summary(row.pk, row.full_name, row.birth_date, row.gender, row.phone, row.status)
        for row in rows
    }


def names_of(patient_ids: Iterable[int]) -> dict[int, str]:
    """Names by id, in one query; whoever shows them logs the read."""
    rows = Patient.objects.filter(pk__in=set(patient_ids)).only("given_name", "family_name")
    return {row.pk: row.full_name for row in rows}


def is_registered_at(patient_id: int, organization_id: int) -> bool:
    return Registration.objects.filter(patient=patient_id, organization=organization_id).exists()


def registered_among(patient_ids: Iterable[int], organization_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Which of some patients are registered at which of some organizations, as (patient, organization)."""
    rows = Registration.objects.filter(
        _any_of("patient_id", set(patient_ids)), organization__in=set(organization_ids)
    )
    return set(rows.values_list("patient_id", "organization_id"))


def patients_identified(values: Iterable[str]) -> dict[str, set[int]]:
    """The ids of the patients who have some identifiers, whatever those are, by what was given."""
    keys = {value: identifier_key(value) for value in values}
    found: dict[str, set[int]] = {}
    rows = PatientIdentifier.objects.filter(value_key__in=set(keys.values()) - {""})
    for key, patient_id in rows.values_list("value_key", "patient_id"):
        found.setdefault(key, set()).add(patient_id)
    return {value: found.get(key, set()) for value, key in keys.items()}


def registrations_shown_to(actor: Actor, patient: Patient) -> QuerySet[Registration]:
    """The patient's registrations at organizations whose patients the actor may see, oldest first."""
    return (
        Registration.objects.filter(where(actor, PATIENT_VIEW, "organization"), patient=patient)
        .select_related("organization")
        .order_by("registered_at", "pk")
    )
