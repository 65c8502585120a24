"""What is due between organizations, by how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from core import locale
from core.money import Money
from ledger.queries.ageing import AGES, Aged, aged
from ledger.queries.figures import Ask
from ledger.queries.report_books import as_of_words
from ledger.rules.report import Cell, Line, Report, Style, Table
from orgs.queries.organization import organization_codes, organization_names

MOST_PAIRS = 500
SETTLES = "What is paid settles the oldest lines first."


def due_ageing(ask: Ask) -> Report:
    """What is due from and to others at the end of a day, by how long: what is paid settles the oldest first."""
    found = aged(ask.books, ask.period.until)
    shown = Pairs(found, ask.period.until)
    tables = []
    for currency in sorted({one.currency for one in found}):
        for title, accounts, sign in (
            ("Due from", ["due_from"], 1),
            ("Due to", ["due_to", "accounts_payable"], -1),
        ):
            mine = [one for one in found if one.currency == currency and one.account in accounts]
            if mine:
                tables.append(shown.table(f"{title}, {currency}", title, mine, sign))
    return Report("Due by age", as_of_words(ask), tables, [SETTLES])


class Pairs:
    """Tables of who owes whom: a row for each pair, the largest first, with each age leading to its open lines."""

    def __init__(self, found: Sequence[Aged], until: date, most: int = MOST_PAIRS) -> None:
        everybody = {pk for one in found for pk in (one.organization_id, one.counterparty_id)}
        self._names = organization_names(everybody)
        self._codes = organization_codes(everybody)
        self._until, self._most = until, most

    def table(self, title: str, head: str, rows: Sequence[Aged], sign: int = 1) -> Table:
        """One currency; what lies beyond the largest pairs is one row."""
        currency = rows[0].currency
        lines = [self._pair(one, sign) for one in rows[: self._most]]
        if rest := rows[self._most :]:
            lines.append(Line(f"{locale.number(len(rest))} others", _sums(rest, sign)))
        lines.append(Line("Total", _sums(rows, sign), Style.TOTAL))
        return Table(title, [head, *(words for _, words in AGES), "Total"], lines, currency)

    def label(self, one: Aged) -> str:
        """North Clinic from Harbor Health"""
        direction = "from" if one.account == "due_from" else "to"
        return f"{self._names[one.organization_id]} {direction} {self._names[one.counterparty_id]}"

    def lines(self, one: Aged) -> Mapping[str, str]:
        """The filter of all lines between the two."""
        return {
            "organization": self._codes[one.organization_id],
            "scope": "alone",
            "account": one.account,
            "counterparty": self._codes[one.counterparty_id],
            "currency": one.currency,
            "until": self._until.isoformat(),
        }

    def _pair(self, one: Aged, sign: int) -> Line:
        lines = self.lines(one)
        ages = [
            Cell(Money(sign * minor, one.currency), {**lines, "figure": f"age{age}"} if minor else {})
            for age, minor in enumerate(one.parts)
        ]
        return Line(self.label(one), [*ages, Cell(Money(sign * one.total, one.currency), lines)])


def _sums(rows: Sequence[Aged], sign: int) -> list[Cell]:
    """The sum of each age, and of all."""
    sums = [sign * sum(one.parts[age] for one in rows) for age in range(len(AGES))]
    return [Cell(Money(minor, rows[0].currency)) for minor in (*sums, sum(sums))]
