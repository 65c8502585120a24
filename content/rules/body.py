"""What a form is made of, in the words of FHIR's Questionnaire, and what can be wrong with one.

A body is `{"items": [item, …]}` in the order in which it is filled. An item has a `linkId`, a `type`, a `text`, and what
its type takes; one of type `group` begins a section that reaches to the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.files import KINDS

Body = dict[str, Any]
Item = dict[str, Any]

#: type -> label
TYPES = {
    "group": "Section",
    "string": "One line of text",
    "text": "Paragraph",
    "decimal": "Number",
    "choice": "One of several",
    "multichoice": "Several of several",
    "scale": "Scale",
    "date": "Date",
    "attachment": "Attachment",
    "score": "Score",
}
CHOOSING = ("choice", "multichoice")
COUNTED = ("decimal", "scale")
UNASKED = ("group", "score")
OPERATORS = {"=": "is", "!=": "is not", ">": "is more than", "<": "is less than", "exists": "is answered"}
BEHAVIORS = {"all": "all of them hold", "any": "any of them holds"}
METHODS = {"sum": "Sum", "mean": "Mean"}

MOST_ITEMS = 200
MOST_OPTIONS = 50
MOST_CONDITIONS = 3
LONGEST_TEXT = 300
LONGEST_OPTION = 120
LONGEST_SCALE = 20
_LINK_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEYS = {"linkId", "type", "text"}
_ASKED = {"required", "help", "enableWhen", "enableBehavior"}
_OF_TYPE: dict[str, set[str]] = {
    "group": {"help", "enableWhen", "enableBehavior"},
    "string": _ASKED,
    "text": _ASKED,
    "decimal": _ASKED | {"unit", "min", "max", "decimals"},
    "choice": _ASKED | {"answerOption"},
    "multichoice": _ASKED | {"answerOption"},
    "scale": _ASKED | {"min", "max", "minLabel", "maxLabel"},
    "date": _ASKED,
    "attachment": _ASKED | {"accept"},
    "score": {"help", "method", "of", "bands", "enableWhen", "enableBehavior"},
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a body: at which item, in which field of it, and what to do."""

    link_id: str
    field: str
    message: str


def items_of(body: Body) -> list[Item]:
    items: list[Item] = body.get("items", [])
    return items


def item_of(body: Body, link_id: str) -> Item | None:
    return next((item for item in items_of(body) if item["linkId"] == link_id), None)


