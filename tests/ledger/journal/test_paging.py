"""The pages of entries and lines show each once, also where a page ends within an entry."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse

from core.views.cursor import cursor_page
from ledger.models import JournalLine, LedgerEvent
from ledger.queries.journal import lines_by_date
from tests.ledger.journal.test_post import CAPITAL, MIRRORED, post
from tests.ledger.market import DAY


def walk(rows, **options):
    """Everything that following 'older' shows, page by page."""
    pages, address = [], "?"
    while address:
        page = cursor_page(rows, QueryDict(address.lstrip("?")), **options)
        pages.append(page.rows)
        address = page.older
    return pages


@pytest.mark.parametrize("size", [1, 3, 4, 5, 100])
def test_lines_of_an_entry_go_on_over_pages(market, size):
    for day in (5, 9, 9, 2):
        post(market, *MIRRORED, on=DAY.replace(day=day))
    rows = lines_by_date(JournalLine.objects.filter(event__kind="journal"))
    pages = walk(rows, on="on", key="number", within="line_no", size=size)
    shown = [(line.event_id, line.line_no) for page in pages for line in page]
    assert sorted(shown) == sorted(rows.values_list("event_id", "line_no"))
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert shown == [
        (event.pk, number)
        for event in LedgerEvent.objects.filter(kind="journal").order_by("-effective_on", "-pk")
        for number in (1, 2, 3, 4)
    ]


def test_entries_of_one_day(market):
    made = [post(market, *CAPITAL).pk for _ in range(5)]
    rows = LedgerEvent.objects.filter(kind="journal")
    pages = walk(rows, on="effective_on", key="pk", size=2)
    assert [[event.pk for event in page] for page in pages] == [made[4:2:-1], made[2:0:-1], made[:1]]


@pytest.mark.parametrize(
    "after", ["", "x", "2026-01-10", "2026-01-10.x", "2026-01-10.1.x", "2026-01-10.1.99999", "2026-01-10.1." + "9" * 400, "2026-01-10.1.-5", "2026-13-40.1.1", "2026-01-10." + "9" * 400]
)  # fmt: skip
@pytest.mark.parametrize("route", ["journal", "journal-lines"])
def test_any_address_is_answered(market, browse, route, after):
    post(market, *CAPITAL)
    assert browse("finance").get(reverse(route), {"after": after}).status_code == 200
