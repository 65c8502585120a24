"""Assigning a value, returning to inherit, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from core.access import Denied
from core.clock import start_in, today_in
from core.errors import Refused, Stale
from core.settings import Mode, why
from core.tenancy import forget
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.setting import NewValue, assign_setting, inherit_setting, seen_at
from orgs.models import SettingAssignment
from orgs.queries.setting import resolution_at
from orgs.queries.whatif import Change, effect_of
from orgs.rules.settings import MAX_SUB_DEPTH
from tests.cast import SYSTEM


def refusal(call):
    with pytest.raises(Refused) as caught:
        call()
    return caught.value


def test_it_is_written_with_who_when_and_why(world, assign):
    made = assign("P", DISCOUNT_CAP, 10, "recommended")
    assert (made.value, made.mode, made.reason, made.set_by) == (
        10,
        "recommended",
        "The board decided so.",
        SYSTEM.label,
    )
    event = AuditEvent.objects.latest("pk")
    assert event.verb == "setting.assigned"
    assert event.new["key"] == DISCOUNT_CAP.key
    assert event.new["value"] == "10 %"
    assign("P", DISCOUNT_CAP, 12)
    assert dict(AuditEvent.objects.latest("pk").old)["value"] == "10 %"
    assert SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).count() == 1, (
        "the same day is one assignment"
    )


@pytest.mark.parametrize("value", ["much", -1, 101, 3.5, True, "", None, "1" * 30])
def test_a_value_that_the_setting_does_not_take(world, assign, value):
    refused = refusal(lambda: assign("P", DISCOUNT_CAP, value))
    assert (refused.code, refused.field) == ("invalid", "value")
    assert not SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).exists()


def test_what_is_enforced_above_is_locked_and_says_who_set_it(world, assign):
    assign("P", DISCOUNT_CAP, 10, "enforced")
    refused = refusal(lambda: assign("S", DISCOUNT_CAP, 20))
    assert refused.code == "policy_enforced"
    for part in ("Largest discount", "billing.discount_cap", "10 %", SYSTEM.label, "Harbor Health", "waiver"):
        assert part in refused.message
    assert why(DISCOUNT_CAP, world["S"]) == refused.message


def test_to_differ_from_a_recommended_value_needs_a_reason(world, assign):
    assign("P", DISCOUNT_CAP, 10, "recommended")
    refused = refusal(lambda: assign("S", DISCOUNT_CAP, 20, reason=" "))
    assert (refused.code, refused.field) == ("reason_missing", "reason")
    assert "Harbor Health recommends 10 %" in refused.message
    assign("S", DISCOUNT_CAP, 10, reason="")
    assign("S", DISCOUNT_CAP, 20, reason="Opening week.")
    assert DISCOUNT_CAP.at(world["S"]) == 20


def test_to_enforce_needs_a_reason(world, assign):
    assert refusal(lambda: assign("P", DISCOUNT_CAP, 10, "enforced", reason="")).field == "reason"


def test_it_applies_to_its_kinds_only(world, assign):
    refused = refusal(lambda: assign("X", DISCOUNT_CAP, 10))
    assert refused.code == "not_applicable"
    assert "third party" in refused.message


def test_it_starts_and_ends_by_itself(world, assign):
    today = today_in("UTC")
    assign("P", DISCOUNT_CAP, 40)
    assign("P", DISCOUNT_CAP, 10, starts_on=today + timedelta(days=2), ends_on=today + timedelta(days=3))
    days = {
        n: resolution_at(world["S"], DISCOUNT_CAP.key, start_in("UTC", today + timedelta(days=n))).line.value
        for n in range(5)
    }
    assert days == {0: 40, 1: 40, 2: 10, 3: 10, 4: 40}
    assert (
        refusal(lambda: assign("P", DISCOUNT_CAP, 1, starts_on=today - timedelta(days=1))).field
        == "starts_on"
    )
    ended = {"starts_on": today + timedelta(days=3), "ends_on": today + timedelta(days=2)}
    assert refusal(lambda: assign("P", DISCOUNT_CAP, 1, **ended)).field == "ends_on"


def test_what_comes_without_an_end_replaces_what_was_to_come(world, assign):
    today = today_in("UTC")
    assign("P", DISCOUNT_CAP, 10, starts_on=today + timedelta(days=9))
    assign("P", DISCOUNT_CAP, 30)
    assert (
        resolution_at(world["P"], DISCOUNT_CAP.key, start_in("UTC", today + timedelta(days=20))).line.value
        == 30
    )


def test_returning_to_inherit(world, assign):
    assign("P", DISCOUNT_CAP, 10)
    assign("S", DISCOUNT_CAP, 20)
    inherit_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP)
    assert DISCOUNT_CAP.at(world["S"]) == 10
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.old["value"]) == ("setting.inherited", "20 %")
    assert refusal(lambda: inherit_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP)).code == "not_permitted"


def test_what_stood_before_today_stays_in_the_books(world, assign):
    made = assign("S", DISCOUNT_CAP, 20)
    today = today_in("UTC")
    SettingAssignment.objects.filter(pk=made.pk).update(starts_on=today - timedelta(days=30))
    forget()
    inherit_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP)
    assert DISCOUNT_CAP.at(world["S"]) == 100
    assert (
        resolution_at(world["S"], DISCOUNT_CAP.key, start_in("UTC", today - timedelta(days=1))).line.value
        == 20
    )


def test_a_change_in_the_meantime_is_noticed(world, assign):
    assign("S", DISCOUNT_CAP, 20)
    seen = seen_at(world["S"], DISCOUNT_CAP)
    assign("S", DISCOUNT_CAP, 30)
    with pytest.raises(Stale):
        assign_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP, new=NewValue(40), seen=seen)
    with pytest.raises(Stale):
        inherit_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP, seen=seen)
    assert DISCOUNT_CAP.at(world["S"]) == 30


@pytest.mark.parametrize(
    ("persona", "code", "setting", "may"),
    [
        ("administrator", "P", MAX_SUB_DEPTH, True),
        ("local_admin", "S", DISCOUNT_CAP, True),
        ("local_admin", "T", DISCOUNT_CAP, False),
        ("local_admin", "S", MAX_SUB_DEPTH, False),
        ("finance", "P", DISCOUNT_CAP, True),
        ("finance", "P", MAX_SUB_DEPTH, False),
        ("auditor", "P", DISCOUNT_CAP, False),
        ("desk", "S", DISCOUNT_CAP, False),
    ],
)
def test_who_may_change_what(world, persona, code, setting, may):
    def change():
        return assign_setting(
            world.actor(persona), world[code], setting=setting, new=NewValue(3, Mode.LOCAL, "Because.")
        )

    if may and not (setting is MAX_SUB_DEPTH and code != "P"):
        assert change().set_by
    else:
        with pytest.raises(Denied):
            change()


def test_the_effect_is_told_before_it_happens(world, assign):
    assign("S", DISCOUNT_CAP, 20)
    assign("Q", DISCOUNT_CAP, 10)
    effect = effect_of(Change(DISCOUNT_CAP, 10, Mode.ENFORCED, "Because."), world["P"])
    assert {place.code: (old, new) for place, old, new in effect.changed} == {
        "P": (100, 10),
        "S": (20, 10),
        "T": (100, 10),
    }
    assert [place.code for place in effect.overruled] == ["S"]
    assert effect.unchanged == 2  # Quay Partners and its annex have 10 already; third parties aren't asked
    assert DISCOUNT_CAP.at(world["S"]) == 20, "a preview writes nothing"
    effect = effect_of(Change(DISCOUNT_CAP), world["S"])
    assert [(place.code, old, new) for place, old, new in effect.changed] == [("S", 20, 100)]


def test_a_dated_value_on_the_first_day_of_another_lets_it_go_on_afterwards(world, assign):
    today = today_in("UTC")
    assign("P", DISCOUNT_CAP, 40)
    assign("P", DISCOUNT_CAP, 10, ends_on=today + timedelta(days=1))
    days = [
        resolution_at(world["S"], DISCOUNT_CAP.key, start_in("UTC", today + timedelta(days=n))).line.value
        for n in range(4)
    ]
    assert days == [10, 10, 40, 40]
    assign("P", DISCOUNT_CAP, 20, ends_on=today)
    days = [
        resolution_at(world["S"], DISCOUNT_CAP.key, start_in("UTC", today + timedelta(days=n))).line.value
        for n in range(4)
    ]
    assert days == [20, 10, 40, 40]