def number_of(text: Any) -> Decimal | None:
    """A finite number, or None."""
    try:
        value = Decimal(str(text).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < Decimal(10) ** 12 else None


def is_day(text: str) -> bool:
    """A day as 2026-03-31, the only way to write one: conditions compare what is typed."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def fresh_link_id(body: Body, text: str) -> str:
    """An id that the body doesn't use yet, made of the words of a question."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:36].strip("-")
    stem = words if words and words[0].isalpha() else f"q-{words}".strip("-")
    used = {item["linkId"] for item in items_of(body)}
    if stem not in used:
        return stem
    return next(f"{stem}-{n}" for n in range(2, len(used) + 3) if f"{stem}-{n}" not in used)


def section_of(items: Sequence[Item]) -> dict[str, Item]:
    """By linkId, the section that an item stands in, where it stands in one."""
    found: dict[str, Item] = {}
    section: Item | None = None
    for item in items:
        if item["type"] == "group":
            section = item
        elif section is not None:
            found[item["linkId"]] = section
    return found


def problems_of(body: Any) -> list[Problem]:
    """Everything that is wrong with a form; an empty list when it may be filled."""
    return items_problems(body, TYPES, _of_item)


def items_problems(
    body: Any, types: Mapping[str, str], of_item: Callable[[Item, Mapping[str, Item]], Iterator[Problem]]
) -> list[Problem]:
    """What is wrong with a body whose items are of some types; `of_item` says what is wrong with one of them."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return [Problem("", "", "It is a list of items.")]
    if len(items) > MOST_ITEMS:
        return [Problem("", "", f"{len(items)} items are too many; at most {MOST_ITEMS}. Split it.")]
    return list(_problems(items, types, of_item))


def publishing_problems(body: Any) -> list[Problem]:
    """What keeps a body from being published: what is wrong with it, or that it asks nothing."""
    wrong = problems_of(body)
    if not wrong and not any(item["type"] not in UNASKED for item in items_of(body)):
        return [Problem("", "", "It asks nothing yet. Add a question.")]
    return wrong


def _problems(
    items: list[Item],
    types: Mapping[str, str],
    of_item: Callable[[Item, Mapping[str, Item]], Iterator[Problem]],
) -> Iterator[Problem]:
    before: dict[str, Item] = {}
    for item in items:
        link_id, kind = item.get("linkId"), item.get("type")
        if not isinstance(link_id, str) or not _LINK_ID.fullmatch(link_id):
            yield Problem(
                str(link_id)[:40], "linkId", "An id is small letters, digits and dashes, at most 40."
            )
            continue
        if link_id in before:
            yield Problem(link_id, "linkId", f"The id “{link_id}” is used twice. Give one of them another.")
            continue
        if not isinstance(kind, str) or kind not in types:
            yield Problem(link_id, "type", f"There is no type “{str(kind)[:20]}”.")
            continue
        text = item.get("text")
        if not isinstance(text, str) or not text.strip():
            yield Problem(
                link_id, "text", f"The {'question' if types is TYPES else 'name'} is missing. Write it."
            )
            continue
        if len(text) > LONGEST_TEXT:
            yield Problem(link_id, "text", f"{len(text)} characters are too many; at most {LONGEST_TEXT}.")
        yield from of_item(item, before)
        before[link_id] = item


def item_problems(item: Item, before: Mapping[str, Item]) -> list[Problem]:
    """What is wrong with one item of a form behind others."""
    return list(_of_item(item, before))


def _of_item(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    link_id = item["linkId"]
    for key in sorted(set(item) - _KEYS - _OF_TYPE[item["type"]]):
        yield Problem(link_id, key[:40], f"{TYPES[item['type']]} takes no “{key[:40]}”. Remove it.")
    for key in ("help", "unit", "minLabel", "maxLabel"):
        value = item.get(key, "")
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            yield Problem(link_id, key, f"Write at most {LONGEST_TEXT} characters.")
    if not isinstance(item.get("required", False), bool):
        yield Problem(link_id, "required", "Required is yes or no.")
    check = {
        "choice": _options,
        "multichoice": _options,
        "decimal": _number,
        "scale": _scale,
        "score": _score,
        "attachment": _accepted,
    }.get(item["type"])
    if check:
        yield from check(item, before)
    yield from _conditions(item, before)


def _options(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    options = item.get("answerOption")
    link_id = item["linkId"]
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        yield Problem(link_id, "answerOption", "There are no options. Write at least two, one a line.")
    elif len(options) < 2:
        yield Problem(link_id, "answerOption", "One has to be able to choose. Write at least two options.")
    elif len(options) > MOST_OPTIONS:
        yield Problem(link_id, "answerOption", f"{len(options)} are too many; at most {MOST_OPTIONS}.")
    elif any(not one.strip() or len(one) > LONGEST_OPTION for one in options):
        yield Problem(link_id, "answerOption", f"Each option has 1 to {LONGEST_OPTION} characters.")
    elif len(set(options)) < len(options):
        twice = next(one for one in options if options.count(one) > 1)
        yield Problem(link_id, "answerOption", f"“{twice}” stands there twice. Remove one.")


def _number(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    bounds = []
    for key in ("min", "max"):
        if item.get(key) is not None:
            bound = number_of(item[key])
            if bound is None:
                yield Problem(item["linkId"], key, f"“{str(item[key])[:20]}” is no number.")
            bounds.append(bound)
    if len(bounds) == 2 and None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
        yield Problem(item["linkId"], "max", f"The most, {bounds[1]}, is below the least, {bounds[0]}.")
    decimals = item.get("decimals", 0)
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 4:
        yield Problem(item["linkId"], "decimals", "Decimals are a whole number from 0 to 4.")


def _accepted(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    kinds = item.get("accept")
    if not isinstance(kinds, list) or not kinds or len(kinds) != len({str(one) for one in kinds}):
        yield Problem(
            item["linkId"], "accept", "No kind of file is accepted. Choose at least one, each once."
        )
        return
    for kind in kinds:
        if not isinstance(kind, str) or kind not in KINDS:
            yield Problem(
                item["linkId"], "accept", f"“{str(kind)[:40]}” is no kind of file that can be attached."
            )


def _scale(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    least, most = item.get("min"), item.get("max")
    if any(isinstance(one, bool) or not isinstance(one, int) for one in (least, most)):
        yield Problem(item["linkId"], "min", "A scale goes from one whole number to another.")
    elif not (-100 <= least < most <= 1000 and most - least <= LONGEST_SCALE):  # type: ignore[operator]
        yield Problem(
            item["linkId"],
            "max",
            f"{least} to {most} is no scale of 2 to {LONGEST_SCALE + 1} steps. Let it end above where it begins.",
        )


def _score(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    link_id, of = item["linkId"], item.get("of")
    if item.get("method") not in METHODS:
        yield Problem(link_id, "method", "A score is a sum or a mean.")
    if not isinstance(of, list) or not of or len(of) > MOST_ITEMS:
        yield Problem(link_id, "of", "Nothing is counted. Choose numbers or scales that stand before.")
    else:
        for one in of:
            counted = before.get(one) if isinstance(one, str) else None
            if counted is None or counted["type"] not in COUNTED:
                yield Problem(
                    link_id, "of", f"“{str(one)[:40]}” is no number or scale that stands before. Remove it."
                )
    bands = item.get("bands", [])
    if not isinstance(bands, list) or len(bands) > MOST_OPTIONS:
        yield Problem(link_id, "bands", f"Bands are a list of at most {MOST_OPTIONS}.")
        return
    last: Decimal | None = None
    for band in bands:
        start = number_of(band.get("from")) if isinstance(band, dict) else None
        label = band.get("label") if isinstance(band, dict) else None
        if start is None or not isinstance(label, str) or not label.strip() or len(label) > LONGEST_OPTION:
            yield Problem(
                link_id, "bands", "Write each band as its first number and its name, such as “4 Moderate”."
            )
        elif last is not None and start <= last:
            yield Problem(link_id, "bands", f"{start} does not follow {last}. Let the bands rise.")
        last = start if start is not None else last


def _conditions(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    link_id, conditions = item["linkId"], item.get("enableWhen", [])
    if item.get("enableBehavior", "all") not in BEHAVIORS:
        yield Problem(link_id, "enableBehavior", "Either all or any of the conditions hold.")
    if not isinstance(conditions, list) or len(conditions) > MOST_CONDITIONS:
        yield Problem(link_id, "enableWhen", f"At most {MOST_CONDITIONS} conditions.")
        return
    for condition in conditions:
        if not isinstance(condition, dict) or not isinstance(condition.get("question"), str):
            yield Problem(link_id, "enableWhen", "A condition names a question.")
            continue
        asked = before.get(condition["question"])
        if asked is None or asked["type"] in UNASKED:
            yield Problem(
                link_id,
                "enableWhen",
                f"“{condition['question'][:40]}” is no question that stands before. Move it up, or take the condition away.",
            )
            continue
        yield from _condition(link_id, condition, asked)


def _condition(link_id: str, condition: Mapping[str, Any], asked: Item) -> Iterator[Problem]:
    operator, answer = condition.get("operator"), condition.get("answer", "")
    if not isinstance(operator, str) or operator not in OPERATORS:
        yield Problem(link_id, "enableWhen", f"There is no comparison “{str(operator)[:20]}”.")
    elif operator == "exists":
        return
    elif asked["type"] == "attachment":
        yield Problem(
            link_id, "enableWhen", f"“{asked['text'][:60]}” is a file. Ask only whether it is answered."
        )
    elif not isinstance(answer, str) or not answer.strip() or len(answer) > LONGEST_TEXT:
        yield Problem(link_id, "enableWhen", "Write the answer to compare with.")
    elif operator in "<>" and asked["type"] not in (*COUNTED, "date"):
        yield Problem(link_id, "enableWhen", f"“{asked['text'][:60]}” has no more or less. Compare with is.")
    elif wrong := _no_answer(asked, answer):
        yield Problem(link_id, "enableWhen", wrong)


def _no_answer(asked: Item, answer: str) -> str:
    """Why a text can't be an answer to a question, so that comparing with it says nothing; '' where it can."""
    kind = asked["type"]
    if kind in CHOOSING and answer not in asked.get("answerOption", []):
        options = ", ".join(str(one) for one in asked.get("answerOption", []))[:200]
        return f"“{answer[:60]}” is none of its options: {options}."
    if kind in COUNTED and number_of(answer) is None:
        return f"“{answer[:20]}” is no number to compare with."
    if kind == "scale" and not _is_step(asked, answer):
        return f"“{answer[:20]}” is no step of the scale from {asked.get('min')} to {asked.get('max')}."
    if kind == "date" and not is_day(answer.strip()):
        return f"“{answer[:20]}” is no date to compare with. Write it as 2026-03-31."
    return ""


def _is_step(scale: Item, answer: str) -> bool:
    least, most, value = (number_of(one) for one in (scale.get("min"), scale.get("max"), answer))
    if least is None or most is None or value is None:
        return True  # what is wrong with the scale itself is said there
    return least <= value <= most and value == value.to_integral_value()
