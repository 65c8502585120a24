"""Overlays: what one may change of a shared form, and that every version of it can be filled with them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.rules.body import MOST_ITEMS, items_of, problems_of
from content.rules.edit import added, moved, removed, replaced
from content.rules.overlay import NOTHING, in_words, laid_over, overlay_of, overlay_problems
from content.starter.read import body_of

SHARED = body_of(
    """
    # Habits
    choice! | Smoke | Yes; No
    decimal | Many | 1..100 | smoke = Yes
    # Body
    scale | Pain | 0..10 none; worst
    scale | Sleep | 0..10 bad; good
    score | Total | sum of pain, sleep
    string | Remarks
    """
)
OWN = {"linkId": "own", "type": "group", "text": "Asked by us"}
PETS = {"linkId": "pets", "type": "choice", "text": "Pets?", "answerOption": ["Yes", "No"]}
WHICH = {
    "linkId": "which",
    "type": "string",
    "text": "Which pets?",
    "enableWhen": [{"question": "pets", "operator": "=", "answer": "Yes"}],
    "enableBehavior": "all",
}
SMOKER = {
    "linkId": "smoker",
    "type": "string",
    "text": "Since when?",
    "enableWhen": [{"question": "smoke", "operator": "=", "answer": "Yes"}],
    "enableBehavior": "all",
}
LOCAL = {"items": [*SHARED["items"], OWN, PETS, WHICH, SMOKER]}


def messages(local: dict[str, Any], *, adapts: bool = True) -> str:
    assert problems_of(local) == []
    return " ".join(one.message for one in overlay_problems(SHARED, local, adapts=adapts))


def without(body, *link_ids):
    for link_id in link_ids:
        body = removed(body, link_id)
    return body


def reworded(link_id, **now):
    item = next(one for one in items_of(SHARED) if one["linkId"] == link_id)
    return replaced(SHARED, link_id, {key: value for key, value in (item | now).items() if value is not None})


def test_own_questions_stand_at_the_end_in_a_section_of_their_own():
    assert messages(LOCAL, adapts=False) == ""
    assert "begin with a section" in messages(added(SHARED, PETS))
    assert "behind the shared ones" in messages(added(added(SHARED, OWN), PETS, after="smoke"))
    assert "behind the shared ones" in messages(moved(LOCAL, "own", 0))


def test_shared_questions_stay_in_their_order_with_their_options():
    assert "stay in their order" in messages(moved(SHARED, "remarks", 3))
    assert "can be yours" in messages(reworded("smoke", answerOption=["Yes", "No", "Sometimes"]))
    assert "can be yours" in messages(reworded("pain", max=5))


@pytest.mark.parametrize("local", [without(SHARED, "remarks"), reworded("smoke", text="Do you smoke?")])
def test_hiding_and_rewording_are_for_those_who_may_adapt(local):
    assert messages(local) == ""
    assert "questions of your own" in messages(local, adapts=False)


def test_a_section_is_hidden_with_what_it_holds():
    assert "holds it" in messages(removed(SHARED, "body"))
    assert messages(without(SHARED, "many", "smoke", "habits")) == ""


def test_what_was_changed_is_said_in_words():
    local = without(replaced(LOCAL, "pain", SHARED["items"][4] | {"help": "Today"}), "remarks")
    assert in_words(overlay_of(SHARED, local)) == "3 local questions, 1 hidden, 1 reworded"
    assert in_words(NOTHING) == ""


def misfits(shared, local):
    laid = laid_over(shared, overlay_of(SHARED, local))
    assert problems_of(laid.body) == []
    return laid.body, {(one.text, one.what) for one in laid.misfits}


def test_a_new_version_comes_through_under_the_changes():
    newer = added(
        reworded("smoke", answerOption=["Yes", "No", "Stopped"]),
        {"linkId": "new", "type": "date", "text": "New"},
    )
    body, wrong = misfits(
        newer, without(replaced(LOCAL, "smoke", SHARED["items"][1] | {"text": "Smoker?"}), "remarks")
    )
    asked = {one["linkId"]: one for one in items_of(body)}
    assert wrong == set()
    assert asked["smoke"] == newer["items"][1] | {"text": "Smoker?"}
    assert list(asked)[-5:] == ["new", "own", "pets", "which", "smoker"]
    assert "remarks" not in asked


def test_what_is_gone_is_named_and_own_questions_are_never_lost():
    local = without(replaced(LOCAL, "many", SHARED["items"][2] | {"text": "How many?"}), "remarks")
    newer = without(SHARED, "remarks", "many", "smoke")
    body, wrong = misfits(newer, local)
    assert {text for text, _ in wrong} == {"Remarks", "Many", "Since when?"}
    assert any("without its condition" in what for text, what in wrong if text == "Since when?")
    assert items_of(body)[-1] == {"linkId": "smoker", "type": "string", "text": "Since when?"}


def test_what_a_shown_question_needs_is_shown_again():
    hidden = without(SHARED, "many", "smoke", "habits")
    newer = added(
        SHARED,
        {
            "linkId": "quit",
            "type": "date",
            "text": "Quit on",
            "enableWhen": [{"question": "smoke", "operator": "=", "answer": "No"}],
        },
    )
    body, wrong = misfits(newer, hidden)
    assert [one["linkId"] for one in items_of(body)][:2] == ["habits", "smoke"]
    assert {text for text, _ in wrong} == {"Habits", "Smoke"}


def test_a_new_shared_question_takes_its_id_and_the_own_one_gives_way():
    newer = added(SHARED, {"linkId": "pets", "type": "date", "text": "Pets since"})
    body, wrong = misfits(newer, LOCAL)
    asked = {one["linkId"]: one for one in items_of(body)}
    assert (asked["pets"]["text"], asked["pets-2"]["text"]) == ("Pets since", "Pets?")
    assert asked["which"]["enableWhen"][0]["question"] == "pets-2"
    assert wrong == set()


def test_a_full_form_names_what_finds_no_place():
    full = {"items": [{"linkId": f"q{n}", "type": "date", "text": f"Q{n}"} for n in range(MOST_ITEMS - 1)]}
    body, wrong = misfits(full, LOCAL)
    assert len(items_of(body)) == MOST_ITEMS
    assert {"Pets?", "Which pets?", "Since when?"} <= {text for text, _ in wrong}


IDS = [item["linkId"] for item in items_of(LOCAL)]


@st.composite
def changed(draw: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Any right body that removing, moving, rewording and adding make of one."""
    body = deepcopy(body)
    for _ in range(draw(st.integers(0, 6))):
        ids = [item["linkId"] for item in items_of(body)]
        link_id = draw(st.sampled_from(ids))
        item = items_of(body)[ids.index(link_id)]
        what = draw(st.sampled_from(["remove", "move", "text", "help", "required", "add", "options"]))
        after = body
        if what == "remove" and len(ids) > 1:
            after = removed(body, link_id)
        elif what == "move":
            after = moved(body, link_id, draw(st.integers(0, len(ids))))
        elif what == "required":
            after = replaced(body, link_id, item | {"required": True})
        elif what == "options":
            after = replaced(body, link_id, item | {"answerOption": ["Yes", "Perhaps"]})
        elif what == "add":
            fresh = draw(st.sampled_from(["extra", "pets", "own", "more"]))
            kind = draw(st.sampled_from(["string", "group", "date"]))
            after = added(body, {"linkId": fresh, "type": kind, "text": fresh.title()})
        else:
            after = replaced(body, link_id, item | {what: draw(st.sampled_from(["One", "Two"]))})
        if problems_of(after) == []:
            body = after
    return body


@given(changed(SHARED), changed(LOCAL))
def test_what_may_be_changed_is_all_in_the_overlay(shared, local):
    if overlay_problems(shared, local, adapts=True):
        return
    laid = laid_over(shared, overlay_of(shared, local))
    assert (laid.body, laid.misfits) == (local, [])


@given(changed(SHARED), changed(LOCAL))
def test_every_version_can_be_filled_under_every_overlay(newer, local):
    if overlay_problems(SHARED, local, adapts=True):
        return
    overlay = overlay_of(SHARED, local)
    before = deepcopy(overlay)
    laid = laid_over(newer, overlay)
    assert problems_of(laid.body) == []
    assert overlay_problems(newer, laid.body, adapts=True) == []
    assert overlay == before
    texts = {one["text"] for one in items_of(laid.body)} | {one.text for one in laid.misfits}
    assert {one["text"] for one in overlay["added"]} <= texts
