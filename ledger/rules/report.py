"""What a report is: tables of labelled figures, each of which knows the lines behind it. Pure data, and periods."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.charts import Chart
from core.money import Money


class Scope(StrEnum):
    """Whose books are added up."""

    ALONE = "alone"
    SUBTREE = "subtree"
    CONSOLIDATED = "consolidated"


class Compare(StrEnum):
    """What stands beside the figures."""

    NOTHING = ""
    PREVIOUS = "previous"
    YEAR = "year"
    ORGANIZATIONS = "organizations"


class Style(StrEnum):
    """What a line of a report is."""

    PLAIN = "plain"
    GROUP = "group"
    TOTAL = "total"


@dataclass(frozen=True)
class Cell:
    """A figure or a word, and the filter of the journal lines that it is made of; without one nothing is behind it."""

    value: Money | int | str | None
    lines: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One row: its label, its cells, and what it is."""

    label: str
    cells: Sequence[Cell] = ()
    style: Style = Style.PLAIN


@dataclass(frozen=True)
class Table:
    """Rows under heads; the first head is that of the labels. A table has one currency, or none."""

    title: str
    heads: Sequence[str]
    lines: Sequence[Line]
    currency: str = ""

    @property
    def are_figures(self) -> list[bool]:
        """Which columns behind the labels hold figures; the others have words in some line."""
        filled = [line.cells for line in self.lines if line.cells]
        return [
            not any(isinstance(cells[at].value, str) and cells[at].value for cells in filled)
            for at in range(len(self.heads) - 1)
        ]


@dataclass(frozen=True)
class Proof:
    """What must hold, and whether it does."""

    ok: bool
    text: str


@dataclass(frozen=True)
class Report:
    """What a report says, whatever it is drawn on."""

    title: str
    description: str
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    proof: Proof | None = None
    chart: Chart | None = None
    patient_ids: Sequence[int] = ()  # whom it names; whoever shows it logs the read


@dataclass(frozen=True)
class Period:
    """Days from `since` to `until`, both included."""

    since: date
    until: date

    @property
    def is_whole_months(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.since.day == 1 and (self.until + timedelta(days=1)).day == 1

    def previous(self) -> Period:
        """As long, just before: as many months where these are whole ones, otherwise as many days."""
        last = self.since - timedelta(days=1)
        if not self.is_whole_months:
            return Period(last - (self.until - self.since), last)
        months = (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1
        return Period(months_before(self.since, months), last)

    def year_before(self) -> Period:
        """The same days one year earlier; the last day of a month stays one."""
        return Period(_year_before(self.since), _year_before(self.until))


def month_of(day: date) -> Period:
    """The month that a day is in."""
    return Period(day.replace(day=1), month_end(day))


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_before(day: date, months: int) -> date:
    """The first of the month so many months before a day's."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)


def _year_before(day: date) -> date:
    is_last = day == month_end(day)
    earlier = day.replace(year=day.year - 1, day=1)
    return month_end(earlier) if is_last else day.replace(year=day.year - 1)


def days_meant(chosen: Period, since: date | None, until: date | None) -> Period:
    """What is typed, and the rest from the chosen period."""
    last = until or chosen.until
    first = since or (chosen.since if chosen.since <= last else last.replace(day=1))
    return Period(min(first, last), last)


#: Periods that move with the day on which a report is read.
RELATIVE = {
    "last_closed_month": "Last closed month",
    "this_month": "This month",
    "last_month": "Last month",
    "this_quarter": "This quarter",
    "last_quarter": "Last quarter",
    "this_year": "This year",
    "last_year": "Last year",
}


def relative_period(code: str, today: date, closed_through: date | None) -> Period:
    """A relative period on a day; where nothing is closed yet, the last closed month is the last one that has ended."""
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    match code:
        case "last_closed_month":
            return month_of(closed_through or today.replace(day=1) - timedelta(days=1))
        case "this_month":
            return month_of(today)
        case "last_month":
            return month_of(today.replace(day=1) - timedelta(days=1))
        case "this_quarter":
            return Period(quarter, month_end(months_before(quarter, -2)))
        case "last_quarter":
            return Period(months_before(quarter, 3), quarter - timedelta(days=1))
        case "this_year":
            return Period(date(today.year, 1, 1), date(today.year, 12, 31))
        case "last_year":
            return Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    raise ValueError(f"There is no period {code!r}.")


def total(values: Sequence[Money], currency: str) -> Money:
    """The sum of amounts, zero of none."""
    return sum(values, Money(0, currency))


def flat(report: Report) -> tuple[list[str], list[list[Any]]]:
    """A report as one sheet: the header and the rows of all its tables, each with its table and currency."""
    widest = max((len(table.heads) for table in report.tables), default=1)
    heads = max((table.heads for table in report.tables), key=len, default=("",))
    header = ["Table", "Currency", *(head or "Line" for head in heads)]
    rows = [
        [
            table.title,
            table.currency,
            line.label,
            *(cell.value for cell in line.cells),
            *[None] * (widest - 1 - len(line.cells)),
        ]
        for table in report.tables
        for line in table.lines
        if line.style is not Style.GROUP
    ]
    return header, rows
