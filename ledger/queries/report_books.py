"""Reports of the books: trial balance, profit and loss, balance sheet, cash movement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core import locale
from core.charts import Chart, Series, bar_chart
from core.money import Money, decimals_of
from ledger.models import LedgerEvent
from ledger.queries.figures import (
    Ask,
    Figures,
    balances,
    balances_by_book,
    by_month,
    less,
    moved,
    moved_by_book,
    plus,
    rows_of,
)
from ledger.rules.accounts import CHART, AccountType, Section
from ledger.rules.report import Cell, Compare, Line, Period, Proof, Report, Scope, Style, Table, months_before
from orgs.queries.organization import organization_codes, organization_names

MOST_SIDE_BY_SIDE = 8
TREND = 12
_CREDIT = (Section.LIABILITIES, Section.INCOME, Section.EQUITY)


@dataclass(frozen=True)
class Column:
    """One column of figures, and the filter of the lines behind an account of it; None where they can't be listed."""

    head: str
    figures: Figures
    lines: Callable[[str], dict[str, str]] | None = None


def trial_balance(ask: Ask) -> Report:
    """What stands on every account, debit positive, credit negative."""
    columns = _columns(ask, during=False)
    tables = []
    for currency in _currencies(columns):
        lines = [line for section in Section for line in _section(section, columns, currency, 1)]
        sums = [_sum(column, currency, Section, 1) for column in columns]
        tables.append(
            Table(f"In {currency}", _heads(columns), [*lines, _line("Sum", sums, Style.TOTAL)], currency)
        )
    wrong = [table.currency for table in tables if any(cell.value for cell in table.lines[-1].cells)]
    return Report(
        "Trial balance",
        as_of_words(ask),
        tables,
        ("Signed amounts: debit positive, credit negative.", *_notes(ask)),
        Proof(
            not wrong,
            f"Out of balance in {', '.join(wrong)}." if wrong else "Debits equal credits in every column.",
        ),
    )


def profit_and_loss(ask: Ask) -> Report:
    """What was earned and spent in a period."""
    columns = _columns(ask, during=True)
    tables = []
    for currency in _currencies(columns):
        income = _section(Section.INCOME, columns, currency, -1)
        expenses = _section(Section.EXPENSES, columns, currency, 1)
        result = [_sum(column, currency, (Section.INCOME, Section.EXPENSES), -1) for column in columns]
        if income or expenses:
            lines = [*income, *expenses, _line("Result", result, Style.TOTAL)]
            tables.append(Table(f"In {currency}", _heads(columns), lines, currency))
    chart = _trend(ask, tables[0].currency) if tables else None
    return Report("Profit and loss", during_words(ask), tables, _notes(ask), chart=chart)


def balance_sheet(ask: Ask) -> Report:
    """What is owned and what is owed, with the result that is not yet part of the equity."""
    columns = _columns(ask, during=False)
    tables, wrong = [], []
    for currency in _currencies(columns):
        result = [_sum(column, currency, (Section.INCOME, Section.EXPENSES), -1) for column in columns]
        assets = [_sum(column, currency, (Section.ASSETS,), 1) for column in columns]
        owed = [
            _sum(
                column, currency, (Section.LIABILITIES, Section.EQUITY, Section.INCOME, Section.EXPENSES), -1
            )
            for column in columns
        ]
        lines = [
            *_section(Section.ASSETS, columns, currency, 1),
            *_section(Section.LIABILITIES, columns, currency, -1),
            *_section(Section.EQUITY, columns, currency, -1),
            _line("Result to date", result, Style.PLAIN),
            _line("Total liabilities and equity", owed, Style.TOTAL),
        ]
        tables.append(Table(f"In {currency}", _heads(columns), lines, currency))
        if [cell.value for cell in assets] != [cell.value for cell in owed]:
            wrong.append(currency)
    text = (
        f"Out of balance in {', '.join(wrong)}."
        if wrong
        else "Assets equal liabilities and equity in every column."
    )
    return Report("Balance sheet", as_of_words(ask), tables, _notes(ask), Proof(not wrong, text))


def cash_movement(ask: Ask) -> Report:
    """How cash came and went in a period, by the kind of event."""
    books, tables, wrong = ask.books, [], []
    opening, _ = balances(books, ask.period.since - timedelta(days=1))
    closing, _ = balances(books, ask.period.until)
    found = _cash_by_kind(books, ask.period)
    kinds = dict(LedgerEvent.Kind.choices)
    for currency in sorted({currency for code, currency in closing if code == "cash"}):
        lines = [
            Line(
                kinds[kind],
                [Cell(Money(minor, currency), ask.lines(ask.period, account="cash", kind=kind))],
            )
            for (kind, unit), minor in sorted(found.items())
            if unit == currency
        ]
        first = Money(opening.get(("cash", currency), 0), currency)
        last = Money(closing[("cash", currency)], currency)
        before = ask.lines(account="cash") | {"until": (ask.period.since - timedelta(days=1)).isoformat()}
        tables.append(
            Table(
                f"Cash in {currency}",
                ("", currency),
                [
                    Line("Opening", [Cell(first, before)], Style.TOTAL),
                    *lines,
                    Line("Closing", [Cell(last, ask.lines(account="cash"))], Style.TOTAL),
                ],
                currency,
            )
        )
        if first.minor + sum(minor for (_, unit), minor in found.items() if unit == currency) != last.minor:
            wrong.append(currency)
    text = f"Does not add up in {', '.join(wrong)}." if wrong else "Opening and movements add up to closing."
    return Report("Cash movement", during_words(ask), tables, (), Proof(not wrong, text))


