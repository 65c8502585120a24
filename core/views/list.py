"""List pages: search, filters, sort and paging over one query; the same URL gives the table alone to htmx."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django_tables2 import RequestConfig, Table

from core.tenancy import bound
from core.views.base import ConsoleView

PER_PAGE = 25


class LenientPaginator(Paginator):
    """A page beyond the end, or nonsense, gives the nearest page instead of an error."""

    def page(self, number: Any) -> Any:
        try:
            return super().page(number)
        except PageNotAnInteger:
            return super().page(1)
        except EmptyPage:
            return super().page(
                self.num_pages if str(number).lstrip("-").isdigit() and int(number) > 0 else 1
            )


class CappedPaginator(LenientPaginator):
    """Counts no further than `most`: counting a million rows costs more than showing a page of them."""

    object_list: Any
    most = 1000
    is_capped = False

    @cached_property
    def count(self) -> int:
        found: int = self.object_list.data.data.order_by()[: self.most + 1].count()
        self.is_capped = found > self.most
        return min(found, self.most)


@dataclass(frozen=True)
class BulkAction:
    """What can be done with the rows that were ticked: a page that takes their keys as `selected`.

    `name` and `value` go along. The page asks before it writes, so it is fetched, not posted to.
    """

    label: str
    icon: str
    url: str
    name: str = ""
    value: str = ""


class ListPage(ConsoleView, abstract=True):
    """A list. Subclasses give the rows the actor may see, a filter set and a table."""

    template: ClassVar[str] = "console/list.html"
    table_class: ClassVar[type[Table]]
    filter_class: ClassVar[Any] = None
    title: ClassVar[str] = ""
    per_page: ClassVar[int] = PER_PAGE
    export_name: ClassVar[str] = ""

    def get_rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get_context(self) -> dict[str, Any]:
        return {}

    def filtered(self) -> tuple[Any, QuerySet[Any]]:
        rows = self.get_rows()
        if self.filter_class is None:
            return None, rows
        chosen = self.filter_class(self.request.GET, queryset=rows, request=self.request)
        return chosen, chosen.qs if chosen.is_valid() else rows.none()

    def get_table(self, rows: Any) -> Table:
        return self.table_class(rows)

    def get_paginator_class(self) -> type[LenientPaginator]:
        return LenientPaginator

    def bulk_actions(self) -> list[BulkAction]:
        """What the person may do with several rows at once."""
        return []

    def on_page(self, records: Sequence[Any]) -> None:
        """Called with the rows shown, before they are rendered: for the log of patient reads."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen, rows = self.filtered()
        table = self.get_table(rows)
        # Paging is ours: the table's own takes the number of rows from the address, and counts them all.
        RequestConfig(request, paginate=False).configure(table)
        table.paginate(
            paginator_class=self.get_paginator_class(),
            per_page=self.per_page,
            page=request.GET.get("page", 1),
        )
        table.bulk_actions = self.bulk_actions()
        self.on_page([row.record for row in table.page.object_list])
        context = {
            "table": table,
            "filter_form": chosen.form if chosen is not None else None,
            "title": self.title,
            "export_url": self.export_url(),
        }
        if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
            return self.page("components/results.html", context)
        return self.page(self.template, context | self.get_context())

    def export_url(self) -> str:
        """The CSV of what is shown, with the same filters; empty where the list has none."""
        if not self.export_name:
            return ""
        query = self.request.GET.urlencode()
        return reverse(self.export_name, kwargs=self.kwargs) + (f"?{query}" if query else "")


class Echo:
    """A file that gives back what is written to it."""

    def write(self, value: str) -> str:
        return value


# How a formula starts, also after a character that spreadsheets skip, and in full width.
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


def safe_cell(value: Any) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    if text.startswith(_FORMULA) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def csv_response(
    network_id: int, name: str, header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]]
) -> StreamingHttpResponse:
    """A CSV download, streamed. Streaming runs outside the request's transaction, so it binds its own."""

    def lines() -> Iterator[bytes]:
        writer = csv.writer(Echo())
        yield b"\xef\xbb\xbf" + writer.writerow(header).encode()
        with bound(network_id):
            for row in rows():
                yield writer.writerow([safe_cell(cell) for cell in row]).encode()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
