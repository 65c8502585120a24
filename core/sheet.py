"""One sheet of an XLSX workbook, written row by row: memory doesn't grow with the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from django.utils import timezone
from xlsxwriter import Workbook

from core.clock import now
from core.money import Money, decimals_of

MOST_ROWS = 1_048_575  # what a sheet holds below its header
_MOST_CHARACTERS = 32_767  # what a cell holds
_EXACT = 10**15  # a number with more digits is rounded by spreadsheets
_MEASURED = 200  # rows that decide how wide the columns are
_WIDEST = 60
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Sheet:
    """Numbers, amounts and dates as what they are, everything else as text, also what looks like a formula.

    Instants are written in the current time zone, since a cell knows none. `made_at` is the only time in the file: with
    the same one the same rows give the same bytes.
    """

    def __init__(self, file: IO[bytes], name: str, made_at: datetime | None = None) -> None:
        # Nothing is guessed from a text: write_string is used for each.
        self.book = Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        self.book.set_properties({"created": (made_at or now()).astimezone(UTC)})
        self.page = self.book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31].strip() or "List")
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.formats: dict[str, Any] = {}

    def write(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Write the header, which stays in sight, and the rows; returns how many rows there were."""
        left = iter(rows)
        first = list(islice(left, _MEASURED))
        for index, label in enumerate(header):
            widest = max(map(len, (label, *(_shown(row[index]) for row in first))))
            self.page.set_column(index, index, min(widest, _WIDEST) + 2)
        self.page.freeze_panes(1, 0)
        for index, label in enumerate(header):
            self.page.write_string(0, index, label, self.head)
        count = 0
        for count, row in enumerate(chain(first, left), 1):
            for index, value in enumerate(row):
                self._cell(count, index, value)
        if count:
            self.page.autofilter(0, 0, count, len(header) - 1)
        self.book.close()
        return count

    def _cell(self, row: int, column: int, value: Any) -> None:
        match value:
            case None | "":
                return
            case bool():
                self.page.write_boolean(row, column, value)
            case Money() if abs(value.minor) < _EXACT:
                decimals = decimals_of(value.currency)
                self._number(
                    row, column, value.decimal(), "#,##0" + ("." + "0" * decimals if decimals else "")
                )
            case int() if abs(value) < _EXACT:
                self._number(row, column, value, "#,##0")
            case float() | Decimal() if abs(float(value)) < _EXACT:
                self._number(row, column, value, "General")
            case datetime() if value.year >= 1900:
                local = timezone.make_naive(value) if timezone.is_aware(value) else value
                self.page.write_datetime(
                    row, column, local.replace(microsecond=0), self._format("yyyy-mm-dd hh:mm")
                )
            case date() if value.year >= 1900:
                self.page.write_datetime(row, column, value, self._format("yyyy-mm-dd"))
            case _:
                self.page.write_string(row, column, _NOT_XML.sub("", str(value))[:_MOST_CHARACTERS])

    def _number(self, row: int, column: int, value: Any, shape: str) -> None:
        self.page.write_number(row, column, float(value), self._format(shape))

    def _format(self, shape: str) -> Any:
        if shape not in self.formats:
            self.formats[shape] = self.book.add_format({"num_format": shape})
        return self.formats[shape]


def _shown(value: Any) -> str:
    return "" if value is None else "2026-01-01 00:00" if isinstance(value, datetime) else str(value)
