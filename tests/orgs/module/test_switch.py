"""Switching: who may, what it says, and taking it back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from core.modules import module_of
from orgs.actions.module import Switching, fingerprint, goes_off_too, steps_of, switch_modules, undo_switch
from orgs.actions.organization import add_organization
from orgs.models import ModuleAssignment, ModuleBatch, Organization
from tests.cast import SYSTEM, details


def switching(*codes, is_on=False, reason="The board decided so."):
    return Switching(tuple(module_of(code) for code in codes), is_on, reason)


def places(world, codes):
    return [world[code] for code in codes]


def refused(world, actor, change, codes, **more):
    with pytest.raises(Refused) as refusal:
        switch_modules(actor, change, organizations=places(world, codes), **more)
    return refusal.value


def test_it_switches_where_it_applies_and_is_told(world):
    batch = switch_modules(SYSTEM, switching("packages", "dental"), organizations=places(world, "STX"))
    assert batch.what == "Packages, Dental: switched off at 2 organizations"
    assert ModuleAssignment.objects.count() == 4
    event = AuditEvent.objects.latest("pk")
    assert event.verb == "modules.switched"
    assert event.new["modules"] == ["dental", "packages"]
    assert sorted(event.new["organizations"]) == sorted(world[code].pk for code in "ST")
    assert event.new["reason"] == "The board decided so."


def test_it_is_set_based(world):
    def queries(codes, *modules):
        chosen = places(world, codes)
        with CaptureQueriesContext(connection) as captured:
            switch_modules(SYSTEM, switching(*modules), organizations=chosen)
        return len(captured)

    queries("Q", "packages")  # what is read once a binding
    assert queries("Q", "dental") == queries("PST", "laboratory", "finance", "charges")


def test_only_whoever_may_above_switches(world):
    """A local administrator has what the parent gave; nobody gives it to oneself."""
    change = switching("packages")
    assert refused(world, world.actor("local_admin"), change, "S").code == "nothing_to_do"
    assert refused(world, world.actor("local_admin"), change, "T").code == "nothing_to_do"
    with pytest.raises(Denied):
        switch_modules(world.actor("desk"), change, organizations=places(world, "S"))
    switch_modules(world.actor("administrator"), change, organizations=places(world, "PS"))


def test_refusals(world, off):
    assert refused(world, SYSTEM, switching(), "S").field == "modules"
    assert refused(world, SYSTEM, switching("dental", reason="  "), "S").code == "reason_missing"
    assert refused(world, SYSTEM, switching("dental", is_on=True), "S").code == "nothing_to_do"
    assert refused(world, SYSTEM, switching("dental"), "X").code == "nothing_to_do"
    off("P", "dental")
    off("S", "dental")
    dead = refused(world, SYSTEM, switching("dental", is_on=True, reason=""), "S")
    assert dead.code == "module_off"
    assert "Harbor Health" in dead.message
    off("T", "outpatient", "telehealth")
    dead = refused(world, SYSTEM, switching("telehealth", is_on=True, reason=""), "T")
    assert "It needs “Outpatient”" in dead.message
    switch_modules(
        SYSTEM, switching("outpatient", "telehealth", is_on=True), organizations=places(world, "T")
    )
    assert module_of("telehealth").off_at(world["T"]) is None


def test_a_change_in_the_meantime_is_noticed(world, off, on):
    change = switching("packages", "dental")
    seen = fingerprint(steps_of(SYSTEM, change, places(world, "S")))
    off("S", "dental")
    assert refused(world, SYSTEM, change, "S", expected=seen).code == "stale"
    on("S", "dental")
    assert refused(world, SYSTEM, change, "S", expected=seen).code == "stale"
    now = fingerprint(steps_of(SYSTEM, change, places(world, "S")))
    switch_modules(SYSTEM, change, organizations=places(world, "S"), expected=now)


def test_what_needs_it_is_named():
    assert {one.code for one in goes_off_too(switching("finance"))} == {"rules"}
    assert goes_off_too(switching("finance", "rules")) == []


def test_it_can_be_taken_back_where_nobody_switched_since(world, off, on):
    off("S", "dental")
    on("S", "dental")
    before = ModuleAssignment.objects.get(module="dental").set_at
    batch = off("STQ", "dental")
    on("Q", "dental")
    assert undo_switch(SYSTEM, batch) == 2
    assert module_of("dental").off_at(world["S"]) is None
    row = ModuleAssignment.objects.get(module="dental", organization=world["S"])
    assert (row.active, row.set_at) == (True, before)
    assert not ModuleAssignment.objects.filter(module="dental", organization=world["T"]).exists()
    with pytest.raises(Refused, match="already"):
        undo_switch(SYSTEM, batch)
    assert AuditEvent.objects.filter(verb="modules.undone").latest("pk").new["kept"] == 1


def test_nothing_is_left_to_undo_once_all_was_switched_again(world, off, on):
    batch = off("S", "dental")
    on("S", "dental")
    with pytest.raises(Refused, match="again since"):
        undo_switch(SYSTEM, batch)


def test_taking_back_asks_what_switching_asks(world, off):
    batch = off("S", "dental")
    with pytest.raises(Refused, match="isn’t yours"):
        undo_switch(world.actor("local_admin"), batch)
    assert ModuleBatch.objects.get(pk=batch.pk).undone_at is None


def test_switching_again_and_taking_back_are_set_based(world):
    """Rows that are there are changed, and what stood before is written again, in as many statements as for one."""
    wards = [
        add_organization(SYSTEM, world["P"], kind="sub", details=details(f"Ward {n}", f"W{n}")).code
        for n in range(12)
    ]

    def queries(codes):
        one = [Organization.objects.get(code=code) for code in codes]
        switch_modules(SYSTEM, switching("packages"), organizations=one)
        with CaptureQueriesContext(connection) as again:
            batch = switch_modules(SYSTEM, switching("packages", is_on=True), organizations=one)
        with CaptureQueriesContext(connection) as back:
            undo_switch(SYSTEM, batch)
        return len(again), len(back)

    assert queries(wards[:1]) == queries(wards[1:])
    rows = ModuleAssignment.objects.filter(organization__code__in=wards)
    assert [(row.active, row.reason, row.batch_id, row.version) for row in rows] == [
        (False, "The board decided so.", None, 3)
    ] * len(wards)
