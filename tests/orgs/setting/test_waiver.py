"""Waivers: asked for, granted where the value is enforced, lapsing by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.clock import at, now, today_in
from core.errors import Refused, Stale
from core.settings import Mode, why
from core.tenancy import forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.organization import move_organization
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.actions.waiver import decide_waiver, end_waiver, request_waiver
from orgs.models import SettingWaiver
from tests.cast import SYSTEM


def ask(world, code="S", value=30, days=10, actor=SYSTEM, **other):
    return request_waiver(
        actor,
        world[code],
        setting=DISCOUNT_CAP,
        value=value,
        **({"reason": "Opening week.", "ends_on": today_in("UTC") + timedelta(days=days)} | other),
    )


@pytest.fixture
def enforced(assign):
    return assign("P", DISCOUNT_CAP, 10, "enforced")


def test_it_counts_once_granted_until_its_last_day_and_below(world, enforced):
    waiver = ask(world, "Q")
    assert DISCOUNT_CAP.at(world["Q"]) == 10, "asking changes nothing"
    decide_waiver(world.actor("administrator"), waiver, grant=True, version=waiver.version)
    assert [DISCOUNT_CAP.at(world[code]) for code in "QRS"] == [30, 30, 10]
    assert "by a waiver until" in why(DISCOUNT_CAP, world["Q"])
    noon = datetime.combine(today_in("UTC"), datetime.min.time(), UTC) + timedelta(hours=12)
    for days, value in ((9, 30), (10, 30), (11, 10)):
        with at(noon + timedelta(days=days)):
            assert DISCOUNT_CAP.at(world["Q"]) == value


def test_only_those_decide_who_may_where_it_is_enforced(world, enforced):
    waiver = ask(world, actor=world.actor("local_admin"))
    assert waiver.requested_by
    with pytest.raises(Refused, match="where the value is enforced"):
        decide_waiver(world.actor("local_admin"), waiver, grant=True, version=waiver.version)
    decided = decide_waiver(
        world.actor("administrator"), waiver, grant=True, note="Once.", version=waiver.version
    )
    assert (decided.status, decided.note, decided.decided_by) == (
        "granted",
        "Once.",
        world.users["administrator"].name,
    )


def test_a_refusal_says_why_and_is_final(world, enforced):
    waiver = ask(world)
    with pytest.raises(Refused) as refusal:
        decide_waiver(SYSTEM, waiver, grant=False, version=waiver.version)
    assert refusal.value.field == "note"
    decide_waiver(SYSTEM, waiver, grant=False, note="Not this year.", version=waiver.version)
    with pytest.raises(Stale):
        decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    with pytest.raises(Refused, match="refused already"):
        decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version + 1)
    assert DISCOUNT_CAP.at(world["S"]) == 10


def test_it_can_be_ended_before_its_day(world, enforced):
    waiver = ask(world)
    waiver = decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    with pytest.raises(Refused):
        end_waiver(SYSTEM, waiver, note=" ", version=waiver.version)
    end_waiver(SYSTEM, waiver, note="Abused.", version=waiver.version)
    assert DISCOUNT_CAP.at(world["S"]) == 10


@pytest.mark.parametrize(
    ("other", "code", "field"),
    [
        ({"reason": " "}, "reason_missing", "reason"),
        ({"days": -1}, "invalid", "ends_on"),
        ({"days": 500}, "invalid", "ends_on"),
        ({"value": 500}, "invalid", "value"),
        ({"starts_on": now().date() - timedelta(days=1)}, "invalid", "starts_on"),
    ],
)
def test_what_can_not_be_asked_for(world, enforced, other, code, field):
    with pytest.raises(Refused) as refusal:
        ask(world, **other)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not SettingWaiver.objects.exists()


def test_nothing_to_waive_and_asking_twice(world, assign):
    with pytest.raises(Refused, match="change the value itself"):
        ask(world)
    assign("P", DISCOUNT_CAP, 10, "enforced")
    ask(world)
    with pytest.raises(Refused) as refusal:
        ask(world)
    assert refusal.value.code == "duplicate"


def test_a_request_outlives_the_policy_but_can_not_be_granted_any_more(world, enforced):
    waiver = ask(world)
    inherit_setting(SYSTEM, world["P"], setting=DISCOUNT_CAP)
    forget()
    with pytest.raises(Refused, match="not enforced any more"):
        decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)


def enforce(world, code, value, **dates):
    new = NewValue(value, Mode.ENFORCED, "The board decided so.", **dates)
    assign_setting(SYSTEM, world[code], setting=DISCOUNT_CAP, new=new)


def test_what_was_granted_below_does_not_lift_what_is_enforced_above_later(world):
    """Who enforces at a region and grants there an exception for it is not through with the parent's own policy."""
    enforce(world, "Q", 20)
    waiver = ask(world, "R", value=90)
    decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    assert DISCOUNT_CAP.at(world["R"]) == 90
    enforce(world, "P", 5)
    assert [DISCOUNT_CAP.at(world[code]) for code in "PQR"] == [5, 5, 5]
    inherit_setting(SYSTEM, world["P"], setting=DISCOUNT_CAP)
    assert DISCOUNT_CAP.at(world["R"]) == 90, "for the region's own value it holds on"


