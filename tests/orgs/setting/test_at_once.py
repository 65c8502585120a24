"""Two people change the same settings and modules at once: the second learns what the first did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import today_in
from core.errors import Refused, Stale
from core.modules import module_of
from core.settings import Mode
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.module import Switching, switch_modules
from orgs.actions.organization import edit_organization
from orgs.actions.setting import NewValue, assign_setting, inherit_setting, seen_at
from orgs.actions.setting_many import apply_to_many, undo_batch
from orgs.actions.waiver import request_waiver
from orgs.models import SettingAssignment, SettingWaiver
from orgs.queries.whatif import Change
from tests.cast import SYSTEM, details
from tests.meeting import meeting

TEN = Change(DISCOUNT_CAP, 10, Mode.DEFAULT)


@pytest.fixture
def at_once(own_world):
    """Run two pieces of work on the cast's network at once."""
    return lambda first, second: meeting(own_world.network.pk, first, second)


def assign(world, value, seen=None, code="S", mode="default"):
    new = NewValue(value, Mode(mode), "The board decided so.")
    return assign_setting(SYSTEM, world[code], setting=DISCOUNT_CAP, new=new, seen=seen)


def value_at(world, code="S"):
    with bound(world.network.pk):
        return DISCOUNT_CAP.at(world[code])


@pytest.mark.parametrize("before", [None, 50])
def test_who_saw_another_value_does_not_write_over_the_one_that_came_in_between(own_world, at_once, before):
    with bound(own_world.network.pk):
        if before is not None:
            assign(own_world, before)
        seen = seen_at(own_world["S"], DISCOUNT_CAP)
    _, late = at_once(lambda: assign(own_world, 10, seen), lambda: assign(own_world, 20, seen))
    assert isinstance(late, Stale)
    assert value_at(own_world) == 10


def test_who_saw_another_value_does_not_take_away_the_one_that_came_in_between(own_world, at_once):
    with bound(own_world.network.pk):
        assign(own_world, 50)
        seen = seen_at(own_world["S"], DISCOUNT_CAP)
    _, late = at_once(
        lambda: assign(own_world, 10, seen),
        lambda: inherit_setting(SYSTEM, own_world["S"], setting=DISCOUNT_CAP, seen=seen),
    )
    assert isinstance(late, Stale)
    assert value_at(own_world) == 10


def test_taking_back_leaves_what_somebody_sets_in_the_meantime(own_world, at_once):
    with bound(own_world.network.pk):
        batch = apply_to_many(SYSTEM, TEN, organizations=[own_world["S"]])
    _, late = at_once(lambda: assign(own_world, 77), lambda: undo_batch(SYSTEM, batch))
    assert isinstance(late, Refused)
    assert "changed again" in late.message
    assert value_at(own_world) == 77


def test_the_same_change_of_many_twice_is_made_once(own_world, at_once):
    def apply():
        return apply_to_many(SYSTEM, TEN, organizations=[own_world["S"], own_world["T"]])

    _, late = at_once(apply, apply)
    assert isinstance(late, Refused)
    assert late.code == "nothing_to_do"
    with bound(own_world.network.pk):
        assert SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).count() == 2


def test_who_enforces_in_the_meantime_locks_who_comes_after(own_world, at_once):
    _, late = at_once(lambda: assign(own_world, 5, code="P", mode="enforced"), lambda: assign(own_world, 30))
    assert isinstance(late, Refused)
    assert late.code == "policy_enforced"


def rezone(world, zone, code="S"):
    one = world[code]
    changed = replace(details(one.name, one.code), time_zone=zone)
    return edit_organization(SYSTEM, one, details=changed, version=one.version)


def test_what_is_set_while_the_calendar_goes_back_counts_at_once_and_goes_on(own_world, at_once):
    """From Kiritimati, where it is a day or two later, to Pago Pago."""
    with bound(own_world.network.pk):
        rezone(own_world, "Pacific/Kiritimati")
    at_once(lambda: assign(own_world, 10), lambda: rezone(own_world, "Pacific/Pago_Pago"))
    assert value_at(own_world) == 10
    with bound(own_world.network.pk):
        rezone(own_world, "Pacific/Kiritimati")
    at_once(lambda: rezone(own_world, "Pacific/Pago_Pago"), lambda: assign(own_world, 20))
    assert value_at(own_world) == 20


def test_two_requests_for_the_same_waiver_are_one(own_world, at_once):
    with bound(own_world.network.pk):
        assign(own_world, 5, code="P", mode="enforced")

    def ask():
        until = today_in("UTC") + timedelta(days=9)
        return request_waiver(
            SYSTEM, own_world["S"], setting=DISCOUNT_CAP, value=30, reason="Opening.", ends_on=until
        )

    _, late = at_once(ask, ask)
    assert isinstance(late, Refused)
    assert late.code == "duplicate"
    with bound(own_world.network.pk):
        assert SettingWaiver.objects.count() == 1


def test_the_same_module_switched_off_twice_is_off_once(own_world, at_once):
    def off():
        switching = Switching((module_of("packages"),), False, "The board decided so.")
        return switch_modules(SYSTEM, switching, organizations=[own_world["S"], own_world["T"]])

    _, late = at_once(off, off)
    assert isinstance(late, Refused)
    assert late.code == "nothing_to_do"
