"""Statements as CSV: told apart by their bytes, read by a mapping of columns that people choose."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from core import locale
from core.money import Money, decimals_of
from core.validators import FIRST_YEAR, LAST_YEAR
from settlement.rules.statement_file import MOST_LINES, MOST_PROBLEMS, Read, Statement, Unreadable

ENCODINGS = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
DECIMALS = {".": "Point, 1,234.50", ",": "Comma, 1.234,50"}
DAYS = {
    "%Y-%m-%d": "2026-01-31",
    "%d.%m.%Y": "31.01.2026",
    "%d/%m/%Y": "31/01/2026",
    "%m/%d/%Y": "01/31/2026",
    "%d-%m-%Y": "31-01-2026",
    "%d %b %Y": "31 Jan 2026",
    "%Y%m%d": "20260131",
}
SIGNS = {
    "theirs": "They say what we owe them with a plus",
    "ours": "They say what they owe us with a plus",
}
PREVIEWED = 5
#: Words in a header that suggest what a column has.
_HINTS = {
    "on": ("date", "day", "datum", "booked", "value"),
    "amount": ("amount", "betrag", "total", "value", "sum"),
    "debit": ("debit", "dr", "soll", "paid out", "withdrawal"),
    "credit": ("credit", "cr", "haben", "paid in", "deposit"),
    "reference": ("reference", "ref", "entry", "document", "invoice", "no", "number"),
    "text": ("text", "description", "details", "narration", "particulars", "purpose", "note"),
    "currency": ("currency", "ccy", "cur"),
}


@dataclass(frozen=True)
class Mapping:
    """How a file is read: columns by their heads, '' where there is none; `amount`, or `debit` and `credit`."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    decimal: str = "."
    days: str = "%Y-%m-%d"
    sign: str = "theirs"
    on: str = ""
    amount: str = ""
    debit: str = ""
    credit: str = ""
    reference: str = ""
    text: str = ""
    currency: str = ""

    def stored(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Mapping:
        """A mapping that was stored, also by an earlier version of this."""
        known = cls.__dataclass_fields__
        return cls(**{name: str(value) for name, value in stored.items() if name in known})


COLUMNS = tuple(_HINTS)


def guessed(content: bytes) -> Mapping:
    """What a file looks like: its encoding and delimiter, and its columns by the words of their heads."""
    encoding = _encoding_of(content)
    first = _decoded(content, encoding).split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    heads, sample = preview(content, Mapping(encoding=encoding, delimiter=delimiter))
    columns: dict[str, str] = {}
    for name, hints in _HINTS.items():
        free = [head for head in heads if head not in columns.values()]
        for hint in hints:
            found = next((head for head in free if hint in re.split(r"\W+", head.casefold())), None)
            found = found or next((head for head in free if len(hint) > 3 and hint in head.casefold()), None)
            if found:
                columns[name] = found
                break
    if "debit" in columns and "credit" in columns:
        columns.pop("amount", None)
    day = [row[heads.index(columns["on"])] for row in sample] if "on" in columns else []
    amounts = [
        row[heads.index(columns[one])]
        for one in ("amount", "debit", "credit")
        if one in columns
        for row in sample
    ]
    decimal = "," if any(text[-3:-2] == "," for text in amounts) else "."
    return Mapping(encoding, delimiter, decimal, _days_of(day), **columns)


def _encoding_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _days_of(samples: Sequence[str]) -> str:
    """The first way of writing days in which all samples can be read."""
    for style in DAYS:
        if samples and all(_day(text, style) for text in samples):
            return style
    return "%Y-%m-%d"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        raise Unreadable(f"The file is not {ENCODINGS[encoding]}. Choose another encoding.") from None
    if "\0" in text:
        raise Unreadable("The file is no text. Export it as CSV.")
    return text


def _rows(content: bytes, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of what isn't blank."""
    reader = csv.reader(
        io.StringIO(_decoded(content, mapping.encoding), newline=""), delimiter=mapping.delimiter
    )
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} is no CSV: {error}.") from None


def preview(content: bytes, mapping: Mapping) -> tuple[list[str], list[list[str]]]:
    """The heads, and the first rows, each as long as the heads."""
    rows = _rows(content, mapping)
    heads = _heads(next(rows, (0, []))[1])
    sample = []
    for _, cells in rows:
        sample.append((cells + [""] * len(heads))[: len(heads)])
        if len(sample) == PREVIEWED:
            break
    return heads, sample


def _heads(cells: list[str]) -> list[str]:
    """Every head once: one that is blank or there twice is called by its place."""
    heads: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = cell[:80]
        heads.append(name if name and name not in heads else f"Column {place}")
    if not heads:
        raise Unreadable("The file has no header.")
    return heads


def read_csv(content: bytes, mapping: Mapping, currency: str) -> Statement:
    """The lines of a file; what is wrong with one is said with its number. Raises `Unreadable`."""
    rows = _rows(content, mapping)
    heads = _heads(next(rows, (0, []))[1])
    places = {name: heads.index(head) for name in COLUMNS if (head := getattr(mapping, name)) in heads}
    if "on" not in places or not ({"amount"} <= places.keys() or {"debit", "credit"} <= places.keys()):
        raise Unreadable("Choose the column of the day, and that of the amount or those of debit and credit.")
    found = Statement()
    for number, cells in rows:
        if len(found.lines) + len(found.problems) >= MOST_LINES:
            raise Unreadable(f"The file has more than {locale.number(MOST_LINES)} lines. Split it by period.")
        if len(found.problems) >= MOST_PROBLEMS:
            break
        said = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            found.lines.append(_line(number, said, mapping, currency))
        except ValueError as wrong:
            found.problems.append((number, str(wrong)))
    if not found.lines and not found.problems:
        raise Unreadable("The file has a header and no line below it.")
    return found


def _line(number: int, said: dict[str, str], mapping: Mapping, currency: str) -> Read:
    on = _day(said["on"], mapping.days)
    if on is None:
        raise ValueError(f"“{said['on'][:40]}” is no day like {DAYS[mapping.days]}.")
    own = said.get("currency", "").upper() or currency
    decimals_of(own)
    if "amount" in said:
        minor = _amount(said["amount"], mapping.decimal, own)
    else:
        minor = _amount(said["credit"] or "0", mapping.decimal, own) - _amount(
            said["debit"] or "0", mapping.decimal, own
        )
    minor = -minor if mapping.sign == "theirs" else minor
    return Read(number, on, minor, own, said.get("reference", "")[:140], said.get("text", "")[:300])


def _day(text: str, style: str) -> date | None:
    try:
        day = datetime.strptime(text, style).date()
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _amount(text: str, decimal: str, currency: str) -> int:
    """Minor units of what stands in a cell: with groups, a sign before or behind, or brackets for a minus."""
    bare = (
        text.replace(" ", "")
        .replace("\N{NO-BREAK SPACE}", "")
        .replace("\N{MINUS SIGN}", "-")
        .replace("'", "")
    )
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.strip("-+()").removeprefix(currency).removesuffix(currency)
    whole, point, fraction = bare.partition(decimal)
    whole = whole.replace("," if decimal == "." else ".", "")
    if (
        not whole.isascii()
        or not whole.isdigit()
        or (point and not (fraction.isascii() and fraction.isdigit()))
    ):
        raise ValueError(
            f"“{text[:40]}” is no amount with a decimal {'point' if decimal == '.' else 'comma'}."
        )
    fraction = fraction.rstrip("0") if len(fraction) > decimals_of(currency) else fraction
    minor = Money.parse(whole + (f".{fraction}" if fraction else ""), currency).minor
    return -minor if negative else minor
