"""Registering a patient: who may, what is written, what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from orgs.actions.organization import suspend_organization
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import PossibleDuplicate, register_patient
from patients.models import Patient, PatientIdentifier, Registration
from patients.queries.patient import patients_for
from tests.cast import SYSTEM, Cast
from tests.patients.conftest import details

NATIONAL = NewIdentifier("national_id", "1234 5678 9012")


def test_the_front_desk_registers_a_patient_at_its_organization(world: Cast) -> None:
    patient = register_patient(
        world.actor("desk"),
        world["S"],
        details=details(phone="+91 98123 45678", country="in"),
        identifiers=[NATIONAL, NewIdentifier("mrn", "N-17")],
    )
    patient.refresh_from_db()
    assert patient.full_name == "Maria Luisa García"
    assert (patient.given_key, patient.family_key, patient.phone_key) == (
        "maria luisa",
        "garcia",
        "9812345678",
    )
    assert (patient.home_organization_id, patient.country) == (world["S"].pk, "IN")
    [registration] = Registration.objects.filter(patient=patient)
    assert (registration.organization_id, registration.registered_by) == (world["S"].pk, "Nora North")
    assert {(one.system, one.value_key, one.assigner_id) for one in patient.identifiers.all()} == {
        ("national_id", "123456789012", None),
        ("mrn", "N17", world["S"].pk),
    }
    event = AuditEvent.objects.get(verb="patient.registered")
    assert (event.subject_id, event.organization_id) == (patient.pk, world["S"].pk)
    assert event.new["birth_date"] == "1980-03-12"
    assert event.new["identifiers"] == ["Medical record number N-17", "National ID 1234 5678 9012"]


@pytest.mark.parametrize("persona", ["sibling", "partner", "clinician", "finance", "privacy", "parent_desk"])
def test_nobody_registers_where_they_have_no_front_desk_role(world: Cast, persona: str) -> None:
    with pytest.raises(Denied):
        register_patient(world.actor(persona), world["S"], details=details())
    assert not Patient.objects.exists()


@pytest.mark.parametrize("code", ["X", "Y"])
def test_a_third_party_registers_no_patients(world: Cast, code: str) -> None:
    with pytest.raises(Refused, match="is a third party"):
        register_patient(SYSTEM, world[code], details=details())


def test_a_suspended_organization_registers_no_patients(world: Cast) -> None:
    suspend_organization(SYSTEM, world["S"], reason="flood", version=world["S"].version)
    with pytest.raises(Refused, match="is suspended"):
        register_patient(SYSTEM, world["S"], details=details())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"given_name": " "}, "given_name"),
        ({"given_name": "..."}, "given_name"),
        ({"family_name": "-"}, "family_name"),
        ({"given_name": "x" * 101}, "given_name"),
        ({"birth_date": date.today() + timedelta(days=2)}, "birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date"),
        ({"gender": "f"}, "gender"),
        ({"status": "gone"}, "status"),
        ({"email": "not an address"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"country": "IND"}, "country"),
        ({"country": "1!"}, "country"),
        ({"city": "a\0b"}, ""),
    ],
)
def test_wrong_details_are_refused_beside_their_field(world: Cast, wrong: dict, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        register_patient(SYSTEM, world["S"], details=details(**wrong))
    assert (refusal.value.code, refusal.value.field) == ("invalid", field)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("identifier", "field"),
    [
        (NewIdentifier("library_card", "1"), "identifiers"),
        (NewIdentifier("passport", " - "), "passport"),
        (NewIdentifier("passport", "x" * 61), "passport"),
    ],
)
def test_what_is_no_identifier_is_refused(world: Cast, identifier: NewIdentifier, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        register_patient(SYSTEM, world["S"], details=details(), identifiers=[identifier])
    assert (refusal.value.code, refusal.value.field) == ("invalid", field)


def test_a_person_with_one_name_and_of_another_script_can_be_registered(world: Cast) -> None:
    patient = register_patient(SYSTEM, world["S"], details=details("अनिता", ""))
    assert patient.full_name == "अनिता"
    assert patient.given_key != ""


class TestDuplicates:
    @pytest.fixture(autouse=True)
    def known(self, register) -> Patient:
        return register(phone="+91 98123 45678", identifiers=[NATIONAL])

    @pytest.mark.parametrize(
        ("same", "reason"),
        [
            ({}, "same name and birth date"),
            ({"given_name": "GARCIA", "family_name": "maria-luisa"}, "same name and birth date"),
            ({"given_name": "Ana", "phone": "098123-45678"}, "same phone"),
        ],
    )
    def test_a_likely_duplicate_is_warned_of(
        self, world: Cast, known: Patient, same: dict, reason: str
    ) -> None:
        with pytest.raises(PossibleDuplicate) as warning:
            register_patient(world.actor("desk"), world["S"], details=details(**same))
        [candidate] = warning.value.duplicates.shown
        assert (candidate.id, candidate.name, candidate.birth_date) == (
            known.pk,
            known.full_name,
            known.birth_date,
        )
        assert candidate.reasons == (reason,)
        assert warning.value.duplicates.hidden == 0
        assert Patient.objects.count() == 1

    @pytest.mark.parametrize("persona", ["sibling", "partner"])
    def test_candidates_one_may_not_see_are_only_counted(self, world: Cast, persona: str) -> None:
        organization = world["T" if persona == "sibling" else "Q"]
        with pytest.raises(PossibleDuplicate) as warning:
            register_patient(world.actor(persona), organization, details=details())
        assert (warning.value.duplicates.shown, warning.value.duplicates.hidden) == ((), 1)

    def test_confirming_registers_anyway(self, world: Cast, known: Patient) -> None:
        patient = register_patient(world.actor("desk"), world["S"], details=details(), confirmed=True)
        assert patient.pk != known.pk

    @pytest.mark.parametrize("other", [{"birth_date": date(1981, 3, 12)}, {"family_name": "Gomez"}])
    def test_somebody_else_is_no_duplicate(self, world: Cast, other: dict) -> None:
        register_patient(world.actor("desk"), world["S"], details=details(**other))

    def test_the_same_value_in_another_system_is_a_warning(self, world: Cast) -> None:
        with pytest.raises(PossibleDuplicate) as warning:
            register_patient(
                world.actor("desk"),
                world["S"],
                details=details("Ana", "Lopez"),
                identifiers=[NewIdentifier("insurance", "1234-5678-9012")],
            )
        assert warning.value.duplicates.shown[0].reasons == ("same identifier",)

    @pytest.mark.parametrize("confirmed", [False, True])
    def test_an_identifier_of_another_patient_is_refused_even_when_confirmed(
        self, world: Cast, confirmed: bool
    ) -> None:
        with pytest.raises(Refused) as refusal:
            register_patient(
                world.actor("sibling"),
                world["T"],
                details=details("Ana", "Lopez"),
                identifiers=[NewIdentifier("national_id", "123456789012")],
                confirmed=confirmed,
            )
        assert (refusal.value.code, refusal.value.field) == ("identifier_taken", "national_id")
        assert "Maria" not in refusal.value.message
        assert Patient.objects.count() == 1

    def test_the_database_refuses_the_identifier_when_the_check_comes_too_early(
        self, world: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("patients.actions.patient.refuse_taken", lambda *args, **kwargs: None)
        with pytest.raises(Refused) as refusal:
            register_patient(
                SYSTEM, world["S"], details=details("Ana"), identifiers=[NATIONAL], confirmed=True
            )
        assert refusal.value.code == "identifier_taken"
        assert PatientIdentifier.objects.count() == 1

    def test_two_organizations_may_give_the_same_record_number(self, world: Cast) -> None:
        for code, given_name in (("S", "Ana"), ("T", "Eva")):
            register_patient(
                SYSTEM,
                world[code],
                details=details(given_name),
                identifiers=[NewIdentifier("mrn", "1001")],
                confirmed=True,
            )
        assert PatientIdentifier.objects.filter(value_key="1001").count() == 2

    def test_a_patient_of_another_network_is_neither_shown_nor_counted(self, world: Cast) -> None:
        PatientIdentifier.objects.all()
        assert patients_for(SYSTEM).count() == 1
