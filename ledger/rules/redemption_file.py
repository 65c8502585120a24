"""A file of redemptions that took place elsewhere, read line by line: what each asks for, or what is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from core import locale
from core.validators import UNSEEN, validate_day

NEEDED = ("key", "entitlement", "service", "quantity", "date", "organization")
COLUMNS = (*NEEDED, "patient")
MOST_LINES = 200_000
LONGEST_KEY = 60
_LONGEST = 60
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of the file, numbered as an editor does: units of an entitlement used somewhere on a day.

    `key` tells it from every other line of the organization, in this file and in later ones.
    """

    number: int
    key: str
    entitlement: str
    service: str
    quantity: int
    on: date
    organization: str
    patient: str = ""


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that can't be read, and why."""

    number: int
    key: str
    problem: str


class UnreadableError(ValueError):
    """What was sent is no file of redemptions."""


def read_redemptions(text: str) -> tuple[list[AskedLine], list[WrongLine]]:
    """The lines of a CSV, whose first line names the columns in any order; `patient` may be left out.

    Raises UnreadableError. The lines come in the order of their days, and on a day as they stand in the file.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        raise UnreadableError(f"This is no CSV: {error}.") from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if not set(NEEDED) <= set(head) <= set(COLUMNS) or len(set(head)) < len(head):
        raise UnreadableError(
            f"The first line names the columns {', '.join(NEEDED)}, and patient where it is known. "
            f"It says {','.join(head)[:200]!r}."
        )
    if len(rows) > MOST_LINES + 1:
        raise UnreadableError(f"A file has at most {locale.number(MOST_LINES)} redemptions; divide it.")
    asked: list[AskedLine] = []
    wrong: list[WrongLine] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            line = _line(number, head, row, seen)
            (asked if isinstance(line, AskedLine) else wrong).append(line)  # type: ignore[arg-type]
    return sorted(asked, key=lambda line: (line.on, line.number)), wrong


def _line(
    number: int, head: list[str], row: list[str], seen: dict[tuple[str, str], int]
) -> AskedLine | WrongLine:
    if len(row) != len(head):
        return WrongLine(number, "", f"It has {len(row)} values; there should be {len(head)}.")
    cell = {name: value.strip() for name, value in zip(head, row, strict=True)}
    key = cell["key"]
    problem = _problem(cell)
    if problem:
        return WrongLine(number, key[:LONGEST_KEY], problem)
    earlier = seen.setdefault((cell["organization"], key), number)
    if earlier != number:
        return WrongLine(
            number, key, f"The key {key!r} stands in line {earlier}, too; each line has its own."
        )
    return AskedLine(
        number,
        key,
        cell["entitlement"],
        cell["service"],
        int(cell["quantity"]),
        date.fromisoformat(cell["date"]),
        cell["organization"],
        cell.get("patient", ""),
    )


def _problem(cell: dict[str, str]) -> str:
    missing = [name for name in NEEDED if not cell[name]]
    if missing:
        return f"It says nothing under {', '.join(missing)}."
    odd = [name for name, value in cell.items() if UNSEEN.search(value) or len(value) > _LONGEST]
    if odd:
        return f"What stands under {odd[0]} is longer than {_LONGEST} characters, or has some that can't be seen."
    quantity = cell["quantity"]
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= _MOST_DIGITS and int(quantity)):
        return f"{quantity[:40]!r} is no quantity; write whole units, as 1."
    try:
        validate_day(date.fromisoformat(cell["date"]))
    except ValidationError as error:
        return str(error.messages[0])
    except ValueError:
        return f"{cell['date'][:40]!r} is no day; write it as 2026-01-31."
    return ""
