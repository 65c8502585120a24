"""Registering a known patient at another organization."""

from __future__ import annotations

import pytest

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from patients.actions.registration import register_at
from patients.models import Registration
from tests.cast import SYSTEM, Cast


def test_the_system_registers_a_patient_where_a_redemption_takes_place(world: Cast, register) -> None:
    patient = register("S")
    registration = register_at(SYSTEM, world["Q"], patient=patient)
    assert (registration.organization_id, registration.registered_by, registration.registered_by_id) == (
        world["Q"].pk,
        "test",
        None,
    )
    event = AuditEvent.objects.get(verb="patient.registered_at")
    assert (event.subject_id, event.organization_id, event.new) == (
        patient.pk,
        world["Q"].pk,
        {"organization": "Quay Partners"},
    )


def test_repeating_it_changes_nothing(world: Cast, register) -> None:
    patient = register("S")
    first = register_at(SYSTEM, world["Q"], patient=patient)
    assert register_at(SYSTEM, world["Q"], patient=patient).pk == first.pk
    assert Registration.objects.filter(patient=patient).count() == 2
    assert AuditEvent.objects.filter(verb="patient.registered_at").count() == 1


def test_somebody_who_covers_both_organizations_may(world: Cast, register) -> None:
    patient = register("Q")
    register_at(world.actor("partner"), world["R"], patient=patient)
    assert patient.registrations.count() == 2


def test_nobody_reaches_a_patient_by_registering_them(world: Cast, register) -> None:
    patient = register("S")
    with pytest.raises(Denied):
        register_at(world.actor("sibling"), world["T"], patient=patient)
    assert patient.registrations.count() == 1


def test_nobody_registers_at_an_organization_that_is_not_theirs(world: Cast, register) -> None:
    patient = register("S")
    with pytest.raises(Denied):
        register_at(world.actor("desk"), world["T"], patient=patient)


def test_a_third_party_is_refused(world: Cast, register) -> None:
    patient = register("S")
    with pytest.raises(Refused, match="third party"):
        register_at(SYSTEM, world["X"], patient=patient)
