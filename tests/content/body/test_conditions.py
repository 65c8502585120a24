"""What a condition may compare with, by the type of the question that it is about; a Questionnaire says the same."""

from __future__ import annotations

import pytest

from content.fhir import read_questionnaire
from content.rules.body import TYPES, UNASKED, Item, problems_of

ASKED: dict[str, Item] = {
    "string": {},
    "text": {},
    "decimal": {"decimals": 1},
    "choice": {"answerOption": ["Yes", "No"]},
    "multichoice": {"answerOption": ["Yes", "No"]},
    "scale": {"min": 0, "max": 10},
    "date": {},
    "attachment": {"accept": ["application/pdf"]},
}
SAME, MORE_OR_LESS = ("=", "!="), ("<", ">")
#: type -> (answers it can be compared with, answers it can't, whether there is more and less)
TABLE: dict[str, tuple[list[str], list[str], bool]] = {
    "string": (["a cough", "5"], ["", " "], False),
    "text": (["a cough"], ["", " "], False),
    "decimal": (["5", "-1.5", "2,5"], ["", "many", "NaN", "1e30"], True),
    "choice": (["Yes", "No"], ["", "Maybe", "yes"], False),
    "multichoice": (["Yes"], ["", "Maybe", "Yes, No"], False),
    "scale": (["0", "10", "5.0"], ["", "11", "-1", "5.5", "high"], True),
    "date": (["2026-03-31"], ["", "31.3.2026", "2026-02-30", "20260331", "2026-03", "yesterday"], True),
    "attachment": ([], ["letter.pdf", ""], False),
}
CASES = [
    (kind, operator, answer, is_right and (operator in SAME or has_order))
    for kind, (right, wrong, has_order) in TABLE.items()
    for is_right, answers in ((True, right), (False, wrong))
    for answer in answers
    for operator in (*SAME, *MORE_OR_LESS)
]
FHIR_TYPES = {
    "string": "string",
    "text": "text",
    "decimal": "decimal",
    "scale": "integer",
    "date": "date",
    "choice": "choice",
    "multichoice": "choice",
    "attachment": "attachment",
}
SLIDER = [
    {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
     "valueCodeableConcept": {"coding": [{"code": "slider"}]}},
    {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
    {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10},
]  # fmt: skip


def wrong(kind: str, condition: object) -> list[str]:
    asked = {"linkId": "asked", "type": kind, "text": "Asked?"} | ASKED[kind]
    told = {"linkId": "told", "type": "string", "text": "Told?", "enableWhen": [condition]}
    return [one.message for one in problems_of({"items": [asked, told]})]


def test_the_table_knows_every_type():
    assert set(TABLE) == set(ASKED) == set(FHIR_TYPES) == set(TYPES) - set(UNASKED)


@pytest.mark.parametrize(("kind", "operator", "answer", "is_right"), CASES)
def test_what_it_compares_with_can_be_an_answer(kind, operator, answer, is_right):
    found = wrong(kind, {"question": "asked", "operator": operator, "answer": answer})
    assert (found == []) is is_right, found


@pytest.mark.parametrize("kind", TABLE)
def test_every_question_can_be_answered_or_not(kind):
    assert wrong(kind, {"question": "asked", "operator": "exists"}) == []


@pytest.mark.parametrize("kind", TABLE)
@pytest.mark.parametrize("odd", [None, 5, ["2026-03-31"], {"a": 1}, True])
def test_what_is_no_text_is_named_and_breaks_nothing(kind, odd):
    assert wrong(kind, {"question": "asked", "operator": "=", "answer": odd})
    assert wrong(kind, {"question": "asked", "operator": odd, "answer": "5"})


@pytest.mark.parametrize("kind", TABLE)
def test_a_questionnaire_s_condition_is_judged_alike(kind):
    right, odd, _ = TABLE[kind]
    row = {"linkId": "asked", "text": "Asked?", "type": FHIR_TYPES[kind], "repeats": kind == "multichoice"}
    row["answerOption"] = [{"valueString": "Yes"}, {"valueString": "No"}]
    row["extension"] = SLIDER if kind == "scale" else []
    key = "answerDate" if kind == "date" else "answerString"
    for answer, is_right in [*((one, True) for one in right), *((one, False) for one in odd)]:
        when = [{"question": "asked", "operator": "=", key: answer}]
        told = {"linkId": "told", "text": "Told?", "type": "string", "enableWhen": when}
        read = read_questionnaire({"resourceType": "Questionnaire", "item": [row, told]})
        assert [one["type"] for one in read.body["items"]] == [kind, "string"]
        assert (problems_of(read.body) == []) is is_right, answer
