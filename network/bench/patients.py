"""Many patients with their registrations, identifiers and search words, written in bulk."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.clock import now
from core.models import Network
from network.demo.people import FAMILY, GIVEN, STREETS
from patients.models import Patient, PatientIdentifier, Registration, SearchWord
from patients.rules.keys import identifier_key, name_key, phone_key, search_words

CHUNK = 5000
BORN_BEFORE = date(2025, 1, 1)
REGISTERED_BY = "benchmark data"


@dataclass(frozen=True)
class _New:
    """A patient before it has an id, the record number, and where the patient is registered."""

    patient: Patient
    record: str
    places: list[int]


def fill_patients(
    network: Network, number: int, places: Sequence[int], chance: random.Random, told: Callable[[int], None]
) -> dict[int, list[int]]:
    """So many patients in the bound network; {organization: ids of the patients registered there}.

    Homes follow the order of `places`: the first have many, the last few. Every fifth patient is registered at a
    second organization too.
    """
    registered: dict[int, list[int]] = {place: [] for place in places}
    for start in range(0, number, CHUNK):
        new = [_new(network, each, places, chance) for each in range(start, min(start + CHUNK, number))]
        Patient.objects.bulk_create([one.patient for one in new])
        for one in new:
            for place in one.places:
                registered[place].append(one.patient.pk)
        _fill_rest(network, new)
        told(min(start + CHUNK, number))
    return registered


def register_also(network: Network, pairs: set[tuple[int, int]]) -> None:
    """Register patients where they were served: (patient, organization), known ones among them."""
    rows = [_registration(network, patient, place) for patient, place in sorted(pairs)]
    Registration.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)


def _new(network: Network, number: int, places: Sequence[int], chance: random.Random) -> _New:
    gender = chance.choice(("female", "male"))
    given, family = chance.choice(GIVEN[gender]), chance.choice(FAMILY)
    phone = f"+91 98{chance.randrange(10_000_000, 100_000_000)}"
    home = places[min(int(chance.expovariate(3) * len(places)), len(places) - 1)]
    patient = Patient(
        network_id=network.pk,
        given_name=given,
        family_name=family,
        birth_date=BORN_BEFORE - timedelta(days=chance.randrange(31_000)),
        gender=gender,
        phone=phone,
        address=f"{chance.randint(1, 240)} {chance.choice(STREETS)}",
        city="Pune",
        country="IN",
        home_organization_id=home,
        given_key=name_key(given),
        family_key=name_key(family),
        phone_key=phone_key(phone),
    )
    second = chance.choice(places)
    also = [second] if number % 5 == 0 and second != home else []
    return _New(patient, f"BM{number:07}", [home, *also])


def _fill_rest(network: Network, new: list[_New]) -> None:
    Registration.objects.bulk_create(
        [_registration(network, one.patient.pk, place) for one in new for place in one.places]
    )
    PatientIdentifier.objects.bulk_create(
        [
            PatientIdentifier(
                network_id=network.pk,
                patient_id=one.patient.pk,
                system=PatientIdentifier.System.MRN,
                value=one.record,
                value_key=identifier_key(one.record),
                assigner_id=one.places[0],
            )
            for one in new
        ]
    )
    SearchWord.objects.bulk_create(
        [
            SearchWord(network_id=network.pk, patient_id=one.patient.pk, word=word)
            for one in new
            for word in sorted(
                search_words(one.patient.given_name, one.patient.family_name, one.patient.phone, [one.record])
            )
        ]
    )


def _registration(network: Network, patient_id: int, place: int) -> Registration:
    return Registration(
        network_id=network.pk,
        patient_id=patient_id,
        organization_id=place,
        registered_at=now(),
        registered_by=REGISTERED_BY,
    )
