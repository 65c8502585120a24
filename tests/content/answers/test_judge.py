"""Answers: what applies is judged, what doesn't is dropped, and what was kept stands a second look."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rules.answers import enabled, judge, scores, shown
from content.rules.body import UNASKED, items_of, problems_of
from content.starter.read import body_of

BODY = body_of(
    """
    choice! | Smoke | Yes; No
    # Habits | | smoke = Yes
    decimal! | Many | /day 1..100
    text! | Since | | many > 20
    # Body
    scale | Pain | 0..10 none; worst
    scale | Sleep | 0..10 bad; good
    multichoice | Where | Head; Back
    date | Begun | | where = Back
    score | Total | sum of pain, sleep; 0 Low; 8 High
    score | Mean | mean of pain, sleep
    """
)

WORDS = st.sampled_from(
    ["", " ", "Yes", "No", "Head", "1", "5", "20", "21", "101", "2.5", "2026-01-31", "x" * 400]
)
ANSWER = st.one_of(WORDS, st.text(max_size=12), st.integers(-5, 120).map(str), st.lists(WORDS, max_size=3))
IDS = [item["linkId"] for item in items_of(BODY) if item["type"] not in UNASKED]


@st.composite
def bodies(draw: Any) -> dict[str, Any]:
    """Forms in which every item may hang on any before it."""
    items: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["string", "decimal", "choice", "multichoice", "scale", "date", "group"]))
        item: dict[str, Any] = {"linkId": f"q{number}", "type": kind, "text": f"Q{number}"}
        if kind in ("choice", "multichoice"):
            item["answerOption"] = ["Yes", "No", "Head"]
        if kind == "scale":
            item |= {"min": 0, "max": 10}
        if kind != "group":
            item["required"] = draw(st.booleans())
        asked = [one for one in items if one["type"] != "group"]
        if asked and draw(st.booleans()):
            question = draw(st.sampled_from(asked))
            operator = draw(st.sampled_from(["=", "!=", "exists"]))
            answers = {"date": "2026-03-31", "decimal": "5", "scale": "5"}
            answer = answers.get(question["type"], "Yes")
            item["enableWhen"] = [
                {"question": question["linkId"], "operator": operator}
                | ({} if operator == "exists" else {"answer": answer})
            ]
            item["enableBehavior"] = draw(st.sampled_from(["all", "any"]))
        items.append(item)
    return {"items": items}


@given(st.dictionaries(st.sampled_from(IDS), ANSWER), st.booleans())
def test_what_was_kept_is_kept_again(given_answers, complete):
    kept, wrong = judge(BODY, given_answers, complete=complete)
    if not wrong:
        assert judge(BODY, kept, complete=complete) == (kept, {})


@given(bodies(), st.data())
def test_any_form_can_be_answered_and_hidden_items_never_block(body, data):
    assert problems_of(body) == []
    asked = [one["linkId"] for one in items_of(body) if one["type"] != "group"]
    answers = data.draw(st.dictionaries(st.sampled_from(asked), ANSWER)) if asked else {}
    kept, wrong = judge(body, answers)
    applies = {one["linkId"] for one in enabled(body, answers)}
    assert set(wrong) <= applies
    assert set(kept) <= applies
    if not wrong:
        assert judge(body, kept) == (kept, {})


def test_hidden_answers_are_dropped_and_nothing_of_them_is_required():
    kept, wrong = judge(BODY, {"smoke": "No", "many": "30", "since": "ever"})
    assert (kept, wrong) == ({"smoke": "No"}, {})


def test_a_section_hides_what_stands_in_it_and_conditions_of_hidden_questions_do_not_hold():
    assert "since" not in [one["linkId"] for one in enabled(BODY, {"smoke": "No", "many": "30"})]
    assert "since" in [one["linkId"] for one in enabled(BODY, {"smoke": "Yes", "many": "30"})]


@pytest.mark.parametrize(
    ("answers", "link_id", "says"),
    [
        ({}, "smoke", "missing"),
        ({"smoke": "Maybe"}, "smoke", "none of the options"),
        ({"smoke": "Yes", "many": "0"}, "many", "below 1"),
        ({"smoke": "Yes", "many": "101"}, "many", "above 100"),
        ({"smoke": "Yes", "many": "2.5"}, "many", "whole number"),
        ({"smoke": "Yes", "many": "NaN"}, "many", "no number"),
        ({"smoke": "Yes", "many": "21"}, "since", "missing"),
        ({"smoke": "No", "pain": "11"}, "pain", "above 10"),
        ({"smoke": "No", "where": ["Foot"]}, "where", "none of the options"),
        ({"smoke": "No", "where": ["Back"], "begun": "31.1.2026"}, "begun", "no date"),
        ({"smoke": "No", "other": "x"}, "other", "doesn't ask"),
        ({"smoke": ["Yes"]}, "smoke", "one value"),
    ],
)
def test_a_wrong_answer_is_named(answers, link_id, says):
    assert says in judge(BODY, answers)[1][link_id]


def test_a_draft_requires_nothing_yet_but_takes_nothing_wrong():
    assert judge(BODY, {}, complete=False) == ({}, {})
    assert judge(BODY, {"smoke": "Maybe"}, complete=False)[1]


def test_scores_count_what_was_answered():
    assert scores(BODY, {"smoke": "No"}) == {}
    found = scores(BODY, {"smoke": "No", "pain": "5", "sleep": "4"})
    assert found == {"total": {"value": "9", "band": "High"}, "mean": {"value": "4.5", "band": ""}}
    assert scores(BODY, {"pain": "3"})["total"] == {"value": "3", "band": "Low"}


def test_answers_are_shown_in_words():
    by_id = {one["linkId"]: one for one in items_of(BODY)}
    assert shown(by_id["many"], "5") == "5 /day"
    assert shown(by_id["pain"], "5") == "5 of 10"
    assert shown(by_id["where"], ["Head", "Back"]) == "Head, Back"
    assert shown(by_id["begun"], "2026-01-31") == "31 January 2026"


def test_a_condition_on_a_hidden_question_does_not_hold():
    body = body_of("choice | A | Yes; No\ndecimal | B | 0..50 | a = Yes\ntext! | C | | b > 20")
    assert [one["linkId"] for one in enabled(body, {"a": "No", "b": "30"})] == ["a"]
    assert judge(body, {"a": "No", "b": "30"}) == ({"a": "No"}, {})


def test_what_does_not_apply_any_more_is_not_counted():
    """The page shows the score of what is typed so far, and a hidden field keeps what was typed into it."""
    body = body_of(
        """
        choice | Any | Yes; No
        scale | Pain | 0..10 none; worst | any = Yes
        scale | Sleep | 0..10 bad; good
        score | Total | sum of pain, sleep
        """
    )
    assert scores(body, {"any": "No", "pain": "9", "sleep": "2"})["total"]["value"] == "2"
    assert scores(body, {"any": "Yes", "pain": "9", "sleep": "2"})["total"]["value"] == "11"


@pytest.mark.parametrize("written", ["20260101", "2026-W01-4", "2026-1-1"])
def test_a_day_is_written_in_one_way_so_that_conditions_compare_what_is_kept(written):
    """“Before 31 March” compares what was typed: a day written otherwise would hold before it is kept, or after."""
    _, wrong = judge(BODY, {"smoke": "No", "where": ["Back"], "begun": written})
    assert "2026-03-31" in wrong["begun"]
