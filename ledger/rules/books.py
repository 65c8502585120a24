"""Statements of the books as tables: trial balance, profit and loss, balance sheet. Pure functions over figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.money import Money
from ledger.rules.accounts import CHART, AccountType, Section
from ledger.rules.report import Cell, Line, Proof, Style, Table

Figures = dict[tuple[str, str], int]  # (account code, currency) -> signed minor units


#: What stands beside the accounts of a statement that is translated into one currency, so that it balances.
TRANSLATION_DIFFERENCE = "translation_difference"


@dataclass(frozen=True)
class Column:
    """One column of figures, and the filter of the lines behind an account of it in a currency; None where they can't be
    listed."""

    head: str
    figures: Figures
    lines: Callable[[str, str], dict[str, str]] | None = None


def trial_balance(columns: Sequence[Column]) -> tuple[list[Table], Proof]:
    """Every account, debit positive, credit negative; every column sums to zero."""
    tables = []
    for currency in _currencies(columns):
        lines = [line for section in Section for line in _section(section, columns, currency, 1)]
        sums = [_sum(column, currency, tuple(Section), 1, TRANSLATION_DIFFERENCE) for column in columns]
        lines += _difference(columns, currency, 1)
        lines.append(Line("Sum", sums, Style.TOTAL))
        tables.append(Table(f"In {currency}", _heads(columns), lines, currency))
    wrong = [table.currency for table in tables if any(cell.value for cell in table.lines[-1].cells)]
    text = f"Out of balance in {', '.join(wrong)}." if wrong else "Debits equal credits in every column."
    return tables, Proof(not wrong, text)


def profit_and_loss(columns: Sequence[Column]) -> list[Table]:
    """Income, expenses and the result, each positive as it is read."""
    tables = []
    for currency in _currencies(columns):
        income = _section(Section.INCOME, columns, currency, -1)
        expenses = _section(Section.EXPENSES, columns, currency, 1)
        result = Line("Result", [_sum(column, currency, _RESULT, -1) for column in columns], Style.TOTAL)
        if income or expenses:
            lines = [*income, *expenses, result]
            tables.append(Table(f"In {currency}", _heads(columns), lines, currency))
    return tables


def balance_sheet(columns: Sequence[Column]) -> tuple[list[Table], Proof]:
    """Assets against liabilities and equity, with the result that is not yet part of the equity."""
    tables, wrong = [], []
    for currency in _currencies(columns):
        assets = [_sum(column, currency, (Section.ASSETS,), 1) for column in columns]
        owed = [_sum(column, currency, (*_OWED, *_RESULT), -1, TRANSLATION_DIFFERENCE) for column in columns]
        lines = [
            *_section(Section.ASSETS, columns, currency, 1),
            *_section(Section.LIABILITIES, columns, currency, -1),
            *_section(Section.EQUITY, columns, currency, -1),
            Line("Result to date", [_sum(column, currency, _RESULT, -1) for column in columns]),
            *_difference(columns, currency, -1),
            Line("Total liabilities and equity", owed, Style.TOTAL),
        ]
        tables.append(Table(f"In {currency}", _heads(columns), lines, currency))
        if [cell.value for cell in assets] != [cell.value for cell in owed]:
            wrong.append(currency)
    text = (
        f"Out of balance in {', '.join(wrong)}."
        if wrong
        else "Assets equal liabilities and equity in every column."
    )
    return tables, Proof(not wrong, text)


_RESULT = (Section.INCOME, Section.EXPENSES)
_OWED = (Section.LIABILITIES, Section.EQUITY)


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
        *(Line(row.label, [_cell(column, row, currency, sign) for column in columns]) for row in accounts),
        Line(f"Total {title.lower()}", sums, Style.TOTAL),
    ]


def _cell(column: Column, row: AccountType, currency: str, sign: int) -> Cell:
    code = row.account.value
    minor = column.figures.get((code, currency), 0)
    lines = column.lines(code, currency) if column.lines and (code, currency) in column.figures else {}
    return Cell(Money(sign * minor, currency), lines)


def _difference(columns: Sequence[Column], currency: str, sign: int) -> list[Line]:
    """The line of what translation leaves; none where nothing was translated."""
    key = TRANSLATION_DIFFERENCE, currency
    if not any(key in column.figures for column in columns):
        return []
    cells = [Cell(Money(sign * column.figures.get(key, 0), currency)) for column in columns]
    return [Line("Translation difference", cells)]


def _sum(column: Column, currency: str, sections: Sequence[Section], sign: int, *besides: str) -> Cell:
    codes = {row.account.value for row in CHART.values() if row.section in sections} | set(besides)
    minor = sum(minor for (code, unit), minor in column.figures.items() if unit == currency and code in codes)
    return Cell(Money(sign * minor, currency))


def _heads(columns: Sequence[Column]) -> list[str]:
    return ["Account", *(column.head for column in columns)]
