"""One value for many organizations: the dry run, the change, and taking it back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from core.settings import Mode
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.setting import inherit_setting
from orgs.actions.setting_many import apply_to_many, undo_batch
from orgs.models import Organization, SettingAssignment
from orgs.queries.whatif import Change, plan
from tests.cast import SYSTEM

TEN = Change(DISCOUNT_CAP, 10, Mode.DEFAULT)
EVERYWHERE = "PSTQRXY"


def places(world, codes=EVERYWHERE):
    return [world[code] for code in codes]


def outcomes(world, change, actor=SYSTEM, codes=EVERYWHERE):
    return {one.organization.code: one.outcome.value for one in plan(actor, change, places(world, codes))}


def test_the_dry_run_says_what_it_comes_to_everywhere(world, assign):
    assign("S", DISCOUNT_CAP, 10)
    assign("Q", DISCOUNT_CAP, 30, "enforced")
    assert outcomes(world, TEN) == {
        "P": "changes",
        "S": "same",
        "T": "changes",
        "Q": "changes",
        "R": "locked",
        "X": "not_applicable",
        "Y": "not_applicable",
    }
    assert outcomes(world, TEN, world.actor("local_admin"), "ST") == {"S": "same", "T": "not_permitted"}
    assert outcomes(world, Change(DISCOUNT_CAP), codes="PSQ") == {"P": "same", "S": "changes", "Q": "changes"}
    assign("P", DISCOUNT_CAP, 50, "recommended")
    assert outcomes(world, Change(DISCOUNT_CAP, 20, Mode.DEFAULT), codes="T") == {"T": "reason"}
    assert outcomes(world, Change(DISCOUNT_CAP, 20, Mode.DEFAULT, "So."), codes="T") == {"T": "changes"}


def test_the_dry_run_takes_the_same_queries_for_three_and_for_seven(world, assign, django_assert_num_queries):
    assign("P", DISCOUNT_CAP, 50)
    three, seven = places(world, "PST"), places(world)
    plan(SYSTEM, TEN, three)
    with django_assert_num_queries(2):
        plan(SYSTEM, TEN, three)
    with django_assert_num_queries(2):
        plan(SYSTEM, TEN, seven)


def test_it_changes_what_the_dry_run_said_and_nothing_else(world, assign):
    assign("Q", DISCOUNT_CAP, 30, "enforced")
    batch = apply_to_many(SYSTEM, TEN, organizations=places(world, "STRX"))
    assert batch.what == "Largest discount: 10 % (default) at 2 organizations"
    assert [DISCOUNT_CAP.at(world[code]) for code in "STRQ"] == [10, 10, 30, 30]
    event = AuditEvent.objects.latest("pk")
    assert event.verb == "settings.applied"
    assert sorted(event.new["organizations"]) == sorted(world[code].pk for code in "ST")


def test_it_is_set_based(world):
    def queries(codes):
        chosen = places(world, codes)
        with CaptureQueriesContext(connection) as captured:
            apply_to_many(SYSTEM, TEN, organizations=chosen)
        return len(captured)

    queries("Q")  # what is read once a binding
    assert queries("R") == queries("PST")


def test_taking_it_back_restores_what_stood_before(world, assign):
    assign("S", DISCOUNT_CAP, 40, "local", reason="Ours.")
    before = list(
        SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).values(
            "value", "mode", "reason", "set_by", "starts_on"
        )
    )
    batch = apply_to_many(SYSTEM, TEN, organizations=places(world, "ST"))
    assert undo_batch(SYSTEM, batch) == 2
    after = list(
        SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).values(
            "value", "mode", "reason", "set_by", "starts_on"
        )
    )
    assert after == before
    assert [DISCOUNT_CAP.at(world[code]) for code in "ST"] == [40, 100]
    with pytest.raises(Refused, match="already"):
        undo_batch(SYSTEM, batch)


def test_taking_it_back_leaves_what_was_changed_since(world, assign):
    batch = apply_to_many(SYSTEM, TEN, organizations=places(world, "ST"))
    assign("S", DISCOUNT_CAP, 77)
    assert undo_batch(SYSTEM, batch) == 1
    assert [DISCOUNT_CAP.at(world[code]) for code in "ST"] == [77, 100]


def test_taking_it_back_leaves_what_was_ended_since(world, assign):
    assign("S", DISCOUNT_CAP, 40)
    batch = apply_to_many(SYSTEM, TEN, organizations=places(world, "ST"))
    inherit_setting(SYSTEM, world["S"], setting=DISCOUNT_CAP)
    assert undo_batch(SYSTEM, batch) == 1
    assert [DISCOUNT_CAP.at(world[code]) for code in "ST"] == [100, 100]


def test_batches_are_taken_back_from_the_last(world):
    first = apply_to_many(SYSTEM, TEN, organizations=places(world, "ST"))
    second = apply_to_many(SYSTEM, Change(DISCOUNT_CAP, 20, Mode.DEFAULT), organizations=places(world, "ST"))
    with pytest.raises(Refused, match="changed again"):
        undo_batch(SYSTEM, first)
    assert undo_batch(SYSTEM, second) == 2
    assert undo_batch(SYSTEM, first) == 2
    assert [DISCOUNT_CAP.at(world[code]) for code in "ST"] == [100, 100]


def test_nobody_takes_back_what_they_could_not_have_changed(world):
    batch = apply_to_many(SYSTEM, TEN, organizations=places(world, "ST"))
    with pytest.raises(Denied):
        undo_batch(world.actor("local_admin"), batch)
    assert DISCOUNT_CAP.at(world["T"]) == 10


def test_returning_many_to_inherit(world, assign):
    for code in "ST":
        assign(code, DISCOUNT_CAP, 20)
    batch = apply_to_many(SYSTEM, Change(DISCOUNT_CAP), organizations=places(world))
    assert "inheriting at 2 organizations" in batch.what
    assert DISCOUNT_CAP.at(world["S"]) == 100
    undo_batch(SYSTEM, batch)
    assert DISCOUNT_CAP.at(world["S"]) == 20


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(DISCOUNT_CAP, 500, Mode.DEFAULT), "invalid"),
        (Change(DISCOUNT_CAP, 5, Mode.ENFORCED), "reason_missing"),
        (Change(DISCOUNT_CAP), "nothing_to_do"),
    ],
)
def test_what_is_refused_changes_nothing(world, change, code):
    with pytest.raises(Refused) as refusal:
        apply_to_many(SYSTEM, change, organizations=places(world))
    assert refusal.value.code == code
    assert not SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).exists()


def test_a_foreign_organization_is_not_there(cast):
    with bound(cast.foreign[0].pk):
        foreign = Organization.objects.filter(parent=None).get()
    with bound(cast.network.pk), pytest.raises(KeyError):
        apply_to_many(SYSTEM, TEN, organizations=[foreign])
