"""What is in force where: the rules one by one, and the same answer in Python and in SQL whatever is assigned."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import now, today_in
from core.settings import Mode
from core.tenancy import forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.models import SettingAssignment, SettingWaiver
from orgs.queries.setting import in_force_at, resolution_at
from orgs.rules.cascade import Line, resolve

DAY = date(2026, 3, 10)
ROOT, REGION, CLINIC = PATH = (1, 2, 3)


def line(where: int, value: int, mode: str = "default", *, waiver: bool = False, **more: Any) -> Line:
    dates = {"starts_on": DAY, "ends_on": None} | more
    return Line(id=0, organization_id=where, value=value, mode=Mode(mode), waiver=waiver, **dates)


def value(*lines: Line, at: int = CLINIC, on: date = DAY) -> Any:
    by_place: dict[int, list[Line]] = {}
    for one in lines:
        by_place.setdefault(one.organization_id, []).append(one)
    found = resolve(PATH[: PATH.index(at) + 1], by_place, on).line
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
    assert value(earlier, for_a_week, on=DAY + timedelta(days=4)) == 1
    assert value(earlier, for_a_week, on=DAY - timedelta(days=4)) == 1
    assert value(earlier, for_a_week, on=DAY - timedelta(days=10)) is None


def test_a_resolution_tells_what_would_be_without_the_override_and_what_locks_it():
    lines = {ROOT: [line(ROOT, 1, "enforced")], CLINIC: [line(CLINIC, 3)]}
    found = resolve(PATH, lines, DAY)
    assert (found.line.value, found.locked_by.value, found.here.value, found.inherited.value) == (1, 1, 3, 1)
    assert found.is_conflict
    found = resolve(PATH, {ROOT: [line(ROOT, 1)], CLINIC: [line(CLINIC, 3)]}, DAY)
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
        st.sampled_from(CODES),
    ),
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(assigned=ASSIGNED, waived=WAIVED)
def test_python_and_the_database_agree(world, assigned, waived):
    today = today_in("UTC")
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
