"""Exports of lists: the rows a list shows, of all pages, with the columns of its table as plain values."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import slugify
from django_tables2 import A as Accessor
from django_tables2.rows import BoundRow

from core import locale
from core.errors import Refused
from core.money import Money
from core.sheet import MOST_ROWS, Sheet
from core.views.download import csv_response

CSV, XLSX = "csv", "xlsx"
FORMATS = (CSV, XLSX)
CHUNK = 1000
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SMALL_PRINT = re.compile(r"<small>.*?</small>", re.DOTALL)


@dataclass(frozen=True)
class Field:
    """A column of the file: its head, and what a row has there (None, a number, an amount, a date or text)."""

    label: str
    value: Callable[[Any], Any]


def fields_of(table: Any) -> list[Field]:
    """The columns of a table as plain values, in their order; those of buttons are left out.

    A table says by a method `export_<column>(record)` what stands in the file; without it a column of ours that
    knows its value gives that, and any other the words of its cell. `export_only` columns are never on the page.
    """
    fields = []
    for column in table.columns.all():
        if not exported(column):
            continue
        field = Field(str(column.header), _value_of(table, column))
        fields.append(field)
        if getattr(column.column, "names_currency", False):
            fields.append(Field(f"{field.label} currency", _currency(field.value)))
    return fields


def exported(column: Any) -> bool:
    """Whether a column stands in files: not one of buttons or of the page alone, nor one that its reader put away."""
    put_away = getattr(column.column, "is_put_away", False) or getattr(column.column, "page_only", False)
    return not put_away and not is_of_buttons(column)


def is_of_buttons(column: Any) -> bool:
    """Whether a column has buttons, not values."""
    attributes = column.column.attrs
    return "row-actions" in str((attributes.get("cell") or attributes.get("td") or {}).get("class", ""))


def _value_of(table: Any, column: Any) -> Callable[[Any], Any]:
    own = getattr(table, f"export_{column.name}", None)
    if own is not None:
        return lambda row: own(row.record)
    if getattr(column.column, "file", ""):
        accessor = Accessor(column.column.file)
        return lambda row: accessor.resolve(row.record, quiet=True)
    if getattr(column.column, "is_plain", False) or not (
        hasattr(table, f"render_{column.name}") or hasattr(column.column, "template_code")
    ):
        return lambda row: _as_it_is(row, column)
    return lambda row: _in_words(row, column)


def _as_it_is(row: Any, column: Any) -> Any:
    value = row._get_and_render_with(column, render_func=lambda bound_column, value=None: value, default=None)
    return value if isinstance(value, int | float | date | datetime | Money | None) else str(value)


def _in_words(row: Any, column: Any) -> str | None:
    with locale.using(locale.PLAIN):
        cell = str(row.get_cell(column.name))
    text = " ".join(unescape(strip_tags(_SMALL_PRINT.sub("", cell))).split())
    return None if text in ("–", str(column.default)) else text


def _currency(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def of(row: Any) -> str | None:
        amount = value(row)
        return amount.currency if isinstance(amount, Money) else None

    return of


def keys_of(model: Any, typed: Iterable[str]) -> list[Any]:
    """The keys among what an address gives as `selected`; whatever can't be one is left out."""
    keys = []
    for text in typed:
        try:
            key = model._meta.pk.to_python(text) if text.isascii() else None
        except ValidationError:
            continue
        if key is not None and not (isinstance(key, int) and not 0 <= key < 2**63):
            keys.append(key)
    return keys


class Rows:
    """The rows of a file, pinned by their keys and read in pieces, so that memory holds one piece at a time."""

    def __init__(self, table: Any, keys: Sequence[Any], prepare: Callable[[Sequence[Any]], None]) -> None:
        self.table, self.keys, self.prepare = table, keys, prepare
        self.query: QuerySet[Any] = table.data.data
        self.fields = fields_of(table)

    def __iter__(self) -> Iterator[list[Any]]:
        for start in range(0, len(self.keys), CHUNK):
            piece = self.keys[start : start + CHUNK]
            by_key = {record.pk: record for record in self.query.filter(pk__in=piece)}
            records = [by_key[key] for key in piece if key in by_key]
            self.prepare(records)
            for record in records:
                row = BoundRow(record, self.table)
                yield [field.value(row) for field in self.fields]


def file_name(table: Any, kind: str) -> str:
    return f"{slugify(getattr(table, 'caption', '')) or 'list'}-{timezone.localdate()}.{kind}"


def download(rows: Rows, kind: str, network_id: int) -> HttpResponseBase:
    """The file; raises `Refused` where a sheet can't hold so many rows."""
    name, header = file_name(rows.table, kind), [field.label for field in rows.fields]
    if kind == XLSX:
        return _xlsx(rows, name, header)
    zone = timezone.get_current_timezone()  # streaming happens after the request's own zone ended

    def lines() -> Iterator[Sequence[Any]]:
        left = iter(rows)
        while True:
            with timezone.override(zone):
                row = next(left, None)
                cells = [plain(value) for value in row or ()]
            if row is None:
                return
            yield cells

    return csv_response(network_id, name.removesuffix(".csv"), header, lines)


def plain(value: Any) -> Any:
    """What a CSV says: amounts with a point, days and instants by ISO 8601, yes and no."""
    match value:
        case Money():
            return value.decimal()
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return value


def _xlsx(rows: Rows, name: str, header: list[str]) -> FileResponse:
    if len(rows.keys) > MOST_ROWS:
        raise Refused(
            "too_many_rows",
            f"These are {locale.number(len(rows.keys))} rows, and a sheet holds {locale.number(MOST_ROWS)}. Narrow the list, or export it as CSV.",
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    Sheet(file, getattr(rows.table, "caption", "List")).write(header, rows)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX_TYPE)
