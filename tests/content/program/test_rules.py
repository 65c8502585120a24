"""What a program may be made of, and on which days it makes things due."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rules.program import problems_of, publishing_problems, timeline
from content.starter.read import program_of

PHASE = {"linkId": "start", "type": "phase", "text": "Start", "duration": 2, "unit": "weeks"}
GOAL = {"linkId": "goal", "type": "goal", "text": "Walks"}
NOTE = {"linkId": "note", "type": "note", "text": "Call", "day": 3}
FORM = {"linkId": "form", "type": "form", "text": "Weigh", "content": "weight", "day": 1}
SERVICE = {"linkId": "service", "type": "service", "text": "Blood", "service": "BLOOD", "day": 14}


def wrong(*items):
    return [(one.link_id, one.field) for one in problems_of({"items": list(items)})]


def test_a_right_program_has_no_problems():
    assert wrong(PHASE, GOAL, NOTE | {"every": 7}, FORM, SERVICE) == []


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([NOTE], ("note", "")),
        ([GOAL, PHASE], ("goal", "")),
        ([PHASE | {"duration": 0}], ("start", "duration")),
        ([PHASE | {"duration": "2"}], ("start", "duration")),
        ([PHASE | {"duration": True}], ("start", "duration")),
        ([PHASE | {"unit": "months"}], ("start", "unit")),
        ([PHASE | {"duration": 262}], ("start", "duration")),
        ([PHASE | {"duration": 261}, PHASE | {"linkId": "more", "duration": 1}], ("more", "duration")),
        ([PHASE, NOTE | {"day": 15}], ("note", "day")),
        ([PHASE, NOTE | {"day": 0}], ("note", "day")),
        ([PHASE, NOTE | {"every": 0}], ("note", "every")),
        ([PHASE, FORM | {"content": ""}], ("form", "content")),
        ([PHASE, SERVICE | {"service": "no code"}], ("service", "service")),
        ([PHASE, GOAL | {"day": 1}], ("goal", "day")),
        ([PHASE, GOAL | {"type": "string"}], ("goal", "type")),
        ([PHASE, GOAL | {"type": ["goal"]}], ("goal", "type")),
        ([PHASE, GOAL | {"text": " "}], ("goal", "text")),
        ([PHASE, PHASE], ("start", "linkId")),
    ],
)
def test_a_mistake_is_named(items, expected):
    assert expected in wrong(*items)


def test_a_program_in_which_nothing_is_due_is_not_published():
    assert "Nothing is due" in publishing_problems({"items": [PHASE, GOAL]})[0].message
    assert publishing_problems({"items": [PHASE, NOTE]}) == []


def test_days_are_counted_on_from_phase_to_phase_and_due_comes_in_order():
    body = program_of(
        """
        # One | 1 weeks
        note | Late | | 7
        note | Early | | 2 every 3
        # Two | 10 days
        goal | Walks
        note | Again | | 1 every 5
        """
    )
    one, two = timeline(body)
    assert (one.first, one.last, two.first, two.last) == (1, 7, 8, 17)
    assert [(due.item["text"], due.day, due.times) for due in one.due] == [("Early", 2, 2), ("Late", 7, 1)]
    assert [(due.day, due.times) for due in two.due] == [(8, 2)]
    assert [goal["text"] for goal in two.goals] == ["Walks"]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 60), st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30)), max_size=3)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_is_due_outside_its_phase(phases):
    items = []
    for number, (length, due) in enumerate(phases):
        items.append(PHASE | {"linkId": f"p{number}", "duration": length, "unit": "days"})
        items += [
            NOTE | {"linkId": f"n{number}-{n}", "day": min(day, length), "every": every}
            for n, (day, every) in enumerate(due)
        ]
    assert problems_of({"items": items}) == []
    found = timeline({"items": items})
    assert all(after.first == before.last + 1 for before, after in pairwise(found))
    for phase in found:
        for due in phase.due:
            last = due.day + (due.times - 1) * due.item["every"]
            assert phase.first <= due.day <= last <= phase.last < last + due.item["every"]
