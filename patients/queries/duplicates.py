"""Who might be the same person as somebody about to be registered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from core.actors import Actor
from patients.models import Patient, PatientIdentifier
from patients.queries.patient import by_name, patients_for
from patients.rules.keys import identifier_key, name_key, phone_key

SHOWN = 10
COUNTED = 200
SHORTEST_PHONE = 6


@dataclass(frozen=True)
class Likeness:
    """What patients are compared by."""

    given_name: str
    family_name: str
    birth_date: date
    phone: str = ""
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A patient who might be the same person, and what is equal."""

    id: int
    name: str
    birth_date: date
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Duplicates:
    """Candidates the actor may see, and how many there are that they may not."""

    shown: tuple[Candidate, ...]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.shown or self.hidden)


def possible_duplicates(actor: Actor, like: Likeness) -> Duplicates:
    """Patients of the network with the same name and birth date, the same phone or the same identifier.

    Those whom the actor may not see are only counted. Whoever shows the others logs the read.
    """
    ids = _same_person(like) | _same_phone(like.phone) | _same_identifier(like.identifiers)
    if not ids:
        return Duplicates((), 0)
    visible = patients_for(actor).filter(pk__in=ids)
    shown = by_name(visible).prefetch_related("identifiers")[:SHOWN]
    return Duplicates(tuple(_candidate(like, patient) for patient in shown), len(ids) - visible.count())


def _same_person(like: Likeness) -> set[int]:
    given, family = name_key(like.given_name), name_key(like.family_name)
    either_way = Q(given_key=given, family_key=family) | Q(given_key=family, family_key=given)
    rows = Patient.objects.filter(either_way, birth_date=like.birth_date)
    return set(rows.values_list("pk", flat=True)[:COUNTED])


def _same_phone(phone: str) -> set[int]:
    key = phone_key(phone)
    if len(key) < SHORTEST_PHONE:
        return set()
    return set(Patient.objects.filter(phone_key=key).values_list("pk", flat=True)[:COUNTED])


def _same_identifier(values: Iterable[str]) -> set[int]:
    keys = {identifier_key(value) for value in values} - {""}
    rows = PatientIdentifier.objects.filter(value_key__in=keys)
    return set(rows.values_list("patient_id", flat=True)[:COUNTED])


def _candidate(like: Likeness, patient: Patient) -> Candidate:
    reasons = []
    given, family = name_key(like.given_name), name_key(like.family_name)
    if patient.birth_date == like.birth_date and {patient.given_key, patient.family_key} == {given, family}:
        reasons.append("same name and birth date")
    if patient.phone_key and patient.phone_key == phone_key(like.phone):
        reasons.append("same phone")
    keys = {identifier_key(value) for value in like.identifiers}
    if keys & {one.value_key for one in patient.identifiers.all()}:
        reasons.append("same identifier")
    return Candidate(patient.pk, patient.full_name, patient.birth_date, tuple(reasons))
