"""Who begins something where an organization is being suspended waits for the answer, and is refused."""

from __future__ import annotations

import pytest

from content.actions.item import Details, add_content
from content.actions.share import share_content
from core.errors import Refused
from core.tenancy import bound
from network.isolation.records import INTAKE
from orgs.actions.organization import suspend_organization
from patients.actions.patient import register_patient, set_home_organization
from patients.actions.registration import register_at
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM
from tests.meeting import meeting
from tests.patients.conftest import details


def a_patient(world):
    return register_patient(SYSTEM, world["P"], details=details())


def a_form(world, code="P"):
    return add_content(
        SYSTEM, world[code], kind="questionnaire", code="intake", details=Details(name="Intake")
    )


def a_published_form(world):
    item = a_form(world)
    publish_body(SYSTEM, item, INTAKE)
    return item


#: what is begun at South -> what there has to be before, and the deed
BEGUN = {
    "a patient is registered": (
        lambda world: None,
        lambda world, _: register_patient(SYSTEM, world["T"], details=details()),
    ),
    "a known patient is registered": (
        a_patient,
        lambda world, patient: register_at(SYSTEM, world["T"], patient=patient),
    ),
    "a patient's home": (
        a_patient,
        lambda world, patient: set_home_organization(SYSTEM, patient, to=world["T"], version=patient.version),
    ),
    "content": (lambda world: None, lambda world, _: a_form(world, "T")),
    "a share": (
        a_published_form,
        lambda world, item: share_content(SYSTEM, item, organizations=[world["T"]], mode="linked"),
    ),
}


@pytest.mark.parametrize("what", BEGUN)
def test_nothing_begins_while_it_is_suspended(own_world, what):
    prepare, begin = BEGUN[what]
    with bound(own_world.network.pk):
        before = prepare(own_world)
    _, late = meeting(
        own_world.network.pk,
        lambda: suspend_organization(
            SYSTEM, own_world["T"], reason="Water damage.", version=own_world["T"].version
        ),
        lambda: begin(own_world, before),
    )
    assert isinstance(late, Refused)
    assert "South Clinic" in late.message
