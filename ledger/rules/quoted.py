"""Exchange rates as somebody quotes them: one of them checked, and a file of them read line by line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from core import locale
from core.money import CURRENCIES
from core.validators import UNSEEN, UNSEEN_TEXT, validate_day

COLUMNS = ("date", "from", "to", "rate", "source")
MOST_LINES = 10_000
LONGEST_SOURCE = 120
DECIMALS = 12
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Quoted:
    """One unit of `base` was worth `value` of `quote` on a day, as `source` says."""

    base: str
    quote: str
    on: date
    value: Decimal
    source: str

    @property
    def key(self) -> tuple[str, date]:
        """A pair has one rate a day, whichever way round it is quoted."""
        return "".join(sorted((self.base, self.quote))), self.on


@dataclass(frozen=True, slots=True)
class RateLine:
    """A line of a file, from 1: what it quotes, or what is wrong with it."""

    number: int
    text: str
    quoted: Quoted | None = None
    problem: str = ""


def wrong_with(quoted: Quoted) -> tuple[str, str]:
    """The field that is wrong and why; two empty words where nothing is."""
    for field, code in (("base", quoted.base), ("quote", quoted.quote)):
        if code not in CURRENCIES:
            return field, f"{code[:40]!r} is no currency; write its ISO 4217 code, as in USD."
    if quoted.base == quoted.quote:
        return "quote", f"{quoted.base} is always worth one {quoted.quote}; choose two currencies."
    if not quoted.value.is_finite() or not 0 < quoted.value < _LARGEST:
        return "value", f"A rate is more than zero and less than {locale.number(int(_LARGEST))}."
    if quoted.value != round(quoted.value, DECIMALS):
        return "value", f"A rate has at most {DECIMALS} decimals."
    try:
        validate_day(quoted.on)
    except ValidationError as error:
        return "on", error.messages[0]
    if not quoted.source.strip() or len(quoted.source) > LONGEST_SOURCE:
        return "source", f"Say in at most {LONGEST_SOURCE} characters who quoted it, such as a central bank."
    return ("source", UNSEEN_TEXT) if UNSEEN.search(quoted.source) else ("", "")


def read_rates(text: str) -> list[RateLine]:
    """The lines of a CSV with the columns date, from, to, rate, source; its first line names them, in any order."""
    try:
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True))
    except csv.Error as error:
        return [RateLine(1, "", problem=f"This is no CSV: {error}.")]
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if sorted(head) != sorted(COLUMNS):
        return [
            RateLine(
                1, ",".join(head)[:200], problem=f"The first line names the columns: {','.join(COLUMNS)}."
            )
        ]
    if len(rows) > MOST_LINES + 1:
        return [RateLine(1, "", problem=f"A file has at most {locale.number(MOST_LINES)} rates; divide it.")]
    seen: dict[tuple[str, date], int] = {}
    return [_line(number, head, row, seen) for number, row in enumerate(rows[1:], 2) if any(row)]


def _line(number: int, head: list[str], row: list[str], seen: dict[tuple[str, date], int]) -> RateLine:
    text = ",".join(row)[:200]
    if len(row) != len(head):
        return RateLine(number, text, problem=f"It has {len(row)} values; there should be {len(head)}.")
    cell = {name: value.strip() for name, value in zip(head, row, strict=True)}
    try:
        on = date.fromisoformat(cell["date"])
    except ValueError:
        return RateLine(number, text, problem=f"{cell['date'][:40]!r} is no day; write it as 2026-01-31.")
    try:
        value = Decimal(cell["rate"])
    except InvalidOperation:
        return RateLine(number, text, problem=f"{cell['rate'][:40]!r} is no number; write it as 83.1250.")
    quoted = Quoted(cell["from"].upper(), cell["to"].upper(), on, value, cell["source"])
    _, problem = wrong_with(quoted)
    if not problem and quoted.key in seen:
        problem = f"The same pair and day stand in line {seen[quoted.key]}; a pair has one rate a day."
    seen.setdefault(quoted.key, number)
    return RateLine(number, text, problem=problem) if problem else RateLine(number, text, quoted)
