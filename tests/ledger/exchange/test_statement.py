"""The statement in one currency on its own page: what stands, and how that changed, with the difference and the rates."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from core.money import Money
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import close_period
from ledger.models import ClosedStatement
from ledger.rules.accounts import Account
from ledger.rules.report import Style
from tests.ledger.exchange.conftest import JANUARY, MONTH_END, quote
from tests.ledger.market import DAY, SYSTEM, new_key

FEBRUARY_END = date(2026, 2, 28)


@pytest.fixture
def group(rated):
    """E has 100.00 euros of capital, and earned 40.00 and 20.00 of them in January and February; P sold for 900.00 dollars.

    A euro is worth 1.25 dollars at first, 1.5 at the end of January (1.375 on average), and 2 in February.
    """
    place = rated.world["E"]
    for amount, account, on in (
        (10000, Account.EQUITY, DAY),
        (4000, Account.SERVICE_REVENUE, DAY),
        (2000, Account.SERVICE_REVENUE, date(2026, 2, 10)),
    ):
        postings = [
            Posting(place, Account.CASH, Money(amount, "EUR")),
            Posting(place, account, Money(-amount, "EUR")),
        ]
        post_journal(SYSTEM, place, postings=postings, reason="came in", on=on, key=new_key())
    quote(rated, "1.5", MONTH_END)
    quote(rated, "2", date(2026, 2, 1))
    rated.sell()
    return rated


def shown(page, column: int = -1) -> dict[str, str]:
    """{account: amount} of a column of the statement in one currency."""
    table = page.context["tables"][0]["table"]
    return {
        line.label: line.cells[column].value.decimal()
        for line in table.lines
        if line.style is not Style.GROUP
    }


def get(client, **asked):
    usual = {"organization": "P", "scope": "consolidated", "until": MONTH_END.isoformat(), "in": "USD"}
    return client.get(reverse("statement"), usual | asked)


def test_what_stands_in_one_currency_with_the_difference_and_the_rates(group, browse):
    page = get(browse("finance"))
    found = shown(page, 2)
    assert (found["Cash"], found["Contract liability"]) == ("1110.00", "-900.00")  # 900 + 140 at 1.5
    assert (found["Equity"], found["Service revenue"]) == ("-137.50", "-55.00")  # at 1.375
    assert (found["Translation difference"], found["Sum"]) == ("-17.50", "0.00")
    assert page.context["proof"].ok
    text = page.content.decode()
    assert "1 EUR = 1.5 USD" in text and "1 EUR = 1.375 USD" in text
    assert "what moved at the average rates of its months" in text


def test_with_a_first_day_how_it_changed(group, browse):
    client = browse("finance")
    change = shown(get(client, since="2026-02-01", until=FEBRUARY_END.isoformat()), 2)
    now, then = (shown(get(client, until=day.isoformat()), 2) for day in (FEBRUARY_END, MONTH_END))
    for account in ("Cash", "Service revenue", "Equity", "Translation difference", "Sum"):
        difference = Money.parse(now[account], "USD", signed=True) - Money.parse(
            then[account], "USD", signed=True
        )
        assert change[account] == difference.decimal(), account
    assert change["Service revenue"] == "-40.00"  # 20 at 2
    assert change["Cash"] == "110.00"  # 160 at 2 less 140 at 1.5
    assert change["Sum"] == "0.00"


def test_the_reader_chooses_on_the_page(group, browse):
    client = browse("finance")
    each = get(client, **{"in": ""})
    assert [one["currency"] for one in each.context["statements"]] == ["EUR", "USD"]
    assert '<option value="EUR">All in EUR</option>' in each.content.decode()
    alone = get(client, scope="alone", organization="E", **{"in": "EUR"})
    assert shown(alone)["Cash"] == "140.00"
    assert get(client, **{"in": "JPY"}).status_code == 422


def test_a_rate_that_is_missing_is_named_and_each_currency_shown(group, browse):
    page = get(browse("finance"), until="2026-06-30")
    assert "a rate between EUR and USD for 30 Jun 2026" in page.context["proof"].text
    assert [one["table"].currency for one in page.context["tables"]] == ["EUR", "USD"]
    for one in page.context["tables"]:
        for line, cells in one["lines"]:
            assert all("currency=" in url for _, url, _ in cells if url), line.label


def test_the_file_is_in_that_currency_too(group, browse):
    answer = get(browse("finance"), format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    cash = next(row for row in rows if row["Account"] == "Cash")
    assert (cash["Currency"], cash["Consolidated"]) == ("USD", "1110.00")


def test_books_of_one_currency_offer_no_choice(market, browse):
    page = browse("finance").get(reverse("statement"), {"organization": "P"})
    assert "in" not in page.context["filter_form"].fields
    odd = browse("finance").get(reverse("statement"), {"organization": "P", "in": "EUR"})
    assert odd.status_code == 200
    assert "tables" not in odd.context


def test_a_closed_month_leads_to_itself_in_one_currency_at_the_rates_of_its_closing(group, browse):
    client = browse("finance")
    close_period(SYSTEM, group.world["P"], month=DAY)
    kept = ClosedStatement.objects.get(organization=group.world["P"])
    page = client.get(reverse("closed-statement", args=[kept.pk]), {"kind": "balance-sheet"})
    (link,) = (one for one in page.context["actions"] if one["label"] == "All in USD")
    first = client.get(link["url"])
    assert "Translation difference" in first.content.decode()
    quote(group, "1.75", MONTH_END)
    quote(group, "1.1", JANUARY)
    again = client.get(link["url"])
    assert [one["table"] for one in again.context["tables"]] == [
        one["table"] for one in first.context["tables"]
    ]
    alone = ClosedStatement.objects.get(organization=group.world["S"])
    page = client.get(reverse("closed-statement", args=[alone.pk]))
    assert not any(one["label"].startswith("All in") for one in page.context["actions"])


@pytest.mark.parametrize(
    ("month", "told"),
    [
        (
            {"since": "2026-01-01", "until": "2026-01-31"},
            # 140.00 euros at 1.375 on average, and at 1.5 in the end
            {"Opening": "0.00", "Manual journal": "192.50", "Sale": "900.00", "Translation difference": "17.50", "Closing": "1110.00"},
        ),
        (
            {"since": "2026-02-01", "until": "2026-02-28"},
            # 20.00 euros at 2; the 140.00 that were there rose from 1.5 to 2
            {"Opening": "1110.00", "Manual journal": "40.00", "Translation difference": "70.00", "Closing": "1220.00"},
        ),
    ],
)  # fmt: skip
def test_cash_in_one_currency_says_what_rates_did_to_it(group, browse, month, told):
    asked = {"kind": "cash-movement", "organization": "P", "scope": "subtree", "in": "USD"} | month
    page = browse("finance").get(reverse("report"), asked)
    assert shown(page) == told
    assert "1 EUR = " in page.content.decode()


def test_cash_whose_rate_is_missing_is_shown_by_currency(group, browse):
    asked = {
        "kind": "cash-movement",
        "organization": "P",
        "scope": "subtree",
        "in": "USD",
        "until": "2026-06-30",
    }
    page = browse("finance").get(reverse("report"), asked | {"since": "2026-06-01"})
    assert [one["table"].title for one in page.context["tables"]] == ["Cash in EUR", "Cash in USD"]
    assert "a rate between EUR and USD for 30 Jun 2026" in page.context["proof"].text
