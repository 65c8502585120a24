"""What a program is made of: phases that follow one another, and what is due in them.

A body is the same list as a form's (`content.rules.body`). An item of type `phase` begins a phase that reaches to the
next; what is due in it says on which day of the phase, from 1, and every how many days again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from content.rules.body import LONGEST_TEXT, Body, Item, Problem, items_of, items_problems

#: type -> label
TYPES = {
    "phase": "Phase",
    "goal": "Goal",
    "form": "Form to fill",
    "service": "Service",
    "appointment": "Appointment",
    "note": "Note",
}
DUE = ("form", "service", "appointment", "note")
UNITS = {"days": 1, "weeks": 7}
LONGEST_DAYS = 1830
#: The key under which an item names what it refers to.
REFERS = {"form": "content", "service": "service"}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_KEYS = {"linkId", "type", "text", "help"}
_OF_TYPE: dict[str, set[str]] = {
    "phase": {"duration", "unit"},
    "goal": set(),
    "form": {"content", "day", "every"},
    "service": {"service", "day", "every"},
    "appointment": {"with", "day", "every"},
    "note": {"day", "every"},
}


@dataclass(frozen=True)
class Due:
    """Something that is due: on which day of the program, and how often until the phase ends."""

    item: Item
    day: int
    times: int


@dataclass(frozen=True)
class Phase:
    """A phase with its first and last day, counted from the program's start, its goals, and what is due, by day."""

    item: Item
    first: int
    last: int
    goals: list[Item]
    due: list[Due]


def days_of(phase: Item) -> int:
    return int(phase["duration"]) * UNITS[phase["unit"]]


def timeline(body: Body) -> list[Phase]:
    """The phases of a right body, in order."""
    found: list[Phase] = []
    for item in items_of(body):
        if item["type"] == "phase":
            first = found[-1].last + 1 if found else 1
            found.append(Phase(item, first, first + days_of(item) - 1, [], []))
        elif item["type"] == "goal":
            found[-1].goals.append(item)
        else:
            phase = found[-1]
            day = phase.first + item["day"] - 1
            every = item.get("every", 0)
            phase.due.append(Due(item, day, (phase.last - day) // every + 1 if every else 1))
    for phase in found:
        phase.due.sort(key=lambda one: one.day)
    return found


def problems_of(body: Any) -> list[Problem]:
    """Everything that is wrong with a program; an empty list when it may be followed."""
    return items_problems(body, TYPES, _of_item)


def publishing_problems(body: Any) -> list[Problem]:
    """What keeps a program from being published: what is wrong with it, or that nothing is due."""
    wrong = problems_of(body)
    if not wrong and not any(item["type"] in DUE for item in items_of(body)):
        return [Problem("", "", "Nothing is due yet. Add a phase, and what is due in it.")]
    return wrong


def _of_item(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    link_id, kind = item["linkId"], item["type"]
    for key in sorted(set(item) - _KEYS - _OF_TYPE[kind]):
        yield Problem(link_id, key[:40], f"{TYPES[kind]} takes no “{key[:40]}”. Remove it.")
    for key in ("help", "with"):
        if not isinstance(item.get(key, ""), str) or len(item.get(key, "")) > LONGEST_TEXT:
            yield Problem(link_id, key, f"Write at most {LONGEST_TEXT} characters.")
    if kind == "phase":
        yield from _duration(item, before)
        return
    phases = [one for one in before.values() if one["type"] == "phase"]
    if not phases:
        yield Problem(link_id, "", "It stands in no phase. Add a phase before it.")
    if kind in REFERS:
        code = item.get(REFERS[kind])
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            yield Problem(link_id, REFERS[kind], f"Say which {'form' if kind == 'form' else 'service'}.")
    if kind in DUE and phases:
        yield from _day(item, phases[-1])


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _duration(item: Item, before: Mapping[str, Item]) -> Iterator[Problem]:
    if item.get("unit") not in UNITS:
        yield Problem(item["linkId"], "unit", "A phase lasts days or weeks.")
        return
    if not _whole(item.get("duration"), 1, LONGEST_DAYS):
        yield Problem(
            item["linkId"], "duration", "Say how long the phase lasts, as a whole number from 1 on."
        )
        return
    phases = [one for one in before.values() if one["type"] == "phase"]
    total = sum(days_of(one) for one in [*phases, item])
    if total > LONGEST_DAYS:
        yield Problem(
            item["linkId"], "duration", f"The program would last {total} days; at most {LONGEST_DAYS}."
        )


def _day(item: Item, phase: Item) -> Iterator[Problem]:
    length = days_of(phase)
    if not _whole(item.get("day"), 1, LONGEST_DAYS):
        yield Problem(item["linkId"], "day", "Say on which day of the phase, from 1 on.")
    elif item["day"] > length:
        yield Problem(
            item["linkId"],
            "day",
            f"Day {item['day']} is after the end of “{phase['text'][:60]}”, which has {length} days.",
        )
    if "every" in item and not _whole(item["every"], 1, LONGEST_DAYS):
        yield Problem(item["linkId"], "every", "Say every how many days again, or leave it empty for once.")


def in_words(item: Item) -> str:
    """How long a phase lasts, or when something is due in its phase; '' of a goal."""
    if item["type"] == "phase":
        return f"{item['duration']} {item['unit']}"
    if item["type"] not in DUE:
        return ""
    again = f", every {item['every']} days" if item.get("every") else ""
    return f"day {item['day']}{again}"
