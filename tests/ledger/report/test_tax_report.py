"""The tax report says what was due and given back, and proves it against the account."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from core.money import Money
from ledger.actions.journal import Posting, post_journal
from ledger.actions.refund import refund
from ledger.actions.void import void
from ledger.queries.figures import Ask
from ledger.queries.report_tax import tax_report
from ledger.rules.accounts import Account
from ledger.rules.report import Period, Scope, Style
from tests.ledger.market import SYSTEM, new_key, usd
from tests.ledger.tax.conftest import spa  # noqa: F401

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))


@pytest.fixture
def busy(spa):  # noqa: F811
    """Two sales in January, one voided; one of February given back whole; 30.00 paid in February."""
    P, on = spa.market.world["P"], date(2026, 2, 10)
    kept, undone, back = spa.sell(at="S"), spa.sell("RELAX"), spa.sell(on=on)
    void(SYSTEM, undone.event, reason="wrong", on=date(2026, 1, 20), key=new_key())
    refund(SYSTEM, P, entitlement=back.entitlement, reason="moved", on=on, key=new_key())
    postings = [Posting(P, Account.TAX_PAYABLE, usd("30.00")), Posting(P, Account.CASH, usd("-30.00"))]
    post_journal(SYSTEM, P, postings=postings, reason="tax of January", on=on, key=new_key())
    assert kept.total_minor == 35400
    return spa


def ask(spa, period, scope=Scope.SUBTREE, at="P"):  # noqa: F811
    return Ask(SYSTEM, spa.market.world[at], scope, period)


def rows(table):
    return [
        (
            line.label,
            *(one.value.decimal() if isinstance(one.value, Money) else one.value for one in line.cells),
        )
        for line in table.lines
        if line.style is not Style.GROUP
    ]


def test_what_was_due_and_given_back(busy):
    taxes, payable = tax_report(ask(busy, JANUARY)).tables
    assert rows(taxes) == [
        ("added 5 (T1)", "5 %", "0.00", "0.00", "0.00", "0.00"),
        ("included 18 (T0)", "18 %", "300.00", "54.00", "0.00", "54.00"),
        ("Total of Harbor Health", "", "300.00", "54.00", "0.00", "54.00"),
        ("Total", "", "300.00", "54.00", "0.00", "54.00"),
    ]
    assert rows(payable) == [("Harbor Health", "0.00", "54.00", "0.00", "54.00", "0.00")]
    taxes, payable = tax_report(ask(busy, FEBRUARY)).tables
    assert rows(taxes)[0] == ("included 18 (T0)", "18 %", "0.00", "54.00", "-54.00", "0.00")
    assert rows(payable) == [("Harbor Health", "54.00", "0.00", "-30.00", "24.00", "0.00")]


@pytest.mark.parametrize("period", [JANUARY, FEBRUARY, Period(date(2025, 1, 1), date(2026, 12, 31))])
def test_it_proves_itself(busy, period):
    report = tax_report(ask(busy, period))
    assert report.proof.ok
    assert "make up" in report.proof.text


def test_books_without_tax_have_none(busy):
    report = tax_report(ask(busy, JANUARY, Scope.ALONE, "S"))
    assert list(report.tables) == []
    assert report.proof.ok


def test_the_page_and_its_files(busy, browse):
    client = browse("finance")
    query = "?kind=tax&since=2026-01-01&until=2026-01-31"
    page = client.get(reverse("report") + query).content.decode()
    assert "included 18 (T0)" in page
    assert "tax_payable" in page  # the total leads to its lines
    for file, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = client.get(reverse("report") + query + f"&export={file}")
        assert answer.status_code == 200
        assert answer.content.startswith(start) or file == "csv"
