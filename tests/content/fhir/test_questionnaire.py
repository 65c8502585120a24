"""FHIR Questionnaires: a form comes back as it was, and what has no match in a foreign one is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.fhir import About, questionnaire_of, read_questionnaire
from content.rules.body import items_of, problems_of
from content.starter import STARTERS
from core.errors import Refused
from core.files import KINDS

ABOUT = About("intake", "Intake", "What one tells.", 3, "published")
WORDS = st.sampled_from(["Pain", "How many a day?", "Ünïcode", "1", "Do you smoke?"])


@st.composite
def conditions(draw: Any, before: list[dict[str, Any]]) -> dict[str, Any]:
    asked = [one for one in before if one["type"] not in ("group", "score")]
    if not asked or not draw(st.booleans()):
        return {}
    found = []
    for one in draw(st.lists(st.sampled_from(asked), min_size=1, max_size=3)):
        operators = ["exists"]
        if one["type"] != "attachment":
            operators += ["=", "!="]
        if one["type"] in ("decimal", "scale", "date"):
            operators += ["<", ">"]
        condition = {"question": one["linkId"], "operator": draw(st.sampled_from(operators))}
        if condition["operator"] != "exists":
            condition["answer"] = draw(_answers(one))
        found.append(condition)
    return {"enableWhen": found, "enableBehavior": draw(st.sampled_from(["all", "any"]))}


def _answers(item: dict[str, Any]) -> Any:
    if "answerOption" in item:
        return st.sampled_from(item["answerOption"])
    if item["type"] == "date":
        return st.dates().map(str)
    if item["type"] == "decimal" and item.get("decimals"):
        return st.sampled_from(["0.5", "7", "-2.25", "100"])
    if item["type"] == "scale":
        return st.integers(item["min"], item["max"]).map(str)
    return st.integers(-50, 50).map(str) if item["type"] == "decimal" else WORDS


@st.composite
def bodies(draw: Any) -> dict[str, Any]:
    """Right forms with everything that the builder can write."""
    items: list[dict[str, Any]] = []
    kinds = [
        "group",
        "string",
        "text",
        "decimal",
        "choice",
        "multichoice",
        "scale",
        "date",
        "attachment",
        "score",
    ]
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(kinds))
        item: dict[str, Any] = {"linkId": f"q{number}", "type": kind, "text": draw(WORDS)}
        counted = [one["linkId"] for one in items if one["type"] in ("decimal", "scale")]
        if kind == "score":
            if not counted:
                continue
            item |= {
                "method": draw(st.sampled_from(["sum", "mean"])),
                "of": draw(st.lists(st.sampled_from(counted), min_size=1)),
            }
            if draw(st.booleans()):
                item["bands"] = [{"from": "0", "label": "Low"}, {"from": "2.5", "label": "High"}]
        if kind in ("choice", "multichoice"):
            item["answerOption"] = draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))
        if kind == "scale":
            item |= {"min": draw(st.integers(-5, 0)), "max": draw(st.integers(1, 10))}
            item |= draw(st.sampled_from([{}, {"minLabel": "none", "maxLabel": "worst"}]))
        if kind == "decimal":
            item["decimals"] = draw(st.integers(0, 4))
            item |= draw(st.sampled_from([{}, {"unit": "mmHg"}]))
            item |= draw(st.sampled_from([{}, {"min": "0.5"}, {"min": "-3", "max": "250"}, {"max": "0"}]))
        if kind == "attachment":
            item["accept"] = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, unique=True))
        if kind not in ("group", "score") and draw(st.booleans()):
            item["required"] = True
        if draw(st.booleans()):
            item["help"] = draw(WORDS)
        items.append(item | draw(conditions(items)))
    return {"items": items}


@given(bodies())
def test_a_form_comes_back_as_it_was(body):
    assert problems_of(body) == []
    read = read_questionnaire(json.loads(json.dumps(questionnaire_of(ABOUT, body))))
    assert (read.body, read.unmatched) == (body, [])


FORMS = [one for one in STARTERS if one.kind != "program"]


@pytest.mark.parametrize("starter", FORMS, ids=lambda one: one.code)
def test_the_starter_set_comes_back_as_it_was(starter):
    about = About(starter.code, starter.name, "", 1, "draft")
    written = questionnaire_of(about, starter.body)
    assert (written["resourceType"], written["status"], written["version"]) == ("Questionnaire", "draft", "1")
    assert read_questionnaire(json.loads(json.dumps(written))).body == starter.body


def test_it_is_written_in_fhirs_words():
    body = {
        "items": [
            {"linkId": "a", "type": "group", "text": "A"},
            {"linkId": "w", "type": "decimal", "text": "Weight", "unit": "kg", "decimals": 1, "max": "400"},
            {"linkId": "n", "type": "multichoice", "text": "N", "answerOption": ["x", "y"], "required": True},
            {
                "linkId": "d",
                "type": "date",
                "text": "D",
                "enableWhen": [{"question": "w", "operator": ">", "answer": "90"}],
                "enableBehavior": "all",
            },
        ]
    }
    (section,) = questionnaire_of(ABOUT, body)["item"]
    weight, several, day = section["item"]
    assert (section["type"], weight["type"], several["type"], day["type"]) == (
        "group",
        "quantity",
        "choice",
        "date",
    )
    assert (several["repeats"], several["required"]) == (True, True)
    assert several["answerOption"] == [{"valueString": "x"}, {"valueString": "y"}]
    assert day["enableWhen"] == [
        {"question": "w", "operator": ">", "answerQuantity": {"value": 90, "unit": "kg"}}
    ]


FOREIGN = {
    "resourceType": "Questionnaire",
    "item": [
        {"linkId": "1", "text": "Fever?", "type": "boolean"},
        {
            "linkId": "1.1",
            "text": "How high?",
            "type": "decimal",
            "enableWhen": [{"question": "1", "operator": "=", "answerBoolean": True}],
        },
        {"linkId": "2", "text": "When?", "type": "dateTime"},
        {"linkId": "3", "text": "Codes", "type": "choice", "answerOption": [{"valueCoding": {"code": "a", "display": "A"}}, {"valueCoding": {"code": "b"}}]},
        {"linkId": "4", "text": "List", "type": "choice", "answerValueSet": "http://example.org/list"},
        {"linkId": "5", "text": "After", "type": "string", "enableWhen": [{"question": "2", "operator": "exists", "answerBoolean": True}]},
        {"linkId": "6", "text": "Part", "type": "group", "item": [{"linkId": "6.1", "text": "Inner", "type": "group"}, {"linkId": "6.2", "text": "Name", "type": "string", "item": [{"linkId": "6.2.1", "text": "Deep", "type": "string"}]}]},
        {"linkId": "7", "text": "Behind", "type": "string"},
        {"linkId": "8", "type": "string"},
        {"linkId": "9", "text": "Read this", "type": "display"},
    ],
}  # fmt: skip


def test_what_has_no_match_is_said_by_its_link_id_and_the_rest_is_read():
    read = read_questionnaire(FOREIGN)
    assert problems_of(read.body) == []
    assert [(one["type"], one["text"]) for one in items_of(read.body)] == [
        ("choice", "Fever?"),
        ("decimal", "How high?"),
        ("choice", "Codes"),
        ("string", "After"),
        ("group", "Part"),
        ("string", "Name"),
    ]
    fever, high, codes, *_ = items_of(read.body)
    assert high["enableWhen"] == [{"question": fever["linkId"], "operator": "=", "answer": "Yes"}]
    assert codes["answerOption"] == ["A", "b"]
    assert [one.partition(":")[0] for one in read.unmatched] == ["2", "4", "5", "6.1", "6.2", "7", "8", "9"]
    assert "“dateTime” has no match" in read.unmatched[0]


@pytest.mark.parametrize("data", [None, [], "x", {}, {"resourceType": "Patient"}])
def test_what_is_no_questionnaire_is_refused(data):
    with pytest.raises(Refused, match="no FHIR Questionnaire"):
        read_questionnaire(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["linkId", "text", "type", "item", "enableWhen", "question", "operator", "answerOption", "extension", "url", "answerString", "valueCodeableConcept", "coding", "valueCoding", "valueString"]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
ITEM = st.fixed_dictionaries(
    {"linkId": WORDS, "text": WORDS, "type": st.sampled_from(["group", "choice", "quantity", "integer", "attachment", "decimal"])},
    optional={"extension": JSON, "enableWhen": JSON, "answerOption": JSON, "item": JSON, "required": JSON, "repeats": JSON},
)  # fmt: skip


@given(st.lists(ITEM | JSON, max_size=4) | JSON)
def test_nonsense_is_read_as_nothing_and_breaks_nothing(items):
    read = read_questionnaire({"resourceType": "Questionnaire", "item": items})
    problems_of(read.body)
