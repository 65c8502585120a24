"""List pages: search, filters, sort and paging over one query; the same URL gives the table alone to htmx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property
from django_tables2 import RequestConfig, Table

from core.access import require
from core.errors import Refused
from core.ports import socket
from core.views.base import ConsoleView
from core.views.columns import choose_columns, column_choices
from core.views.export import FORMATS, Rows, download, keys_of

PER_PAGE = 25
MOST_QUERY = 2000
#: What an address says that is no part of how the list is seen.
PASSING = (
    "page",
    "selected",
    "_every",
    "export",
    "view",
    "_query",
    "_path",
    "_network",
    "_version",
    "csrfmiddlewaretoken",
)


def query_to_keep(sent: QueryDict) -> str:
    """Filters, order and columns, as an address says them: encoded anew, at most MOST_QUERY characters."""
    kept, length = QueryDict(mutable=True), 0
    for name, values in sent.lists():
        for value in values if name not in PASSING else ():
            pair = urlencode([(name, value)])
            if length + len(pair) < MOST_QUERY:
                kept.appendlist(name, value)
                length += len(pair) + 1
    return kept.urlencode()


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
    #: Views that come with the product: (name, what stands behind the address's question mark).
    keeps_views = True
    shipped_views: ClassVar[Sequence[tuple[str, str]]] = ()
    #: What exporting asks for, beyond seeing the list; and the field that says which patient a row is about.
    export_permission: ClassVar[str] = ""
    patient_field: ClassVar[str] = ""
    is_export = False

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
        # django-tables2 would have it from the table's Meta, and overwrites what the class says
        return self.table_class(rows, empty_text=getattr(self.table_class, "empty_text", None))

    def matching(self) -> QuerySet[Any]:
        """The rows that the filters leave, of all pages."""
        return self.get_table(self.filtered()[1]).data.data  # type: ignore[no-any-return]

    def get_paginator_class(self) -> type[LenientPaginator]:
        return LenientPaginator

    def bulk_actions(self) -> list[BulkAction]:
        """What the person may do with several rows at once, besides exporting them."""
        return []

    def decorate(self, records: Sequence[Any]) -> None:
        """Called with the rows of a page, or of a piece of a file: reads what their cells need."""

    def on_page(self, records: Sequence[Any]) -> None:
        """Called with the rows shown, before they are rendered: for the log of patient reads."""

    def on_export(self, table: Table, patient_ids: Sequence[int]) -> None:
        """Called before a file is made, with the patients its rows are about: for the log of patient reads."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.GET.get("export") in FORMATS:
            return self.export(request.GET["export"])
        is_part = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
        views = [] if is_part else socket.views.of_list(self.actor, self.list_name())
        if not request.GET and not is_part:
            for view in views:
                if view.is_default and view.is_mine and view.query:
                    return HttpResponseRedirect(f"{request.path}?{view.query}")
        chosen, rows = self.filtered()
        table = self.arranged(rows)
        table.paginate(
            paginator_class=self.get_paginator_class(),
            per_page=self.per_page,
            page=request.GET.get("page", 1),
        )
        table.exports = FORMATS if self.may_export() else ()
        table.bulk_actions = self.bulk_actions()
        table.has_ticks = bool(table.bulk_actions or table.exports)
        table.list_query = self.list_query()
        records = [row.record for row in table.page.object_list]
        self.decorate(records)
        self.on_page(records)
        context = {
            "table": table,
            "filter_form": chosen.form if chosen is not None else None,
            "title": self.title,
            "list_query": self.list_query(),
        }
        if is_part:
            return self.page("components/results.html", context)
        context |= {
            "saved_views": views,
            "shipped_views": self.shipped_views,
            "may_share_views": bool(views) and self.may("view:share"),
            "exports": self.export_links(),
            "column_choices": column_choices(table),
        }
        return self.page(self.template, context | self.get_context())

    def arranged(self, rows: Any) -> Table:
        """The table with the columns and the order that the address asks for."""
        table = self.get_table(rows)
        choose_columns(table, self.request.GET.getlist("columns"))
        # Paging is ours: the table's own takes the number of rows from the address, and counts them all.
        RequestConfig(self.request, paginate=False).configure(table)
        return table

    def list_query(self) -> str:
        """Filters, order and columns, as the address says them: without page, ticks and file."""
        query = self.request.GET.copy()
        for name in PASSING:
            query.pop(name, None)
        return query.urlencode()

    def list_name(self) -> str:
        return str(self.request.resolver_match.view_name)  # type: ignore[union-attr]

    def may_export(self) -> bool:
        return not self.export_permission or self.may(self.export_permission, self.permission_target())

    def export_links(self) -> list[dict[str, str]]:
        if not self.may_export():
            return []
        query = self.list_query()
        start = f"?{query}&" if query else "?"
        return [{"label": kind.upper(), "url": f"{start}export={kind}"} for kind in FORMATS]

    def export(self, kind: str) -> HttpResponseBase:
        """The rows that the filters leave, or those that were ticked, of all pages in one file."""
        if self.export_permission:
            require(self.actor, self.export_permission, self.permission_target())
        self.is_export = True
        asked = self.request.GET
        ticked = asked.getlist("selected") if "selected" in asked and "_every" not in asked else None
        if "_query" in self.request.GET:  # ticked rows are sent with the filters that showed them
            self.request.GET = QueryDict(self.request.GET["_query"][:MOST_QUERY])
        _, rows = self.filtered()
        if ticked is not None:
            rows = rows.filter(pk__in=keys_of(rows.model, ticked))
        table = self.arranged(rows)
        table.request = self.request
        try:
            return download(self._pinned(table), kind, self.request.network.pk)
        except Refused as refusal:
            messages.error(self.request, refusal.message)
            query = self.list_query()
            return HttpResponseRedirect(self.request.path + (f"?{query}" if query else ""))

    def _pinned(self, table: Any) -> Rows:
        """The rows by their keys: what is logged is what the file has, however long it takes to send."""
        patient = self.patient_field
        found = list(table.data.data.values_list(*dict.fromkeys(["pk", patient or "pk"])))
        self.on_export(table, list(dict.fromkeys(row[-1] for row in found)) if patient else [])
        return Rows(table, [row[0] for row in found], self.decorate)