def _columns(ask: Ask, *, during: bool) -> list[Column]:
    if ask.compare is Compare.ORGANIZATIONS and ask.scope is not Scope.ALONE:
        return _side_by_side(ask, during=during)
    if ask.compare in (Compare.PREVIOUS, Compare.YEAR):
        other = ask.period.previous() if ask.compare is Compare.PREVIOUS else ask.period.year_before()
        now, then = (_one(ask, period, during=during) for period in (ask.period, other))
        return [now, then, Column("Change", less(now.figures, then.figures))]
    total, gone = _read(ask, ask.books, ask.period, during=during)
    if ask.scope is not Scope.CONSOLIDATED:
        return [Column("Amount", total, _lines(ask, ask.period, during=during))]
    columns = [
        Column("Aggregate", total, _lines(ask, ask.period, during=during)),
        Column("Eliminations", gone, _lines(ask, ask.period, during=during, scope="eliminated")),
        Column("Consolidated", plus(total, gone), _lines(ask, ask.period, during=during)),
    ]
    if outside := ask.outside:
        partners, _ = _read(ask, outside, ask.period, during=during)
        lines = _lines(ask, ask.period, during=during, scope="outside")
        columns.append(Column("Partners, not added in", partners, lines))
    return columns


def _one(ask: Ask, period: Period, *, during: bool) -> Column:
    """The figures of one period; of a consolidation what remains after eliminations."""
    total, gone = _read(ask, ask.books, period, during=during)
    figures = plus(total, gone) if ask.scope is Scope.CONSOLIDATED else total
    head = period_words(period) if during else locale.day(period.until)
    return Column(head, figures, _lines(ask, period, during=during))


def _side_by_side(ask: Ask, *, during: bool) -> list[Column]:
    """The largest books beside one another, the others together, and what eliminates among all."""
    books = ask.books
    found = moved_by_book(books, ask.period) if during else balances_by_book(books, ask.period.until)
    largest = sorted(books, key=lambda pk: -sum(map(abs, found[pk].values())))[:MOST_SIDE_BY_SIDE]
    names, codes = organization_names(largest), organization_codes(largest)
    columns = [
        Column(
            names[pk],
            found[pk],
            _lines(ask, ask.period, during=during, organization=codes[pk], scope="alone"),
        )
        for pk in books
        if pk in largest
    ]
    if rest := [found[pk] for pk in books if pk not in largest]:
        columns.append(Column(f"{locale.number(len(rest))} others", plus(*rest)))
    total, gone = _read(ask, books, ask.period, during=during)
    if ask.scope is Scope.CONSOLIDATED:
        columns.append(
            Column("Eliminations", gone, _lines(ask, ask.period, during=during, scope="eliminated"))
        )
    shown = plus(total, gone) if ask.scope is Scope.CONSOLIDATED else total
    head = "Consolidated" if ask.scope is Scope.CONSOLIDATED else "Total"
    return [*columns, Column(head, shown, _lines(ask, ask.period, during=during))]


def _read(ask: Ask, books: Sequence[int], period: Period, *, during: bool) -> tuple[Figures, Figures]:
    return moved(books, period) if during else balances(books, period.until)


def _lines(ask: Ask, period: Period, *, during: bool, **more: str) -> Callable[[str], dict[str, str]]:
    base = ask.lines(period) if during else ask.lines() | {"until": period.until.isoformat()}
    return lambda code: base | more | {"account": code}


def _currencies(columns: Sequence[Column]) -> list[str]:
    return sorted({currency for column in columns for _, currency in column.figures})


def _section(section: Section, columns: Sequence[Column], currency: str, sign: int) -> list[Line]:
    """The lines of a section: its title, its accounts that ever moved, and its total."""
    accounts = [
        row
        for row in CHART.values()
        if row.section is section
        and any((row.account.value, currency) in column.figures for column in columns)
    ]
    if not accounts:
        return []
    title = section.value.capitalize()
    sums = [_sum(column, currency, (section,), sign) for column in columns]
    return [
        Line(title, style=Style.GROUP),
        *(_line(row.label, [_cell(column, row, currency, sign) for column in columns]) for row in accounts),
        _line(f"Total {title.lower()}", sums, Style.TOTAL),
    ]


def _cell(column: Column, row: AccountType, currency: str, sign: int) -> Cell:
    code = row.account.value
    minor = column.figures.get((code, currency), 0)
    lines = column.lines(code) if column.lines and (code, currency) in column.figures else {}
    return Cell(Money(sign * minor, currency), lines)


def _sum(column: Column, currency: str, sections: Sequence[Section] | type[Section], sign: int) -> Cell:
    codes = {row.account.value for row in CHART.values() if row.section in tuple(sections)}
    minor = sum(minor for (code, unit), minor in column.figures.items() if unit == currency and code in codes)
    return Cell(Money(sign * minor, currency))


def _line(label: str, cells: Sequence[Cell], style: Style = Style.PLAIN) -> Line:
    return Line(label, cells, style)


def _heads(columns: Sequence[Column]) -> list[str]:
    return ["Account", *(column.head for column in columns)]


def _cash_by_kind(books: Sequence[int], period: Period) -> dict[tuple[str, str], int]:
    sql = """
        SELECT event.kind, line.currency, sum(line.amount_minor)::bigint
          FROM ledger_account account
          JOIN ledger_journalline line ON line.network_id = account.network_id AND line.account_id = account.id
           AND line.effective_on BETWEEN %(since)s AND %(until)s
          JOIN ledger_ledgerevent event ON event.id = line.event_id
         WHERE account.network_id = app.network_id() AND account.code = 'cash'
           AND account.organization_id = ANY(%(books)s)
         GROUP BY 1, 2
    """
    rows = rows_of(sql, {"books": list(books), "since": period.since, "until": period.until})
    return {(kind, currency): minor for kind, currency, minor in rows}


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
