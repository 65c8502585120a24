"""Who sees which patients: registrations at organizations that the role covers, and nothing else."""

from __future__ import annotations

import pytest

from core.tenancy import bound
from patients.actions.patient import register_patient
from patients.actions.registration import register_at
from patients.permissions import PATIENT_EXPORT
from patients.queries.patient import names_of, patients_for
from tests.cast import SYSTEM, Cast
from tests.patients.conftest import details

ROSTER = {"P": "Pam", "S": "Sue", "T": "Tim", "Q": "Quy", "R": "Roy"}


@pytest.fixture
def roster(register) -> dict[str, object]:
    return {code: register(code, given_name=name) for code, name in ROSTER.items()}


@pytest.mark.parametrize(
    ("persona", "seen"),
    [
        ("administrator", "Pam Quy Roy Sue Tim"),
        ("privacy", "Pam Quy Roy Sue Tim"),
        ("parent_desk", "Pam"),
        ("desk", "Sue"),
        ("clinician", "Sue"),
        ("local_admin", "Sue"),
        ("sibling", "Tim"),
        ("partner", "Quy Roy"),
        ("child", "Roy"),
        ("finance", ""),
        ("vendor_manager", ""),
    ],
)
def test_a_person_sees_the_patients_of_their_organizations(
    world: Cast, roster, persona: str, seen: str
) -> None:
    assert sorted(patients_for(world.actor(persona)).values_list("given_name", flat=True)) == seen.split()


def test_another_permission_has_its_own_reach(world: Cast, roster) -> None:
    assert [one.given_name for one in patients_for(world.actor("local_admin"), PATIENT_EXPORT)] == ["Sue"]
    assert not patients_for(world.actor("desk"), PATIENT_EXPORT).exists()


def test_a_registration_elsewhere_lets_that_organization_see_the_patient_once(world: Cast, roster) -> None:
    register_at(SYSTEM, world["Q"], patient=roster["S"])
    register_at(SYSTEM, world["R"], patient=roster["S"])
    assert [one.given_name for one in patients_for(world.actor("partner")).order_by("given_name")] == [
        "Quy",
        "Roy",
        "Sue",
    ]


def test_patients_of_another_network_are_nowhere(cast: Cast) -> None:
    foreign = cast.foreign[0]
    with bound(foreign.pk):
        hidden = register_patient(SYSTEM, cast["C1B"], details=details("CANARY", "CANARY"))
    with bound(cast.network.pk):
        register_patient(SYSTEM, cast["S"], details=details("CANARY", "CANARY"))  # no duplicate is seen
        assert patients_for(SYSTEM).count() == 1
        assert names_of([hidden.pk]) == {}
