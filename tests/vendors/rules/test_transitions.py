"""Every pair of states, each side: in the one table or refused, and the database says the same."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import connection

from core.actors import ContactActor, SystemActor, UserActor
from core.errors import Refused
from vendors.rules.transitions import STATES, check_move, may_move, side_of

#: from -> to by side, written out once more: (staff, vendor, system)
EXPECTED = """
draft        -> requested         staff system
draft        -> cancelled         staff system
requested    -> received          vendor system
requested    -> accepted          vendor
requested    -> rejected          vendor
requested    -> cancelled         staff system
requested    -> entered-in-error  staff
received     -> accepted          vendor
received     -> rejected          vendor
received     -> cancelled         staff system
received     -> entered-in-error  staff
accepted     -> in-progress       vendor
accepted     -> on-hold           vendor
accepted     -> completed         vendor
accepted     -> failed            vendor
accepted     -> cancelled         staff system vendor
in-progress  -> on-hold           vendor
in-progress  -> completed         vendor
in-progress  -> failed            vendor
in-progress  -> cancelled         vendor
on-hold      -> in-progress       vendor staff system
on-hold      -> cancelled         vendor
on-hold      -> failed            vendor
rejected     -> entered-in-error  staff
cancelled    -> entered-in-error  staff
"""
WANTED = {
    (words[0], words[2], side)
    for words in map(str.split, EXPECTED.strip().splitlines())
    for side in words[3:]
}
PAIRS = list(product(STATES, STATES))


def test_the_states_are_those_of_the_product():
    assert STATES == (
        "draft", "requested", "received", "accepted", "rejected", "in-progress", "on-hold", "completed", "cancelled",
        "failed", "entered-in-error",
    )  # fmt: skip
    assert len(PAIRS) == 121


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_pair(before, after):
    for side in ("staff", "vendor", "system"):
        assert may_move(before, after, side) == ((before, after, side) in WANTED)
        if (before, after, side) in WANTED:
            check_move("SR-1", before, after, side)
        else:
            with pytest.raises(Refused) as refusal:
                check_move("SR-1", before, after, side)
            assert refusal.value.code == "transition"
            assert "SR-1" in refusal.value.message


def test_the_database_knows_the_same_table(world):
    with connection.cursor() as cursor:
        for before, after in PAIRS:
            cursor.execute(
                "SELECT app.request_step_known(%s, %s, true), app.request_step_known(%s, %s, false)",
                [before, after, before, after],
            )
            by_vendor, by_others = cursor.fetchone()
            assert by_vendor == may_move(before, after, "vendor"), (before, after)
            others = may_move(before, after, "staff") or may_move(before, after, "system")
            assert by_others == others, (before, after)


def test_sides():
    assert side_of(UserActor.of(1, "x")) == "staff"
    assert side_of(ContactActor.of(1, "x", 2)) == "vendor"
    assert side_of(SystemActor.of("x")) == "system"


def test_what_is_said_when_work_has_begun():
    with pytest.raises(Refused, match="Work on request SR-1 has begun"):
        check_move("SR-1", "in-progress", "cancelled", "staff")
    with pytest.raises(Refused, match="is already accepted"):
        check_move("SR-1", "accepted", "accepted", "vendor")
