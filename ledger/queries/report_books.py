"""Reports of the books: trial balance, profit and loss, balance sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from core import locale
from core.charts import Chart, Series, bar_chart
from core.money import decimals_of
from ledger.queries.figures import (
    Ask,
    balances,
    balances_by_book,
    by_month,
    less,
    moved,
    moved_by_book,
    plus,
)
from ledger.queries.translation import OneCurrency, currencies_of
from ledger.rules import books
from ledger.rules.accounts import CHART, Section
from ledger.rules.books import Column, Figures
from ledger.rules.report import Compare, Period, Proof, Report, Scope, months_before
from orgs.queries.organization import organization_codes, organization_names

T = TypeVar("T")

MOST_SIDE_BY_SIDE = 8
TREND = 12


def trial_balance(ask: Ask) -> Report:
    """What stands on every account, debit positive, credit negative."""
    columns, said = _columns(ask, during=False)
    tables, proof = books.trial_balance(columns)
    notes = ["Signed amounts: debit positive, credit negative.", *_notes(ask)]
    return said.of(Report("Trial balance", as_of_words(ask), tables, notes, proof))


def account_movements(ask: Ask) -> Report:
    """What moved on every account in a period; in one currency, how what stands there changed."""
    columns, said = _columns(ask, during=True, changes=True)
    tables, proof = books.trial_balance(columns)
    notes = ["Signed amounts: debit positive, credit negative.", *_notes(ask)]
    return said.of(Report("Trial balance", during_words(ask), tables, notes, proof))


def profit_and_loss(ask: Ask) -> Report:
    """What was earned and spent in a period."""
    columns, said = _columns(ask, during=True)
    tables = books.profit_and_loss(columns)
    shown = sorted((table.currency for table in tables), key=lambda one: one != ask.organization.currency)
    chart = _trend(ask, shown[0]) if shown and not ask.currency else None
    return said.of(Report("Profit and loss", during_words(ask), tables, _notes(ask), chart=chart))


def balance_sheet(ask: Ask) -> Report:
    """What is owned and what is owed, with the result that is not yet part of the equity."""
    columns, said = _columns(ask, during=False)
    tables, proof = books.balance_sheet(columns)
    return said.of(Report("Balance sheet", as_of_words(ask), tables, _notes(ask), proof))


@dataclass(frozen=True)
class Said:
    """What a report says besides of the one currency that it is in, or would be in."""

    one: OneCurrency | None = None
    missing: Sequence[str] = ()
    is_late: bool = False  # a rate that it needs was entered after the books had closed

    def of(self, report: Report) -> Report:
        if self.missing:
            text = f"Not shown in one currency, for want of {'; '.join(self.missing)}. Enter it under Exchange rates."
            return replace(report, notes=[*report.notes, text], proof=Proof(False, text))
        if self.one is None:
            return report
        notes = [*report.notes, *_TRANSLATED, *([_LATE] if self.is_late else [])]
        return replace(report, tables=[*report.tables, self.one.rates_table()], notes=notes)


_TRANSLATED = (
    "What stands is at the closing rates of the last day, what moved at the average rates of its months.",
    "The translation difference is what rates changed between; currency clearing is part of it.",
)


_LATE = "A rate was missing when the books closed, so these are the rates on record today: a correction changes them."


#: Reads the figures of some books and what of them eliminates, for a period or at its end.
_Read = Callable[[Sequence[int], Period], tuple[Figures, Figures]]


def _reading(one: OneCurrency | None, *, during: bool, changes: bool) -> _Read:
    if not during:
        return lambda books, period: (one.standing if one else balances)(books, period.until)
    if one is None:
        return moved
    return one.changed if changes else one.moved


def _columns(ask: Ask, *, during: bool, changes: bool = False) -> tuple[list[Column], Said]:
    """The columns in the currency that is asked for; each currency by itself where a rate for it is missing."""
    each = _reading(None, during=during, changes=changes)
    if not ask.currency:
        return _columns_of(ask, each, during=during), Said()
    columns, said = in_one_currency(
        ask, lambda one: _columns_of(ask, _reading(one, during=during, changes=changes), during=during)
    )
    return columns or _columns_of(replace(ask, currency=""), each, during=during), said


def in_one_currency(ask: Ask, tell: Callable[[OneCurrency], list[T]]) -> tuple[list[T], Said]:
    """What is told in the currency that is asked for; nothing where a rate for it is missing.

    Of closed books at the rates that were on record when they closed, so that no correction changes what was reported.
    """
    currencies, missing = currencies_of(ask.books), Said()
    for known_at in dict.fromkeys((ask.closed_at, None)):
        one = OneCurrency(ask.currency, currencies, known_at)
        told = tell(one)
        if not one.missing:
            return told, Said(one, is_late=known_at != ask.closed_at)
        missing = Said(missing=one.missing)
    return [], missing


def _columns_of(ask: Ask, read: _Read, *, during: bool) -> list[Column]:
    if ask.compare is Compare.ORGANIZATIONS and ask.scope is not Scope.ALONE:
        return _side_by_side(ask, read, during=during)
    if ask.compare in (Compare.PREVIOUS, Compare.YEAR):
        other = ask.period.previous() if ask.compare is Compare.PREVIOUS else ask.period.year_before()
        now, then = (_one(ask, read, period, during=during) for period in (ask.period, other))
        return [now, then, Column("Change", less(now.figures, then.figures))]
    total, gone = read(ask.books, ask.period)
    if ask.scope is not Scope.CONSOLIDATED:
        return [Column("Amount", total, _lines(ask, ask.period, during=during))]
    columns = [
        Column("Aggregate", total, _lines(ask, ask.period, during=during)),
        Column("Eliminations", gone, _lines(ask, ask.period, during=during, scope="eliminated")),
        Column("Consolidated", plus(total, gone), _remaining(ask, ask.period, during=during)),
    ]
    partners = read(ask.outside, ask.period)[0] if ask.outside else {}
    if partners:  # not whether there are any: one that comes later changes no earlier report
        lines = _lines(ask, ask.period, during=during, scope="outside")
        columns.append(Column("Partners, not added in", partners, lines))
    return columns


def _one(ask: Ask, read: _Read, period: Period, *, during: bool) -> Column:
    """The figures of one period; of a consolidation what remains after eliminations."""
    total, gone = read(ask.books, period)
    figures = plus(total, gone) if ask.scope is Scope.CONSOLIDATED else total
    head = period_words(period) if during else locale.day(period.until)
    return Column(head, figures, _remaining(ask, period, during=during))


def _side_by_side(ask: Ask, read: _Read, *, during: bool) -> list[Column]:
    """The largest books beside one another, the others together, and what eliminates among all."""
    inside = ask.books
    found = moved_by_book(inside, ask.period) if during else balances_by_book(inside, ask.period.until)
    inside = sorted(
        (pk for pk in inside if found[pk]), key=lambda pk: (-sum(map(abs, found[pk].values())), pk)
    )
    largest, rest = inside[:MOST_SIDE_BY_SIDE], inside[MOST_SIDE_BY_SIDE:]
    if ask.currency:
        found |= {pk: read([pk], ask.period)[0] for pk in largest}
    names, codes = organization_names(largest), organization_codes(largest)
    columns = [
        Column(
            names[pk],
            found[pk],
            _lines(ask, ask.period, during=during, organization=codes[pk], scope="alone"),
        )
        for pk in largest
    ]
    if rest:
        others = read(rest, ask.period)[0] if ask.currency else plus(*(found[pk] for pk in rest))
        columns.append(Column(f"{locale.number(len(rest))} others", others))
    total, gone = read(inside, ask.period)
    if ask.scope is Scope.CONSOLIDATED:
        columns.append(
            Column("Eliminations", gone, _lines(ask, ask.period, during=during, scope="eliminated"))
        )
    shown = plus(total, gone) if ask.scope is Scope.CONSOLIDATED else total
    head = "Consolidated" if ask.scope is Scope.CONSOLIDATED else "Total"
    return [*columns, Column(head, shown, _remaining(ask, ask.period, during=during))]


def _lines(ask: Ask, period: Period, *, during: bool, **more: str) -> Callable[[str, str], dict[str, str]]:
    """The lines of an account; where they are translated into one currency, those in all."""
    base = ask.lines(period) if during else ask.lines() | {"until": period.until.isoformat()}
    return lambda code, currency: (
        base | more | {"account": code} | ({} if ask.currency else {"currency": currency})
    )


def _remaining(ask: Ask, period: Period, *, during: bool) -> Callable[[str, str], dict[str, str]]:
    """The lines of a figure after eliminations, where there are any."""
    scope = "remaining" if ask.scope is Scope.CONSOLIDATED else ask.scope.value
    return _lines(ask, period, during=during, scope=scope)


def _trend(ask: Ask, currency: str) -> Chart:
    """Income and expenses of the last twelve months, without what eliminates where the report consolidates."""
    months = [months_before(ask.period.until, back) for back in reversed(range(TREND))]
    accounts = {row.account.value: row.section for row in CHART.values() if not row.is_balance_sheet}
    found = by_month(ask.books, list(accounts), months, eliminated=ask.scope is Scope.CONSOLIDATED)
    scale: int = 10 ** decimals_of(currency)

    def of(section: Section, month: date, sign: int) -> float:
        minor = sum(found.get((month, code, currency), 0) for code, one in accounts.items() if one is section)
        return sign * minor / scale

    return bar_chart(
        f"Income and expenses by month, {currency}",
        [locale.short_month(month) for month in months],
        [
            Series("Income", [of(Section.INCOME, month, -1) for month in months]),
            Series("Expenses", [of(Section.EXPENSES, month, 1) for month in months]),
        ],
        stacked=False,
    )


def as_of_words(ask: Ask) -> str:
    """Whose figures, on which day."""
    return f"{_whose(ask)}, as of {locale.long_day(ask.period.until)}"


def during_words(ask: Ask) -> str:
    """Whose figures, of which days."""
    return f"{_whose(ask)}, {period_words(ask.period)}"


def period_words(period: Period) -> str:
    """1 Jan 2026 to 31 Jan 2026"""
    return f"{locale.day(period.since)} to {locale.day(period.until)}"


def _whose(ask: Ask) -> str:
    words = {Scope.ALONE: "", Scope.SUBTREE: " with everything below it", Scope.CONSOLIDATED: " consolidated"}
    return ask.organization.name + words[ask.scope]


def _notes(ask: Ask) -> list[str]:
    if ask.scope is not Scope.CONSOLIDATED:
        return []
    return ["Partners are outside the consolidation: what is owed to them is a payable."]
