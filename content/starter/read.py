"""Bodies written line by line, so that a clinician can read what is asked.

    # Section
    type! | Question | what the type takes | when it is shown

`!` makes an answer required. A number takes `unit least..most decimals`, a choice its options parted by `;`, a scale
`least..most first label; last label`, a score `sum of id, id; 0 Low; 5 High`, an attachment its kinds parted by `;` or
nothing for all of them. A condition reads `id = answer`.

A program is written likewise:

    # Phase | 8 weeks
    goal | What is reached
    type | Name | what it refers to | first day every days
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from content.rules.body import Body, Item, fresh_link_id, items_of
from content.rules.program import REFERS
from core.files import KINDS


@dataclass(frozen=True)
class Starter:
    """One template, questionnaire or program to start with."""

    kind: str
    code: str
    name: str
    category: str
    description: str
    body: Body


def body_of(text: str) -> Body:
    """The body that lines describe; ValueError names a line that can't be read."""
    return _body_of(text, _item)


def program_of(text: str) -> Body:
    """The program that lines describe; ValueError names a line that can't be read."""
    return _body_of(text, _step)


def _body_of(text: str, read: Callable[[Body, str], Item]) -> Body:
    body: Body = {"items": []}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        try:
            items_of(body).append(read(body, line))
        except (ValueError, KeyError, IndexError, AttributeError) as error:
            raise ValueError(f"This line can't be read: {line}") from error
    return body


def _item(body: Body, line: str) -> Item:
    if line.startswith("#"):
        line = f"group | {line.lstrip('# ')}"
    parts = [part.strip() for part in line.split("|")]
    kind = parts[0].rstrip("!")
    item: Item = {"linkId": fresh_link_id(body, parts[1]), "type": kind, "text": parts[1]}
    if parts[0].endswith("!"):
        item["required"] = True
    item |= _READ[kind](parts[2] if len(parts) > 2 else "")
    if len(parts) > 3:
        question, operator, answer = re.split(r"\s+(=|!=|>|<)\s+", parts[3], maxsplit=1)
        item["enableWhen"] = [{"question": question, "operator": operator, "answer": answer}]
        item["enableBehavior"] = "all"
    return item


def _step(body: Body, line: str) -> Item:
    if line.startswith("#"):
        line = f"phase | {line.lstrip('# ')}"
    kind, text, *more = (part.strip() for part in line.split("|"))
    item: Item = {"linkId": fresh_link_id(body, text), "type": kind, "text": text}
    if kind == "phase":
        duration, unit = more[0].split()
        return item | {"duration": int(duration), "unit": unit}
    if kind == "goal":
        return item
    if more[0]:
        item[REFERS.get(kind, "with")] = more[0]
    day, _, every = more[1].partition(" every ")
    return item | {"day": int(day)} | ({"every": int(every)} if every else {})


def _number(text: str) -> Item:
    unit, bounds, decimals = re.fullmatch(r"(?:(\S+)\s+)?(\S+\.\.\S+)\s*(\d?)", text).groups()  # type: ignore[union-attr]
    least, _, most = bounds.partition("..")
    found: Item = {"min": least, "max": most, "decimals": int(decimals or 0)}
    return found | ({"unit": unit} if unit else {})


def _options(text: str) -> Item:
    return {"answerOption": [one.strip() for one in text.split(";")]}


def _scale(text: str) -> Item:
    bounds, _, labels = text.partition(" ")
    least, _, most = bounds.partition("..")
    first, _, last = labels.partition(";")
    return {"min": int(least), "max": int(most), "minLabel": first.strip(), "maxLabel": last.strip()}


def _score(text: str) -> Item:
    counted, *bands = (one.strip() for one in text.split(";"))
    method, _, of = counted.partition(" of ")
    pairs = [band.split(" ", 1) for band in bands]
    return {
        "method": method,
        "of": [one.strip() for one in of.split(",")],
        "bands": [{"from": start, "label": label} for start, label in pairs],
    }


def _accepted(text: str) -> Item:
    names = [one.strip() for one in text.split(";")] if text else list(KINDS.values())
    return {"accept": [kind for kind, name in KINDS.items() if name in names]}


def _nothing(text: str) -> Item:
    return {"help": text} if text else {}


_READ = {
    "group": _nothing,
    "string": _nothing,
    "text": _nothing,
    "date": _nothing,
    "decimal": _number,
    "choice": _options,
    "multichoice": _options,
    "scale": _scale,
    "score": _score,
    "attachment": _accepted,
}
