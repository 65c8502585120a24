"""The journal in Beancount's syntax, an open plain-text format (https://beancount.github.io). Pure functions, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from core.money import Money
from ledger.rules.accounts import Section, account_type

_SECTIONS = {
    Section.ASSETS: "Assets",
    Section.LIABILITIES: "Liabilities",
    Section.INCOME: "Income",
    Section.EXPENSES: "Expenses",
    Section.EQUITY: "Equity",
}


@dataclass(frozen=True)
class Party:
    """An organization as accounts name it (`part`), and as people do."""

    part: str
    code: str
    name: str


@dataclass(frozen=True)
class Posting:
    """One line: an account with its amount, debit positive."""

    account: str
    amount: Money


def parties(organizations: Iterable[tuple[int, str, str]]) -> dict[int, Party]:
    """Organizations (id, code, name) by id; a code that Beancount can't write, or not tell from another, gets its id."""
    rows = list(organizations)
    plain = {pk: re.sub(r"[^A-Za-z0-9-]", "-", code) for pk, code, _ in rows}
    written = {pk: part[:1].upper() + part[1:] for pk, part in plain.items()}
    counts: dict[str, int] = {}
    for part in written.values():
        counts[part] = counts.get(part, 0) + 1
    found = {}
    for pk, code, name in rows:
        part = written[pk]
        is_own = counts[part] == 1 and re.fullmatch(r"[A-Z0-9][A-Za-z0-9-]*", part)
        found[pk] = Party(part if is_own else f"O{pk}-{part.strip('-') or 'X'}", code, name)
    return found


def account_name(code: str, own: Party, other: Party | None) -> str:
    """Assets:NORTH:DueFrom:QUAY"""
    words = "".join(word.capitalize() for word in code.split("_"))
    parts = [_SECTIONS[account_type(code).section], own.part, words]
    return ":".join([*parts, other.part] if other else parts)


def header(title: str, currencies: Iterable[str]) -> Iterator[str]:
    """What the file is, and that not the smallest difference is tolerated."""
    yield f'option "title" {quoted(title)}'
    yield 'option "inferred_tolerance_default" "*:0"'
    for currency in sorted(currencies):
        yield f'option "operating_currency" "{currency}"'
    yield ""


def opened(on: date, account: str, currencies: Iterable[str], meta: Mapping[str, str]) -> Iterator[str]:
    """An account comes into being."""
    yield f"{_day(on)} open {account} {','.join(sorted(currencies))}"
    yield from _meta(meta)


def transaction(
    on: date, payee: str, narration: str, meta: Mapping[str, str], postings: Iterable[Posting]
) -> Iterator[str]:
    """One event with its lines."""
    yield f"{_day(on)} * {quoted(payee)} {quoted(narration)}"
    yield from _meta(meta)
    for one in postings:
        yield f"  {one.account}  {one.amount.decimal()} {one.amount.currency}"
    yield ""


def balance(on: date, account: str, amount: Money) -> str:
    """What stands on an account at the beginning of a day: Beancount refuses the file if it doesn't."""
    return f"{_day(on)} balance {account}  {amount.decimal()} ~ 0 {amount.currency}"


def quoted(text: str) -> str:
    """A string on one line."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _meta(meta: Mapping[str, str]) -> Iterator[str]:
    for name, value in meta.items():
        if value:
            yield f"  {name}: {quoted(value)}"


def _day(on: date) -> str:
    return on.isoformat()
