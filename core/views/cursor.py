"""Paging by key: long lists where counting all rows would cost more than showing some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

SIZE = 50

#: The last row of a page: its date, its key, and what tells rows of one key apart.
Place = tuple[date, int, int]


@dataclass(frozen=True)
class CursorPage:
    """Some rows, newest first, and the addresses of the older and newer ones (empty at the ends)."""

    rows: list[Any]
    older: str
    newest: str


def cursor_page(
    rows: QuerySet[Any], params: QueryDict, *, on: str, key: str, within: str = "", size: int = SIZE
) -> CursorPage:
    """The page of rows ordered by (-on, -key, within) that starts after `params['after']`.

    `on` names a date, `key` an integer; where a key has several rows, `within` names the integer that tells them
    apart. The parameter is written 'YYYY-MM-DD.key.within'; nonsense in it starts at the newest row.
    """

    def read(start: Place | None, most: int) -> list[Any]:
        found = rows
        if start is not None:
            day, number, place = start
            later = Q(**{f"{on}__lt": day}) | Q(**{on: day, f"{key}__lt": number})
            if within:
                later |= Q(**{on: day, key: number, f"{within}__gt": place})
            found = rows.filter(later, **{f"{on}__lte": day})  # the range that an index can begin at
        return list(found.order_by(f"-{on}", f"-{key}", *([within] if within else []))[:most])

    names = (on, key, within) if within else (on, key)
    return page_of(read, params, names=names, size=size)


def page_of(
    read: Callable[[Place | None, int], list[Any]],
    params: QueryDict,
    *,
    names: tuple[str, ...],
    size: int = SIZE,
) -> CursorPage:
    """The same of rows that `read` gives from a place on; `names` are those of their date, key and what is within."""
    start = _start(params.get("after", ""))
    found = read(start, size + 1)
    older = ""
    if len(found) > size:
        last = found[size - 1]
        older = _address(params, ".".join(str(getattr(last, name)) for name in names))
    return CursorPage(found[:size], older, _address(params, None) if start is not None else "")


def _start(text: str) -> Place | None:
    day, _, numbers = text.partition(".")
    number, _, place = numbers.partition(".")
    try:
        return date.fromisoformat(day), int(number[:18]), int(place[:18] or 0)
    except ValueError:
        return None


def _address(params: QueryDict, after: str | None) -> str:
    query = params.copy()
    query.pop("after", None)
    if after is not None:
        query["after"] = after
    return "?" + query.urlencode()
