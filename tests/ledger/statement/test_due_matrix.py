"""Who owes whom on one page: the matrix, every pair by age, and both against what stands in the books."""

from __future__ import annotations

import csv
import io
from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.actors import SystemActor
from ledger.actions.journal import Posting, post_journal
from ledger.rules.accounts import Account
from ledger.views import due
from orgs.actions.organization import add_organization
from tests.cast import details
from tests.ledger.market import SYSTEM, new_key, usd

UNTIL = "2026-06-30"
PAGE = {"until": UNTIL}


def lend(world, creditor: str, debtor: str, amount: str, on: date) -> None:
    lent, owed = world[creditor], world[debtor]
    postings = [
        Posting(lent, Account.DUE_FROM, usd(amount), owed),
        Posting(lent, Account.CASH, usd(f"-{amount}")),
        Posting(owed, Account.CASH, usd(amount)),
        Posting(owed, Account.DUE_TO, usd(f"-{amount}"), lent),
    ]
    post_journal(SYSTEM, lent, postings=postings, reason="lent", on=on, key=new_key())


def shown(page) -> dict[str, list[str]]:
    """{pair: its ages and total, as plain texts} of the first currency."""
    lines = page.context["matrices"][0]["ages"]["lines"]
    return {line.label: [value.decimal() for value, *_ in cells] for line, cells in lines}


def lines_at(client, url: str) -> int:
    answer = client.get(url + "&format=csv")
    rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    return sum(int(row["amount_minor"]) for row in rows)


def test_pairs_by_age_lead_to_their_lines(market, browse):
    world, client = market.world, browse("finance")
    for amount, on in (
        ("10.00", date(2026, 6, 20)),
        ("20.00", date(2026, 5, 20)),
        ("40.00", date(2026, 1, 2)),
    ):
        lend(world, "S", "P", amount, on)
    lend(world, "P", "Q", "5.00", date(2026, 4, 10))
    page = client.get(reverse("due-matrix"), PAGE)
    assert shown(page) == {
        f"{world['S'].name} from {world['P'].name}": ["10.00", "20.00", "0.00", "40.00", "70.00"],
        f"{world['P'].name} from {world['Q'].name}": ["0.00", "0.00", "5.00", "0.00", "5.00"],
        "Total": ["10.00", "20.00", "5.00", "40.00", "75.00"],
    }
    one = page.context["matrices"][0]
    assert one["grand_total"] == usd("75.00")
    urls = [(value, url) for _, cells in one["ages"]["lines"] for value, url, _ in cells if url]
    urls += [(cell["amount"], cell["url"]) for line in one["lines"] for cell in line["cells"] if cell["url"]]
    assert len(urls) == 8
    for value, url in urls:
        assert lines_at(client, url) == value.minor, url


def test_what_lies_beyond_the_largest_pairs_is_one_row_and_in_the_file(market, browse, monkeypatch):
    monkeypatch.setattr(due, "PAIRS", 1)
    world, client = market.world, browse("finance")
    for creditor, debtor, amount in (("S", "P", "70.00"), ("T", "P", "20.00"), ("P", "Q", "5.00")):
        lend(world, creditor, debtor, amount, date(2026, 6, 1))
    found = shown(client.get(reverse("due-matrix"), PAGE))
    assert found["2 others"] == ["25.00", "0.00", "0.00", "0.00", "25.00"]
    assert found["Total"][-1] == "95.00"
    answer = client.get(reverse("due-matrix"), PAGE | {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[1:] == [
        ["S", "P", "USD", "70.00", "0.00", "0.00", "0.00", "70.00"],
        ["T", "P", "USD", "20.00", "0.00", "0.00", "0.00", "20.00"],
        ["P", "Q", "USD", "5.00", "0.00", "0.00", "0.00", "5.00"],
    ]


def test_it_asks_no_more_often_for_more_pairs(market, browse):
    world, client = market.world, browse("finance")
    for creditor in ("S", "T", "Q"):
        lend(world, creditor, "P", "1.00", date(2026, 6, 1))
    client.get(reverse("due-matrix"), PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("due-matrix"), PAGE)
    for number in range(27):
        code = f"N{number}"
        place = add_organization(SystemActor.of("test"), world["P"], kind="sub", details=details(code, code))
        world.organizations[code] = place
        lend(world, code, "P", "1.00", date(2026, 6, 1))
    client.get(reverse("due-matrix"), PAGE)
    with CaptureQueriesContext(connection) as many:
        page = client.get(reverse("due-matrix"), PAGE)
    assert len(many) == len(few)
    assert len(shown(page)) == 31
    assert page.context["matrices"][0]["more"] == 11


def test_only_of_books_one_may_read(market, browse):
    lend(market.world, "P", "Q", "5.00", date(2026, 6, 1))
    lend(market.world, "S", "P", "7.00", date(2026, 6, 1))
    page = browse("local_admin").get(reverse("due-matrix"), PAGE)
    assert [label for label in shown(page) if label != "Total"] == [
        f"{market.world['S'].name} from {market.world['P'].name}"
    ]
    assert all(not url for _, cells in page.context["matrices"][0]["ages"]["lines"] for _, url, _ in cells)
