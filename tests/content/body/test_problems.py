"""What a form may be made of: every mistake names its item and what to do."""

import pytest

from content.rules import kinds
from content.rules.body import fresh_link_id, problems_of, publishing_problems
from content.rules.difference import differences
from content.rules.edit import added, duplicated, moved, removed
from content.starter import STARTERS

SMOKE = {"linkId": "smoke", "type": "choice", "text": "Do you smoke?", "answerOption": ["Yes", "No"]}
MANY = {
    "linkId": "many",
    "type": "decimal",
    "text": "How many?",
    "enableWhen": [{"question": "smoke", "operator": "=", "answer": "Yes"}],
}
SCALE = {"linkId": "pain", "type": "scale", "text": "Pain", "min": 0, "max": 10}
FILE = {"linkId": "letter", "type": "attachment", "text": "Letter", "accept": ["application/pdf"]}
SCORE = {"linkId": "sum", "type": "score", "text": "Sum", "method": "sum", "of": ["pain"]}


def wrong(*items):
    return [(one.link_id, one.field) for one in problems_of({"items": list(items)})]


def test_a_right_form_has_no_problems():
    told = MANY | {"enableWhen": [{"question": "letter", "operator": "exists"}]}
    assert wrong(SMOKE, MANY, SCALE, SCORE) == []
    assert wrong(FILE, told) == []


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([SMOKE, SMOKE], ("smoke", "linkId")),
        ([SMOKE | {"linkId": "Not an id"}], ("Not an id", "linkId")),
        ([SMOKE | {"type": "video"}], ("smoke", "type")),
        ([SMOKE | {"text": " "}], ("smoke", "text")),
        ([SMOKE | {"unit": "kg"}], ("smoke", "unit")),
        ([SMOKE | {"answerOption": ["Yes"]}], ("smoke", "answerOption")),
        ([SMOKE | {"answerOption": ["Yes", "Yes"]}], ("smoke", "answerOption")),
        ([SMOKE | {"answerOption": ["Yes", " "]}], ("smoke", "answerOption")),
        ([MANY, SMOKE], ("many", "enableWhen")),
        (
            [SMOKE, MANY | {"enableWhen": [{"question": "many", "operator": "exists"}]}],
            ("many", "enableWhen"),
        ),
        (
            [SMOKE, MANY | {"enableWhen": [{"question": "smoke", "operator": "=", "answer": "Maybe"}]}],
            ("many", "enableWhen"),
        ),
        (
            [SMOKE, MANY | {"enableWhen": [{"question": "smoke", "operator": ">", "answer": "Yes"}]}],
            ("many", "enableWhen"),
        ),
        ([SMOKE, MANY | {"min": "9", "max": "1"}], ("many", "max")),
        ([SCALE | {"min": 10, "max": 0}], ("pain", "max")),
        ([SCALE | {"max": "many"}], ("pain", "min")),
        ([SCORE, SCALE], ("sum", "of")),
        ([FILE | {"accept": []}], ("letter", "accept")),
        ([FILE | {"accept": ["application/pdf", "application/pdf"]}], ("letter", "accept")),
        ([FILE | {"accept": ["text/html"]}], ("letter", "accept")),
        ([FILE | {"accept": [{}]}], ("letter", "accept")),
        ([{key: value for key, value in FILE.items() if key != "accept"}], ("letter", "accept")),
        (
            [FILE, MANY | {"enableWhen": [{"question": "letter", "operator": "=", "answer": "x.pdf"}]}],
            ("many", "enableWhen"),
        ),
        ([SCALE, SCORE | {"of": []}], ("sum", "of")),
        (
            [SCALE, SCORE | {"bands": [{"from": "5", "label": "b"}, {"from": "1", "label": "a"}]}],
            ("sum", "bands"),
        ),
    ],
)
def test_a_mistake_is_named(items, expected):
    assert expected in wrong(*items)


@pytest.mark.parametrize("body", [None, [], {"items": "x"}, {"items": ["x"]}, {"items": [SMOKE] * 201}])
def test_what_is_no_form_at_all_is_refused(body):
    assert problems_of(body)


def test_what_asks_nothing_is_not_published():
    section = {"linkId": "s", "type": "group", "text": "Section"}
    assert problems_of({"items": [section]}) == []
    assert publishing_problems({"items": [section]})


@pytest.mark.parametrize("starter", STARTERS, ids=lambda one: one.code)
def test_the_starter_set_can_be_published(starter):
    assert kinds.publishing_problems(starter.kind, starter.body) == []


def test_the_starter_set_is_complete():
    found = [one.kind for one in STARTERS]
    assert found.count("charting_template") == 12
    assert found.count("questionnaire") == 4
    assert found.count("program") == 4
    assert len({one.code for one in STARTERS}) == len(STARTERS)


def test_editing_leaves_the_former_body_alone():
    body = {"items": [SMOKE, MANY, SCALE]}
    assert [one["linkId"] for one in moved(body, "pain", 0)["items"]] == ["pain", "smoke", "many"]
    assert [one["linkId"] for one in duplicated(body, "smoke")["items"]] == [
        "smoke",
        "smoke-2",
        "many",
        "pain",
    ]
    assert [one["linkId"] for one in removed(body, "many")["items"]] == ["smoke", "pain"]
    assert [one["linkId"] for one in added(body, SCORE, after="smoke")["items"]][1] == "sum"
    assert [one["linkId"] for one in body["items"]] == ["smoke", "many", "pain"]
    assert fresh_link_id(body, "Smoke!") == "smoke-2"
    assert fresh_link_id(body, "2 × täglich").startswith("q-")


def test_differences_name_what_changed():
    old = {"items": [SMOKE, MANY, SCALE]}
    new = {"items": [SCALE, SMOKE | {"text": "Smoking?"}, SCORE]}
    found = {(one.kind, one.text, one.what) for one in differences(old, new)}
    assert found == {
        ("removed", "How many?", ""),
        ("changed", "Smoking?", "question"),
        ("added", "Sum", ""),
    } | ({("moved", "Pain", "")} if ("moved", "Pain", "") in found else set())
    assert differences(old, old) == []
    assert [one.text for one in differences(old, moved(old, "pain", 0))] == ["Pain"]
