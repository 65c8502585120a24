"""The rows that somebody chose in a list: those that were ticked, or all that its filters leave."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import Resolver404, resolve, reverse

from core.views.export import keys_of
from core.views.list import ListPage, query_to_keep

MOST_TICKED = 1000
MOST_TYPED = 2000


@dataclass(frozen=True)
class Origin:
    """The list that rows were chosen in, as it was seen."""

    page: type[ListPage]
    path: str
    query: str

    @classmethod
    def of(cls, request: Any, default: str) -> Origin:
        """What a request says by `_path` and `_query`, or the list of the route `default`; raises Http404."""
        path, typed = request.GET.get("_path") or reverse(default), request.GET.get("_query", "")
        if "_every" in request.GET and len(typed) > MOST_TYPED:
            raise Http404("These filters are too long: cut short, they would let more rows through.")
        return cls(list_page_at(path), path, query_to_keep(QueryDict(typed[:MOST_TYPED])))

    @property
    def address(self) -> str:
        """Where one goes back to."""
        return f"{self.path}?{self.query or 'view='}"

    def matching(self, request: Any) -> QuerySet[Any]:
        """The rows that the filters leave, of all pages, to somebody who may open the list; in no order."""
        match = resolve(self.path)
        asked = copy(request)
        asked.method, asked.GET, asked.resolver_match = "GET", QueryDict(self.query), match
        page = self.page()
        page.setup(asked, *match.args, **match.kwargs)
        page.admit()
        return page.matching().order_by()


def list_page_at(path: str) -> type[ListPage]:
    """The list at an address, or Http404."""
    try:
        page = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        page = None
    if page is None or not issubclass(page, ListPage):
        raise Http404("There is no such list.")
    return page  # type: ignore[no-any-return]


def check_keeps_views(path: str) -> None:
    """Http404 unless there is a page at an address of which one keeps views: a list, or a report."""
    try:
        page = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        page = None
    if not getattr(page, "keeps_views", False):
        raise Http404("There is no such list.")


@dataclass(frozen=True)
class Chosen:
    """The chosen ones among the rows that an act knows; `ticked` of them by hand, none where `is_every`."""

    rows: QuerySet[Any]
    is_every: bool
    ticked: int
    origin: Origin

    @classmethod
    def among(cls, rows: QuerySet[Any], request: Any, list_route: str) -> Chosen:
        """What the address says by `selected`, or by `_every`, `_path` and `_query`."""
        origin = Origin.of(request, list_route)
        if "_every" in request.GET:
            matching = origin.matching(request)
            if matching.model is not rows.model:
                raise Http404("That list has other rows.")
            return cls(rows.filter(pk__in=matching.values("pk")), True, 0, origin)
        ticked = list(dict.fromkeys(request.GET.getlist("selected")))
        keys = keys_of(rows.model, ticked[:MOST_TICKED])
        return cls(rows.filter(pk__in=keys), False, len(ticked), origin)
