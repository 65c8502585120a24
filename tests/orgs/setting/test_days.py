"""On which days a value counts where organizations keep different calendars."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from core.clock import at, start_in
from core.errors import Refused
from core.settings import Mode
from core.tenancy import bound, forget
from ledger.rules.settings import BACKDATING_DAYS, DISCOUNT_CAP
from orgs.actions.imports import import_organizations
from orgs.actions.organization import edit_organization
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.imports.csv_file import read_csv
from orgs.models import Organization, SettingAssignment, SettingWaiver
from orgs.queries.setting import in_force_at
from orgs.queries.whatif import Change, effect_of
from tests.cast import SYSTEM, details

SECOND = timedelta(seconds=1)
NIGHT = datetime(
    2026, 3, 10, 19, 30, tzinfo=UTC
)  # 01:00 on the 11th in Kolkata, half past noon in Los Angeles
TENTH, ELEVENTH = date(2026, 3, 10), date(2026, 3, 11)
KOLKATA, LOS_ANGELES = "Asia/Kolkata", "America/Los_Angeles"


def keep_calendar(cast, **zones):
    """Give organizations their time zones: `keep_calendar(world, P="Asia/Kolkata")`."""
    for code, zone in zones.items():
        one = cast[code]
        changed = replace(details(one.name, one.code), time_zone=zone)
        edit_organization(SYSTEM, one, details=changed, version=one.version)


def values(world, codes="PSQ"):
    """The discount cap at some organizations, as Python and the database say it."""
    forget()
    places = {code: world[code] for code in codes}
    in_database = in_force_at([one.pk for one in places.values()], [DISCOUNT_CAP])
    found = {}
    for code, one in places.items():
        found[code] = DISCOUNT_CAP.at(one)
        said, *_ = in_database[one.pk].get(DISCOUNT_CAP.key, (DISCOUNT_CAP.default,))
        assert said == found[code]
    return found


@pytest.fixture
def apart(world):
    """The parent organization in Kolkata, its subs in UTC, its partner in Los Angeles."""
    keep_calendar(world, P=KOLKATA, Q=LOS_ANGELES)
    return world


def test_what_the_parent_sets_after_its_midnight_counts_below_at_once(apart, assign):
    with at(NIGHT - timedelta(hours=2)):
        assign("P", DISCOUNT_CAP, 50)
    with at(NIGHT):
        assigned = assign("P", DISCOUNT_CAP, 10, "enforced")
        assert assigned.starts_on == ELEVENTH
        assert values(apart) == {"P": 10, "S": 10, "Q": 10}
    with at(start_in(KOLKATA, ELEVENTH) - SECOND):
        assert values(apart) == {"P": 50, "S": 50, "Q": 50}


def test_a_value_begins_and_ends_everywhere_with_the_days_where_it_was_set(apart, assign):
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 50)
        assign("P", DISCOUNT_CAP, 10, starts_on=date(2026, 3, 20), ends_on=date(2026, 3, 21))
    begins, ends = start_in(KOLKATA, date(2026, 3, 20)), start_in(KOLKATA, date(2026, 3, 22))
    for moment, expected in ((begins - SECOND, 50), (begins, 10), (ends - SECOND, 10), (ends, 50)):
        with at(moment):
            assert set(values(apart).values()) == {expected}


def test_what_is_taken_away_is_gone_at_once_everywhere(apart, assign):
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10)
        assert values(apart)["S"] == 10
        inherit_setting(SYSTEM, apart["P"], setting=DISCOUNT_CAP)
        assert set(values(apart).values()) == {DISCOUNT_CAP.default}


def test_a_waiver_counts_on_the_days_of_the_organization_that_asked(apart, assign):
    """Asked for in Los Angeles for the 10th, it counts until the 10th ends there, though the grantor has the 11th."""
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, "enforced")
        waiver = request_waiver(
            SYSTEM, apart["Q"], setting=DISCOUNT_CAP, value=30, reason="Opening.", ends_on=TENTH
        )
        decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
        assert values(apart, "PQR") == {"P": 10, "Q": 30, "R": 30}
    ends = start_in(LOS_ANGELES, ELEVENTH)
    with at(ends - SECOND):
        assert values(apart, "QR") == {"Q": 30, "R": 30}
    with at(ends):
        assert values(apart, "QR") == {"Q": 10, "R": 10}


def test_a_value_to_come_is_judged_by_the_moment_at_which_it_begins(apart, assign):
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, "enforced", starts_on=date(2026, 3, 20))
        with pytest.raises(Refused) as refusal:  # the 20th begins in Kolkata before it begins in UTC
            assign("S", DISCOUNT_CAP, 30, starts_on=date(2026, 3, 20))
        assert refusal.value.code == "policy_enforced"
        assert assign("S", DISCOUNT_CAP, 30, starts_on=date(2026, 3, 19)).starts_on == date(2026, 3, 19)


def test_the_days_of_what_is_remembered_pass_without_a_query(apart, assign, django_assert_num_queries):
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, ends_on=ELEVENTH)
        sub, partner = apart["S"], apart["Q"]
        assert [DISCOUNT_CAP.at(sub), DISCOUNT_CAP.at(partner)] == [10, 10]
    ends = start_in(KOLKATA, date(2026, 3, 12))
    with django_assert_num_queries(0):
        for moment, expected in ((ends - SECOND, 10), (ends, DISCOUNT_CAP.default)):
            with at(moment):
                assert [DISCOUNT_CAP.at(sub), DISCOUNT_CAP.at(partner)] == [expected, expected]


def test_another_time_zone_where_it_was_set_is_noticed(apart, assign):
    twentieth = date(2026, 3, 20)
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, starts_on=twentieth)
        values(apart)
        keep_calendar(apart, P=LOS_ANGELES)
    with at(start_in(KOLKATA, twentieth)):
        assert set(values(apart).values()) == {DISCOUNT_CAP.default}
    with at(start_in(LOS_ANGELES, twentieth)):
        assert set(values(apart).values()) == {10}


def test_a_dry_run_says_what_the_change_then_does(apart):
    change = Change(DISCOUNT_CAP, 10, Mode.ENFORCED, "The board decided so.")
    with at(NIGHT):
        changed = {row.pk for row, _, _ in effect_of(change, apart["P"]).changed}
        new = NewValue(change.value, change.mode, change.reason)
        assign_setting(SYSTEM, apart["P"], setting=DISCOUNT_CAP, new=new)
        assert changed == set(Organization.objects.exclude(kind="third_party").values_list("pk", flat=True))
        assert set(values(apart, "PSTQR").values()) == {10}


def test_many_get_it_on_their_own_days_and_have_it_at_once(apart):
    with at(NIGHT):
        every = [apart[code] for code in "PSQ"]
        batch = apply_to_many(SYSTEM, Change(DISCOUNT_CAP, 10, Mode.DEFAULT), organizations=every)
        days = dict(batch.assignments.values_list("organization__code", "starts_on"))
        assert days == {"P": ELEVENTH, "S": TENTH, "Q": TENTH}
        assert values(apart) == {"P": 10, "S": 10, "Q": 10}


def test_the_policies_page_counts_what_is_in_force_where_it_is_set(cast):
    client = cast.client("administrator")
    with at(NIGHT):
        with bound(cast.network.pk):
            keep_calendar(cast, P=LOS_ANGELES, S="Pacific/Kiritimati")
            new = NewValue(10)
            assign_setting(SYSTEM, cast["S"], setting=DISCOUNT_CAP, new=new)
        page = client.get(reverse("setting-list"), {"q": "largest discount"}).content.decode()
    assert re.findall(r'data-label="Own values">([^<]*)<', page) == ["1"]


def test_what_began_today_goes_on_where_it_is_yesterday_again(apart, assign):
    """From Kolkata, where it is the 11th, to Los Angeles, where it is the 10th."""
    with at(NIGHT - timedelta(days=1)):
        assign("P", DISCOUNT_CAP, 50)
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, "enforced")
        keep_calendar(apart, P=LOS_ANGELES)
        assert values(apart) == {"P": 10, "S": 10, "Q": 10}
        [row] = SettingAssignment.objects.filter(key=DISCOUNT_CAP.key)
        assert (row.starts_on, row.version) == (TENTH, 2)


def test_what_ended_yesterday_does_not_come_back(apart, assign):
    with at(NIGHT - timedelta(days=3)):
        assign("P", DISCOUNT_CAP, 50)
    with at(NIGHT):
        inherit_setting(SYSTEM, apart["P"], setting=DISCOUNT_CAP)
        assign("P", BACKDATING_DAYS, 5)
        keep_calendar(apart, P=LOS_ANGELES)
        assert set(values(apart).values()) == {DISCOUNT_CAP.default}
        assert BACKDATING_DAYS.at(apart["S"]) == 5


def test_what_was_laid_over_goes_on_afterwards_in_the_other_calendar(apart, assign):
    with at(NIGHT - timedelta(days=1)):
        assign("P", DISCOUNT_CAP, 50)
    with at(NIGHT):
        assign("P", DISCOUNT_CAP, 10, ends_on=date(2026, 3, 12))
        keep_calendar(apart, P=LOS_ANGELES)
    ends = start_in(LOS_ANGELES, date(2026, 3, 13))
    for moment, expected in ((NIGHT, 10), (ends - SECOND, 10), (ends, 50)):
        with at(moment):
            assert set(values(apart).values()) == {expected}


def test_a_value_of_one_day_that_has_ended_is_gone(apart, assign):
    with at(NIGHT - timedelta(days=1)):
        assign("P", DISCOUNT_CAP, 50, ends_on=TENTH)
    with at(NIGHT):
        keep_calendar(apart, P=LOS_ANGELES)
        assert set(values(apart).values()) == {DISCOUNT_CAP.default}


def test_a_later_calendar_moves_nothing(apart, assign):
    with at(NIGHT):
        assign("Q", DISCOUNT_CAP, 10)
        keep_calendar(apart, Q=KOLKATA)
        assert values(apart, "QR") == {"Q": 10, "R": 10}
        assert SettingAssignment.objects.get(key=DISCOUNT_CAP.key).starts_on == TENTH


@pytest.mark.parametrize(
    ("first", "last", "expected", "status"),
    [
        (None, date(2026, 3, 20), 30, "granted"),  # begun on the 11th
        (-2, TENTH, 10, "granted"),  # ended on the 10th
        (-1, TENTH, 10, "ended"),  # for the 10th alone
    ],
)
def test_a_waiver_that_counts_goes_on_and_one_that_lapsed_stays_so(
    apart, assign, first, last, expected, status
):
    with at(NIGHT - timedelta(days=3)):
        keep_calendar(apart, S=KOLKATA)
        assign("P", DISCOUNT_CAP, 10, "enforced")
    with at(NIGHT + timedelta(days=first or 0)):
        waiver = request_waiver(
            SYSTEM, apart["S"], setting=DISCOUNT_CAP, value=30, reason="Opening.", ends_on=last
        )
        decide_waiver(SYSTEM, waiver, grant=True, version=waiver.version)
    with at(NIGHT):
        assert values(apart, "S") == {"S": expected}
        keep_calendar(apart, S=LOS_ANGELES)
        assert values(apart, "S") == {"S": expected}
        assert SettingWaiver.objects.get().status == status


def test_an_import_that_changes_time_zones_keeps_what_is_in_force(apart, assign):
    with at(NIGHT):
        keep_calendar(apart, S=KOLKATA)
        assign("S", DISCOUNT_CAP, 10)
        import_organizations(
            SYSTEM,
            apart["P"],
            read=read_csv(
                f"code,name,kind,parent_code,time_zone\nS,North Clinic,sub,P,{LOS_ANGELES}\n".encode()
            ),
        )
        assert apart["S"].time_zone == LOS_ANGELES
        assert values(apart, "S") == {"S": 10}
