"""What was answered: which items apply, what is wrong with the answers, and what they score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import eq, gt, lt, ne
from typing import Any

from django.template.defaultfilters import filesizeformat

from content.rules.body import (
    COUNTED,
    UNASKED,
    Body,
    Item,
    is_day,
    items_of,
    number_of,
    section_of,
)
from core import locale
from core.files import KINDS, content_type_of

Answers = dict[str, Any]
LONGEST_LINE = 300
LONGEST_PARAGRAPH = 5000


@dataclass(frozen=True)
class Upload:
    """A file that was chosen as an answer and isn't stored yet; stored, the answer is its id, name and size."""

    name: str
    content: bytes


def enabled(body: Body, answers: Mapping[str, Any]) -> list[Item]:
    """The items that apply, in order. A condition on a question that doesn't apply doesn't hold."""
    items = items_of(body)
    by_id = {item["linkId"]: item for item in items}
    applies: set[str] = set()
    sections = section_of(items)
    found = []
    for item in items:
        section = sections.get(item["linkId"])
        if section is not None and section["linkId"] not in applies:
            continue
        if _holds(item, answers, applies, by_id):
            applies.add(item["linkId"])
            found.append(item)
    return found


def _holds(item: Item, answers: Mapping[str, Any], applies: set[str], by_id: Mapping[str, Item]) -> bool:
    conditions = item.get("enableWhen", [])
    if not conditions:
        return True
    results = (
        condition["question"] in applies
        and _met(condition, by_id[condition["question"]], answers.get(condition["question"]))
        for condition in conditions
    )
    return any(results) if item.get("enableBehavior") == "any" else all(results)


def _met(condition: Mapping[str, Any], asked: Item, given: Any) -> bool:
    there = given not in (None, "", [])
    operator, wanted = condition["operator"], condition.get("answer", "")
    if operator == "exists":
        return there
    if not there:
        return False
    if isinstance(given, list):
        return bool((wanted in given) == (operator == "="))
    left: Any = str(given).strip()
    right: Any = wanted.strip()
    if asked["type"] in COUNTED:
        left, right = number_of(given), number_of(wanted)
        if left is None or right is None:
            return False
    return bool({"=": eq, "!=": ne, ">": gt, "<": lt}[operator](left, right))


def judge(body: Body, given: Mapping[str, Any], *, complete: bool = True) -> tuple[Answers, dict[str, str]]:
    """The answers that count, and what is wrong with the others, by linkId.

    Answers to what doesn't apply are dropped. Unless `complete`, nothing is required yet. An unknown id is wrong.
    """
    known = {item["linkId"] for item in items_of(body) if item["type"] not in UNASKED}
    wrong = {str(one): "This form doesn't ask that. Reload the page." for one in given if one not in known}
    kept: Answers = {}
    for item in enabled(body, given):
        if item["type"] in UNASKED:
            continue
        link_id = item["linkId"]
        value, problem = _judged(item, given.get(link_id))
        if problem:
            wrong[link_id] = problem
        elif value is not None:
            kept[link_id] = value
        elif complete and item.get("required"):
            wrong[link_id] = "This is missing. Answer it before you complete the form."
    return kept, wrong


def _judged(item: Item, given: Any) -> tuple[Any, str]:
    """The answer as it is kept (None: not answered), and what is wrong with it."""
    if given is None or given == "" or given == []:
        return None, ""
    kind = item["type"]
    if kind == "multichoice":
        return _several(item, given)
    if kind == "attachment":
        return _file(item, given)
    if isinstance(given, list | dict | bool | Upload):
        return None, "Answer this with one value."
    text = str(given).replace("\r\n", "\n").strip()
    if "\0" in text:
        return None, "Text has no null characters."
    if not text:
        return None, ""
    if kind in ("string", "text"):
        longest = LONGEST_LINE if kind == "string" else LONGEST_PARAGRAPH
        return (text, "") if len(text) <= longest else (None, f"At most {longest} characters.")
    if kind == "date":
        return _date(text)
    if kind == "choice":
        return (
            (text, "") if text in item["answerOption"] else (None, f"“{text[:60]}” is none of the options.")
        )
    return _number(item, text)


def _several(item: Item, given: Any) -> tuple[Any, str]:
    values = given if isinstance(given, list) else [given]
    unknown = [str(one) for one in values if one not in item["answerOption"]]
    if unknown:
        return None, f"“{unknown[0][:60]}” is none of the options."
    return [one for one in item["answerOption"] if one in values], ""


def _file(item: Item, given: Any) -> tuple[Any, str]:
    """A file as it was chosen, or the answer that was kept of one."""
    if isinstance(given, Upload):
        if given.content and content_type_of(given.content) not in item["accept"]:
            return None, f"“{given.name[:60]}” is no {kinds_of(item)} file. Choose another."
        return given, ""
    return (given, "") if isinstance(given, dict) else (None, "Answer this with a file.")


def kinds_of(item: Item) -> str:
    """The kinds of files that an attachment takes, in words."""
    *first, last = (KINDS[one] for one in item["accept"])
    return f"{', '.join(first)} or {last}" if first else last


def _date(text: str) -> tuple[Any, str]:
    return (text, "") if is_day(text) else (None, f"“{text[:20]}” is no date. Write it as 2026-03-31.")


def _number(item: Item, text: str) -> tuple[Any, str]:
    value = number_of(text)
    if value is None:
        return None, f"“{text[:20]}” is no number."
    least, most = (number_of(item[key]) if item.get(key) is not None else None for key in ("min", "max"))
    if least is not None and value < least:
        return (
            None,
            f"{locale.number(value)} is below {locale.number(least)}, the least that is possible here.",
        )
    if most is not None and value > most:
        return None, f"{locale.number(value)} is above {locale.number(most)}, the most that is possible here."
    decimals = item.get("decimals", 0) if item["type"] == "decimal" else 0
    if value != round(value, decimals):
        whole = "a whole number" if not decimals else f"a number with at most {decimals} decimals"
        return None, f"Write {whole}."
    return str(round(value, decimals)), ""


def scores(body: Body, answers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By linkId of each score that applies: its value and the name of its band ('' without).

    What isn't answered or doesn't apply isn't counted; a score of nothing has no value and is left out.
    """
    found: dict[str, dict[str, str]] = {}
    applying = {item["linkId"]: item for item in enabled(body, answers)}
    for item in applying.values():
        if item["type"] != "score":
            continue
        counted = (number_of(answers.get(one)) for one in item["of"] if one in applying)
        numbers = [number for number in counted if number is not None]
        if not numbers:
            continue
        total = sum(numbers, Decimal(0))
        value = total if item["method"] == "sum" else round(total / len(numbers), 1)
        reached = [band["label"] for band in item.get("bands", []) if value >= Decimal(str(band["from"]))]
        found[item["linkId"]] = {"value": str(value), "band": reached[-1] if reached else ""}
    return found


def shown(item: Item, answer: Any) -> str:
    """An answer as people read it."""
    if isinstance(answer, list):
        return ", ".join(answer)
    if item["type"] == "attachment":
        return f"{answer['name']} ({filesizeformat(answer['size'])})"
    if item["type"] == "date":
        return locale.long_day(date.fromisoformat(answer))
    if item["type"] == "scale":
        return f"{answer} of {item['max']}"
    if item["type"] == "decimal":
        return f"{locale.number(answer)} {item.get('unit', '')}".rstrip()
    return str(answer)


__all__ = ["Answers", "Upload", "enabled", "judge", "kinds_of", "scores", "shown"]
