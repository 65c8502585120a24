"""What is in force where: the rules one by one, and the same answer in Python and in SQL whatever is assigned."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.clock import at, now, start_in
from core.settings import Mode
from core.tenancy import forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.models import Organization, SettingAssignment, SettingWaiver
from orgs.queries.setting import in_force_at, lock_settings, resolution_at
from orgs.rules.cascade import Line, resolve, resolver

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROOT, REGION, CLINIC = PATH = (1, 2, 3)


def line(where: int, value: int, mode: str = "default", *, waiver: bool = False, **more: Any) -> Line:
    said = {"starts_on": DAY, "ends_on": None, "time_zone": "UTC"} | more
    return Line(id=0, organization_id=where, value=value, mode=Mode(mode), waiver=waiver, **said)


def value(*lines: Line, at: int = CLINIC, moment: datetime = NOON) -> Any:
    by_place: dict[int, list[Line]] = {}
    for one in lines:
        by_place.setdefault(one.organization_id, []).append(one)
    found = resolve(PATH[: PATH.index(at) + 1], by_place, moment).line
    return None if found is None else found.value


def waiver(where: int, given_value: int, granter: int = ROOT) -> Line:
    return line(where, given_value, "enforced", waiver=True, granter_id=granter)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        ([line(ROOT, 1)], 1),
        ([line(ROOT, 1), line(REGION, 2), line(CLINIC, 3)], 3),
        ([line(ROOT, 1), line(REGION, 2)], 2),
        ([line(ROOT, 1, "recommended"), line(CLINIC, 3)], 3),
        ([line(ROOT, 1, "enforced"), line(CLINIC, 3)], 1),
        ([line(ROOT, 1), line(REGION, 2, "enforced"), line(CLINIC, 3, "enforced")], 2),
        ([line(ROOT, 1, "enforced"), line(REGION, 2, "enforced")], 1),
        ([line(REGION, 2, "local"), line(ROOT, 1)], 1),
        ([line(CLINIC, 3, "local"), line(ROOT, 1)], 3),
        ([line(ROOT, 1, "enforced"), waiver(CLINIC, 9)], 9),
        ([line(ROOT, 1, "enforced"), waiver(REGION, 9)], 9),
        ([line(ROOT, 1, "enforced"), waiver(REGION, 8), waiver(CLINIC, 9)], 9),
        ([line(ROOT, 1), waiver(CLINIC, 9)], 1),
        ([line(REGION, 2, "enforced"), waiver(REGION, 9)], 2),
        ([line(ROOT, 1, "enforced"), line(REGION, 2, "enforced"), waiver(REGION, 9)], 9),
        ([line(REGION, 2, "enforced"), waiver(CLINIC, 9, REGION)], 9),
        ([line(REGION, 2, "enforced"), waiver(CLINIC, 9, ROOT)], 9),
        ([line(ROOT, 1, "enforced"), waiver(CLINIC, 9, REGION)], 1),
        ([line(ROOT, 1, "enforced"), waiver(CLINIC, 9, REGION), waiver(CLINIC, 8, ROOT)], 8),
        ([line(ROOT, 1, "enforced"), waiver(CLINIC, 9, REGION), waiver(REGION, 8, ROOT)], 8),
        ([line(REGION, 2, "enforced"), waiver(CLINIC, 9, CLINIC)], 2),
        ([line(REGION, 2, "enforced"), waiver(CLINIC, 9, 99)], 2),
    ],
)
def test_what_counts(lines, expected):
    assert value(*lines) == expected


def test_the_value_that_started_last_counts_and_an_ended_one_gives_way():
    earlier = line(ROOT, 1, starts_on=DAY - timedelta(days=9))
    for_a_week = line(ROOT, 2, starts_on=DAY - timedelta(days=3), ends_on=DAY + timedelta(days=3))
    assert value(earlier, for_a_week) == 2
    assert value(earlier, for_a_week, moment=NOON + timedelta(days=4)) == 1
    assert value(earlier, for_a_week, moment=NOON - timedelta(days=4)) == 1
    assert value(earlier, for_a_week, moment=NOON - timedelta(days=10)) is None


def test_days_are_those_of_the_calendar_where_they_were_typed():
    """The day begins 25 hours earlier on Kiritimati than on Pago Pago."""
    early = line(ROOT, 1, time_zone="Pacific/Kiritimati", ends_on=DAY)
    late = line(ROOT, 1, time_zone="Pacific/Pago_Pago", ends_on=DAY)
    for one, begins in (
        (early, datetime(2026, 3, 9, 10, tzinfo=UTC)),
        (late, datetime(2026, 3, 10, 11, tzinfo=UTC)),
    ):
        ends = begins + timedelta(days=1)
        moments = (begins - SECOND, begins, ends - SECOND, ends)
        assert [value(one, moment=moment) for moment in moments] == [None, 1, 1, None]


def test_a_resolution_tells_what_would_be_without_the_override_and_what_locks_it():
    lines = {ROOT: [line(ROOT, 1, "enforced")], CLINIC: [line(CLINIC, 3)]}
    found = resolve(PATH, lines, NOON)
    assert (found.line.value, found.locked_by.value, found.here.value, found.inherited.value) == (1, 1, 3, 1)
    assert found.is_conflict
    found = resolve(PATH, {ROOT: [line(ROOT, 1)], CLINIC: [line(CLINIC, 3)]}, NOON)
    assert (found.line.value, found.locked_by, found.inherited.value) == (3, None, 1)
    assert not found.is_conflict


CODES = ("P", "S", "T", "Q", "R", "X")
PERIODS = ((-9, None), (-3, None), (0, None), (-9, -2), (-3, 4), (0, 0), (2, None))
ASSIGNED = st.lists(
    st.tuples(
        st.sampled_from(CODES), st.sampled_from(list(Mode)), st.sampled_from(PERIODS), st.integers(0, 100)
    ),
    max_size=8,
)
WAIVED = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from(["granted", "granted", "refused", "ended"]),
        st.sampled_from([p for p in PERIODS if p[1] is not None]),
        st.integers(0, 100),
        st.sampled_from(("P", "P", *CODES)),
    ),
    max_size=4,
)
BOUND = ASSIGNED.map(lambda some: [("P", Mode.ENFORCED, (-9, None), 50), *some])  # something to waive


#: As far apart as there are: between the first two up to two calendar days; and some change their clocks.
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "America/Los_Angeles", "UTC")
DAYS = (
    DAY,
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2028, 2, 29),
)  # some on which clocks change, and a leap day
WHERE = st.fixed_dictionaries({code: st.sampled_from(ZONES) for code in CODES})
MOMENTS = st.builds(
    lambda zone, day, seconds: start_in(zone, day) + timedelta(seconds=seconds),
    st.sampled_from(ZONES),
    st.sampled_from(DAYS),
    st.sampled_from([-3600, -1, 0, 1, 3600]) | st.integers(0, 86_400),
)


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(zones=WHERE, moment=MOMENTS, assigned=ASSIGNED | BOUND, waived=WAIVED)
def test_python_and_the_database_agree(world, zones, moment, assigned, waived):
    today = moment.astimezone(UTC).date()
    for code, zone in zones.items():
        Organization.objects.filter(pk=world.organizations[code].pk).update(time_zone=zone)
    lock_settings()
    SettingAssignment.objects.all().delete()
    SettingWaiver.objects.update(status="ended")  # nobody may delete one

    def days(period: tuple[int, int | None]) -> dict[str, date | None]:
        first, last = period
        return {
            "starts_on": today + timedelta(days=first),
            "ends_on": None if last is None else today + timedelta(days=last),
        }

    for code, mode, period, given_value in {(a[0], a[2][0]): a for a in assigned}.values():
        SettingAssignment.objects.create(
            organization=world.organizations[code],
            key=DISCOUNT_CAP.key,
            value=given_value,
            mode=mode,
            set_by="test",
            set_at=now(),
            **days(period),
        )
    for code, status, period, given_value, granter in waived:
        SettingWaiver.objects.create(
            organization=world.organizations[code],
            key=DISCOUNT_CAP.key,
            value=given_value,
            status=status,
            reason="test",
            requested_by="test",
            requested_at=now(),
            decided_at=now(),
            granter=world.organizations[granter],
            **days(period),
        )
    forget()
    everywhere = [world.organizations[code] for code in CODES]
    with at(moment):
        in_database = in_force_at([one.pk for one in everywhere], [DISCOUNT_CAP])
        for one in everywhere:
            found = resolution_at(one, DISCOUNT_CAP.key).line
            expected = None if found is None else (found.value, found.mode, found.organization_id)
            assert in_database[one.pk].get(DISCOUNT_CAP.key) == expected


def test_a_change_is_noticed_whoever_made_it(world, assign):
    north = world["S"]
    assert DISCOUNT_CAP.at(north) == 100
    assign("P", DISCOUNT_CAP, 10)
    assert DISCOUNT_CAP.at(north) == 10
    with connection.cursor() as cursor:  # past every action, as an operator might
        cursor.execute(
            "UPDATE orgs_settingassignment SET value = %s WHERE key = %s", [json.dumps(25), DISCOUNT_CAP.key]
        )
    forget()  # another binding would begin here
    assert DISCOUNT_CAP.at(north) == 25
    assign("P", DISCOUNT_CAP, 30)
    name = resolution_at(north, DISCOUNT_CAP.key).line.organization_name
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orgs_organization SET name = 'Renamed' WHERE id = %s", [world["P"].pk])
    forget()
    assert resolution_at(north, DISCOUNT_CAP.key).line.organization_name == "Renamed" != name


def test_reading_again_costs_no_query(world, assign, django_assert_num_queries):
    assign("P", DISCOUNT_CAP, 10)
    north, south = world["S"], world["T"]
    with django_assert_num_queries(3):  # place and version; assignments and waivers; what is switched
        assert DISCOUNT_CAP.at(north) == 10
    with django_assert_num_queries(0):
        assert DISCOUNT_CAP.at(north) == 10
    with django_assert_num_queries(1):  # another place
        assert DISCOUNT_CAP.at(south) == 10
    forget()
    with django_assert_num_queries(1):  # the same version: the lines are remembered
        assert DISCOUNT_CAP.at(north) == 10


#: Two regions below a root, with two clinics each.
PATHS = [(1,), (1, 2), (1, 3), (1, 2, 4), (1, 2, 5), (1, 3, 6), (1, 3, 7)]
PLACES = st.integers(1, 7)
SOME_LINES = st.lists(
    st.one_of(
        st.builds(line, PLACES, st.integers(0, 9), st.sampled_from([mode.value for mode in Mode])),
        st.builds(waiver, PLACES, st.integers(0, 9), st.integers(1, 8)),
    ),
    max_size=10,
)


@example([line(2, 1, "enforced"), waiver(4, 9, granter=1)])
@given(SOME_LINES)
@settings(max_examples=200)
def test_many_paths_are_answered_as_each_by_itself(lines):
    by_place: dict[int, list[Line]] = {}
    for one in lines:
        by_place.setdefault(one.organization_id, []).append(one)
    resolved = resolver(by_place, NOON)
    assert [resolved(path) for path in PATHS] == [resolve(path, by_place, NOON) for path in PATHS]
