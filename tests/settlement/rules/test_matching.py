"""Matching: every line in one finding, the same every time, nothing automatic beyond the tolerance."""

from __future__ import annotations

import random
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import locale
from settlement.rules import matching
from settlement.rules.matching import Entry, Policy, match, normalized

DAY = date(2026, 5, 10)


@pytest.fixture(autouse=True)
def english():
    with locale.using("en-GB"):
        yield


def here(key: int, minor: int, reference: str = "", day: int = 0, **more) -> Entry:
    return Entry(key, DAY + timedelta(days=day), minor, reference, **more)


def found(ours, theirs, **more):
    """Name, ours, theirs and confidence of every pairing, in order of their lines."""
    pairs = match(ours, theirs, Policy(), **more)
    return sorted((pair.name, pair.ours, pair.theirs) for pair in pairs)


NAMED = [
    ("all agree", [here(1, 500, "7")], [here(1, 500, "7")], [("exact", (1,), (1,))]),
    ("a day apart", [here(1, 500, "7")], [here(1, 500, "7", 2)], [("exact", (1,), (1,))]),
    ("weeks apart", [here(1, 500, "7")], [here(1, 500, "7", 20)], [("timing", (1,), (1,))]),
    ("another period here", [here(1, 500, "7", 1, in_period=False)], [here(1, 500, "7")], [("timing", (1,), (1,))]),
    ("another amount", [here(1, 500, "7")], [here(1, 400, "7")], [("amount_differs", (1,), (1,))]),
    ("the opposite sign", [here(1, 500, "7")], [here(1, -500, "7")], [("amount_differs", (1,), (1,))]),
    ("another currency", [here(1, 500, "7")], [here(1, 0, "7", foreign="EUR 5.00")], [("amount_differs", (1,), (1,))]),
    ("another reference", [here(1, 500, "17")], [here(1, 500, "71")], [("reference_differs", (1,), (1,))]),
    ("no reference there", [here(1, 500, "17")], [here(1, 500)], [("exact", (1,), (1,))]),
    ("nothing there", [here(1, 500, "7")], [], [("missing_there", (1,), ())]),
    ("nothing here", [], [here(1, 500, "7")], [("missing_here", (), (1,))]),
    ("outside and alone", [here(1, 500, "7", 9, in_period=False)], [], []),
    (
        "twice there",
        [here(1, 500, "7")],
        [here(1, 500, "7"), here(2, 500, "7")],
        [("duplicate", (), (2,)), ("exact", (1,), (1,))],
    ),
    (
        "twice there on another day",
        [here(1, 500, "7")],
        [here(1, 500, "7"), here(2, 500, "7", 1)],
        [("duplicate", (), (2,)), ("exact", (1,), (1,))],
    ),
    (
        "twice there, never here",
        [],
        [here(1, 500, "7"), here(2, 500, "7")],
        [("duplicate", (), (2,)), ("missing_here", (), (1,))],
    ),
    (
        "one for three",
        [here(1, 100, "1"), here(2, 200, "2"), here(3, 300, "3"), here(4, 950, "4")],
        [here(1, 600, "A")],
        [("exact", (1, 2, 3), (1,)), ("missing_there", (4,), ())],
    ),
    (
        "three for one",
        [here(1, 600, "9")],
        [here(1, 100, "A"), here(2, 200), here(3, 300)],
        [("exact", (1,), (1, 2, 3))],
    ),
    (
        "one reference, in parts",
        [here(1, 600, "9")],
        [here(1, 100, "9"), here(2, 500, "9", 9)],
        [("exact", (1,), (1, 2))],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "named"), [case[1:] for case in NAMED], ids=[case[0] for case in NAMED]
)
def test_what_is_found_has_a_name(ours, theirs, named):
    assert found(ours, theirs) == named


def test_a_reference_that_belongs_to_another_party_is_said():
    (one,) = match([], [here(1, 500, "88")], Policy(), elsewhere={"88": "Konkan"})
    assert one.reason == "The books have this reference with Konkan."


@pytest.mark.parametrize(
    ("said", "means"), [("No. 0042", "42"), ("ENTRY-42", "42"), ("Inv 7", "inv7"), ("nora", "nora")]
)
def test_references_are_read_as_people_write_them(said, means):
    assert normalized(said) == means


entries = st.lists(
    st.tuples(
        st.integers(-20, 20).filter(bool),
        st.sampled_from(["", "1", "2", "3"]),
        st.integers(-9, 9),
        st.booleans(),
    ),
    max_size=12,
)


def side(rows, is_theirs: bool) -> list[Entry]:
    return [
        here(key, minor, reference, day, in_period=is_theirs or inside)
        for key, (minor, reference, day, inside) in enumerate(rows)
    ]


@given(entries, entries, st.integers(0, 5), st.integers(0, 5), st.randoms())
def test_every_line_is_in_one_pairing_and_order_does_not_matter(ours, theirs, tolerance, window, chance):
    here_, there = side(ours, False), side(theirs, True)
    policy = Policy(tolerance, window)
    pairs = match(here_, there, policy)
    assert sorted(key for pair in pairs for key in pair.theirs) == list(range(len(there)))
    taken = [key for pair in pairs for key in pair.ours]
    assert len(taken) == len(set(taken))
    assert {one.key for one in here_ if one.in_period} <= set(taken)
    assert all(pair.theirs or len(pair.ours) == 1 for pair in pairs)
    chance.shuffle(here_)
    chance.shuffle(there)
    assert match(here_, there, policy) == pairs


@given(entries, entries, st.integers(0, 5))
def test_nothing_is_automatic_beyond_the_tolerance(ours, theirs, tolerance):
    here_, there = side(ours, False), side(theirs, True)
    for pair in match(here_, there, Policy(tolerance, 3)):
        difference = sum(here_[key].minor for key in pair.ours) - sum(there[key].minor for key in pair.theirs)
        if pair.is_automatic:
            ((one,), (other,)) = pair.ours, pair.theirs
            assert abs(difference) <= tolerance
            assert here_[one].reference == there[other].reference != ""
            assert here_[one].on == there[other].on
        if pair.name in ("exact", "timing", "reference_differs"):
            assert difference == 0


def test_the_work_grows_with_the_lines_and_not_with_their_square():
    """Twice as many lines take fewer than three times as many calls, which are the same on every machine."""

    def calls(count: int) -> int:
        chance = random.Random(1)
        ours = [
            here(
                key,
                chance.choice((54000, 12000)) + key % 900,
                str(key) if key % 2 else "",
                chance.randint(0, 30),
            )
            for key in range(count)
        ]
        theirs = [
            Entry(one.key, one.on, one.minor + (one.key % 97 == 0), one.reference)
            for one in ours
            if one.key % 50
        ]
        made: Counter[str] = Counter()
        sys.setprofile(lambda frame, event, argument: made.update((event,)))
        try:
            names = Counter(pair.name for pair in match(ours, theirs, Policy(0, 3)))
        finally:
            sys.setprofile(None)
        assert names["exact"] > count * 0.9
        return made["call"] + made["c_call"]

    assert calls(4_000) < 3 * calls(2_000)


def test_sums_are_looked_for_among_few_and_for_few():
    assert matching.NEAR <= 12
    many = [here(key, 1 + key) for key in range(300)]
    targets = [here(key, 10**9 + key) for key in range(300)]
    assert {pair.name for pair in match(many, targets, Policy())} == {"missing_here", "missing_there"}
