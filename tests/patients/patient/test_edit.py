"""Editing a patient, and changing the home organization."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from core.access import Denied
from core.actions import check_constraints_now
from core.errors import Refused, Stale
from patients.actions.details import details_of
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import edit_patient, set_home_organization
from patients.actions.registration import register_at
from patients.models import Patient
from patients.queries.consent import address_of
from patients.queries.patient import patients_for, search_patients
from tests.cast import SYSTEM, Cast


def test_editing_writes_old_and_new_values_and_the_keys(world: Cast, register) -> None:
    patient = register("S", phone="98123 45678")
    new = replace(details_of(patient), family_name="O’Brien", phone="")
    edited = edit_patient(world.actor("desk"), patient, details=new, version=1)
    assert (edited.version, edited.family_key, edited.phone_key) == (2, "obrien", "")
    event = AuditEvent.objects.get(verb="patient.edited")
    assert event.old == {"family_name": "García", "phone": "98123 45678"}
    assert event.new == {"family_name": "O’Brien", "phone": ""}
    everybody = patients_for(SYSTEM)
    assert search_patients(everybody, "o'brien").exists()
    assert not search_patients(everybody, "garcia").exists()
    assert not search_patients(everybody, "98123").exists()


def test_consent_to_be_written_to_is_nobody_s_until_it_is_given_and_stays_in_the_audit(
    world: Cast, register
) -> None:
    patient = register("S")
    assert patient.communication_consent == "unknown"
    new = replace(details_of(patient), communication_consent="permit", email="maria@garcia.example")
    edited = edit_patient(world.actor("desk"), patient, details=new, version=1)
    assert address_of(patient.pk) == "maria@garcia.example"
    event = AuditEvent.objects.get(verb="patient.edited")
    assert (event.old["communication_consent"], event.new["communication_consent"]) == ("unknown", "permit")
    edit_patient(SYSTEM, edited, details=replace(new, communication_consent="deny"), version=2)
    assert address_of(patient.pk) == ""
    with pytest.raises(Refused) as refusal:
        edit_patient(SYSTEM, edited, details=replace(new, communication_consent="perhaps"), version=3)
    assert refusal.value.field == "communication_consent"
    with pytest.raises(IntegrityError, match="patient_consent_known"), transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(communication_consent="perhaps")


def test_identifiers_are_replaced_as_a_whole_and_left_alone_when_not_given(world: Cast, register) -> None:
    patient = register(
        "S", identifiers=[NewIdentifier("passport", "AB 1"), NewIdentifier("national_id", "77")]
    )
    edit_patient(SYSTEM, patient, details=details_of(patient), version=1)
    assert patient.identifiers.count() == 2
    edit_patient(
        SYSTEM,
        patient,
        details=details_of(patient),
        identifiers=[NewIdentifier("passport", "AB 2")],
        version=2,
    )
    assert [one.value for one in patient.identifiers.all()] == ["AB 2"]
    event = AuditEvent.objects.filter(verb="patient.edited").latest("id")
    assert event.old == {"identifiers": ["National ID 77", "Passport AB 1"]}
    assert event.new == {"identifiers": ["Passport AB 2"]}
    assert [search_patients(patients_for(SYSTEM), typed).exists() for typed in ("ab1", "77", "ab 2")] == [
        False,
        False,
        True,
    ]


def test_an_identifier_of_another_patient_is_refused(world: Cast, register) -> None:
    register("T", given_name="Ana", identifiers=[NewIdentifier("passport", "AB 1")])
    patient = register("S")
    with pytest.raises(Refused) as refusal:
        edit_patient(
            SYSTEM,
            patient,
            details=details_of(patient),
            identifiers=[NewIdentifier("passport", "ab-1")],
            version=1,
        )
    assert refusal.value.field == "passport"


def test_a_stale_version_changes_nothing(world: Cast, register) -> None:
    patient = register("S")
    with pytest.raises(Stale):
        edit_patient(SYSTEM, patient, details=replace(details_of(patient), city="Pune"), version=2)
    patient.refresh_from_db()
    assert patient.city == ""


@pytest.mark.parametrize("persona", ["sibling", "partner", "clinician", "privacy"])
def test_who_has_no_patient_edit_where_the_patient_is_registered_may_not(
    world: Cast, register, persona: str
) -> None:
    patient = register("S")
    with pytest.raises(Denied):
        edit_patient(world.actor(persona), patient, details=details_of(patient), version=1)


def test_any_organization_where_the_patient_is_registered_may_edit(world: Cast, register) -> None:
    patient = register("S")
    register_at(SYSTEM, world["Q"], patient=patient)
    edited = edit_patient(
        world.actor("partner"), patient, details=replace(details_of(patient), city="Pune"), version=1
    )
    assert edited.city == "Pune"


def test_changing_the_home_registers_there_too(world: Cast, register) -> None:
    patient = register("Q")
    moved = set_home_organization(world.actor("partner"), patient, to=world["R"], version=1)
    assert (moved.home_organization_id, moved.version) == (world["R"].pk, 2)
    assert set(moved.access_organization_ids) == {world["Q"].pk, world["R"].pk}
    event = AuditEvent.objects.get(verb="patient.home_changed")
    assert (event.old, event.new) == (
        {"home_organization": "Quay Partners"},
        {"home_organization": "Quay Annex"},
    )


def test_only_the_present_home_hands_a_patient_over(world: Cast, register) -> None:
    patient = register("S")
    register_at(SYSTEM, world["Q"], patient=patient)
    with pytest.raises(Refused, match="present home"):
        set_home_organization(world.actor("partner"), patient, to=world["Q"], version=1)


@pytest.mark.parametrize(("persona", "to"), [("desk", "T"), ("desk", "S"), ("administrator", "X")])
def test_places_that_are_refused(world: Cast, register, persona: str, to: str) -> None:
    patient = register("S")
    with pytest.raises(Refused) as refusal:
        set_home_organization(world.actor(persona), patient, to=world[to], version=1)
    assert refusal.value.field == "organization"
    assert Patient.objects.get().home_organization_id == world["S"].pk


def test_the_database_refuses_a_home_without_registration(world: Cast, register) -> None:
    patient = register("S")
    with pytest.raises(IntegrityError, match="patient_home_is_registered"), transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(home_organization=world["T"].pk)
        check_constraints_now()