def test_what_is_enforced_from_tomorrow_is_not_lifted_today_by_somebody_below(world):
    enforce(world, "P", 5, starts_on=today_in("UTC") + timedelta(days=1))
    enforce(world, "Q", 20)
    waiver = ask(world, "R", value=90, starts_on=today_in("UTC") + timedelta(days=1))
    decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    with at(now() + timedelta(days=1)):
        assert DISCOUNT_CAP.at(world["R"]) == 5


def test_what_was_granted_stays_behind_when_its_organization_moves_under_another_region(world):
    enforce(world, "Q", 20)
    enforce(world, "S", 30)
    waiver = ask(world, "R", value=90)
    decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    move_organization(SYSTEM, world["R"], to=world["S"], reason="Nearer.", version=world["R"].version)
    assert DISCOUNT_CAP.at(world["R"]) == 30


def test_what_was_granted_at_the_top_lifts_what_a_region_enforces_later(world, enforced):
    waiver = ask(world, "R", value=90)
    decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    inherit_setting(SYSTEM, world["P"], setting=DISCOUNT_CAP)
    enforce(world, "Q", 20)
    assert [DISCOUNT_CAP.at(world[code]) for code in "QR"] == [20, 90]


@pytest.mark.parametrize("status", ["requested", "granted"])
def test_the_database_knows_one_open_request_and_who_granted(world, enforced, status):
    ask(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        SettingWaiver.objects.create(
            organization=world["S"],
            key=DISCOUNT_CAP.key,
            value=1,
            reason="Again.",
            status=status,
            starts_on=today_in("UTC"),
            ends_on=today_in("UTC"),
            requested_by="test",
            requested_at=now(),
            decided_at=now(),
        )


@pytest.mark.parametrize(
    ("first", "longest"),
    [
        (date(2028, 2, 29), date(2029, 3, 1)),
        (date(2027, 3, 1), date(2028, 3, 1)),  # with a 29 February in between
        (date(2026, 3, 1), date(2027, 3, 2)),
    ],
)
def test_a_year_is_enough_whether_it_has_a_leap_day(world, assign, first, longest):
    with at(datetime.combine(first, time(12), UTC)):
        assign("P", DISCOUNT_CAP, 10, "enforced")
        with pytest.raises(Refused, match="within a year"):
            ask(world, ends_on=longest + timedelta(days=1))
        granted = ask(world, ends_on=longest)
        decide_waiver(SYSTEM, granted, grant=True, version=granted.version)
    for days, value in ((0, 30), (1, 10)):
        with at(datetime.combine(longest, time(12), UTC) + timedelta(days=days)):
            assert DISCOUNT_CAP.at(world["S"]) == value
