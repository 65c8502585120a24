"""Every figure of a report leads to what it is made of: the lines at its address add up to it."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.money import Money
from ledger.actions.breakage import run_breakage
from ledger.actions.expiry import expire
from ledger.actions.journal import Posting, post_journal
from ledger.actions.refund import refund
from ledger.actions.sale import Payment
from ledger.actions.tax import add_tax_rate
from ledger.actions.void import void
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS
from ledger.rules.accounts import Account
from ledger.rules.report import Period, Scope
from ledger.rules.terms import Conditions, Outcome
from ledger.views.report import lines_url
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import add_organization
from tests.cast import details
from tests.ledger.exchange.conftest import quote
from tests.ledger.market import DAY, PERCENT_80, SYSTEM, new_key, usd
from tests.ledger.tax.conftest import spa  # noqa: F401

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))
EARLY, LATE = date(2026, 2, 3), date(2026, 2, 20)

#: What leads nowhere, by kind and head: words, counts, differences that are zero, what was entered by hand.
NOWHERE = {
    ("utilization", "Units"),
    ("prepaid-proof", "Difference"),
    ("tax", "Rate"),
    ("tax", "Paid, and entered by hand"),
    ("tax", "Difference"),
    ("revenue-shares", "From"),
    ("revenue-shares", "Rule"),
}
#: Rows that add up rows above.
SUMS = ("Total", "Sum", "Result")


@pytest.fixture
def busy(spa):  # noqa: F811
    """January and February with every step of the roll-forward, each void in the other month, tax, two rules for one
    pair, and what is owed in two currencies, some of it paid."""
    market = spa.market
    world = market.world
    world.organizations["E"] = add_organization(
        SYSTEM, world["P"], kind="sub", details=details("Abroad", "E"), currency="EUR"
    )
    quote(market, "1.25", date(2026, 1, 5))
    market.add_package("SHORT", "500.00", {"PHYSIO": (5, "110.00")}, holder=world["P"], valid_days=20)
    first, second, short = market.sell(), market.sell(on=EARLY), market.sell("SHORT")
    wrong = market.redeem(first, "CONSULT", at="S")
    for on, at, units in ((DAY, "Q", 2), (EARLY, "S", 1), (LATE, "P", 1)):
        market.redeem(first, "PHYSIO", units, at=at, on=on)
    market.redeem(second, "LAB", on=EARLY)
    run_breakage(
        SYSTEM,
        world["P"],
        package=market.packages["CHECKUP"],
        expected_percent=Fraction(60),
        key=new_key(),
        on=EARLY,
    )
    market.add_rule(
        "sub-60", when=Conditions(servicing="S"), outcome=Outcome(transfer=PERCENT_80), starts_on=LATE
    )
    market.redeem(second, "CONSULT", at="S", on=LATE)
    void(SYSTEM, wrong, reason="a mistake", key=new_key(), on=LATE)
    refund(SYSTEM, world["P"], entitlement=market.entitlement(second), reason="moved", key=new_key(), on=LATE)
    expire(SYSTEM, market.entitlement(short), on=LATE, key=new_key())
    kept, back = spa.sell(at="S"), spa.sell(on=EARLY)
    refund(SYSTEM, world["P"], entitlement=back.entitlement, reason="moved", on=LATE, key=new_key())
    void(SYSTEM, kept.event, reason="wrong", on=LATE, key=new_key())
    spa.sell("RELAX", on=EARLY)
    code = spa.codes["MASSAGE"]
    code.refresh_from_db()
    add_tax_rate(SYSTEM, code, percent=Decimal(8), starts_on=LATE, version=code.version)
    market.sell("RELAX", on=LATE, payments=[Payment("cash", usd("216.00"))])
    abroad = [
        Posting(world["E"], Account.CASH, Money(1000, "EUR")),
        Posting(world["E"], Account.SERVICE_REVENUE, Money(-1000, "EUR")),
    ]
    post_journal(SYSTEM, world["E"], postings=abroad, reason="earned", on=EARLY, key=new_key())
    _pays(market, "P", "Q", "100.00", LATE)
    return market


def _pays(market, debtor, creditor, amount, on):
    owed, paid = market.world[debtor], market.world[creditor]
    postings = [
        Posting(owed, Account.CASH, usd(f"-{amount}")),
        Posting(owed, Account.DUE_TO, usd(amount), paid),
        Posting(paid, Account.CASH, usd(amount)),
        Posting(paid, Account.DUE_FROM, usd(f"-{amount}"), owed),
    ]
    post_journal(SYSTEM, owed, postings=postings, reason="paid", on=on, key=new_key())


def lines_at(client, url) -> list[dict[str, str]]:
    answer = client.get(url + "&format=csv")
    assert answer.status_code == 200, url
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def figures_of(report):
    """(table, line, head, cell) of every amount."""
    for table in report.tables:
        for line in table.lines:
            for head, cell in zip(table.heads[1:], line.cells, strict=False):
                yield table, line, head, cell


@pytest.mark.parametrize("kind", KINDS)
def test_the_lines_at_its_address_add_up_to_it(busy, kind, browse):
    client = browse("finance")
    scope = Scope.CONSOLIDATED if KINDS[kind].consolidates else Scope.SUBTREE
    seen: dict[str, Money] = {}
    heads = set()
    for _, line, head, cell in figures_of(KINDS[kind].build(Ask(SYSTEM, busy.world["P"], scope, FEBRUARY))):
        url = lines_url(cell.lines)
        if url and url not in seen:
            seen[url] = cell.value
            sums = sum(int(row["amount_minor"]) for row in lines_at(client, url))
            assert abs(sums) == abs(cell.value.minor), (line.label, head, url)
            heads.add(head)
        elif not url and cell.value and not line.label.startswith(SUMS):
            assert (kind, head) in NOWHERE, (line.label, head, cell.value)
    assert len(seen) >= 2


def test_the_steps_of_the_roll_forward_lead_to_their_own_movements_with_their_sign(busy, browse):
    client, name = browse("auditor"), busy.world["P"].name
    report = KINDS["prepaid-proof"].build(Ask(SYSTEM, busy.world["P"], Scope.SUBTREE, FEBRUARY))
    steps = report.tables[0].heads[2:-1]
    row = next(line for line in report.tables[0].lines if line.label == name)
    kinds = {}
    for step, cell in zip(steps, row.cells[1:-1], strict=True):
        found = lines_at(client, lines_url(cell.lines))
        assert sum(int(one["amount_minor"]) for one in found) == cell.value.minor, step
        kinds[step] = {one["kind"] for one in found}
    assert kinds == {
        "Sold": {"Sale", "Void"},
        "Redeemed here": {"Redemption"},
        "Redeemed elsewhere": {"Redemption", "Void"},
        "Refunded": {"Refund"},
        "Expired": {"Expiry"},
        "Breakage": {"Breakage", "Redemption", "Refund"},
        "Other": set(),
    }


def test_an_age_leads_to_the_open_part_of_its_lines(busy, browse):
    """Q is owed 115.50 since January and 82.50 less tax since later, and was paid 100.00: the oldest is settled first."""
    client = browse("finance")
    report = KINDS["due-by-age"].build(
        Ask(SYSTEM, busy.world["P"], Scope.SUBTREE, Period(DAY, date(2026, 2, 25)))
    )
    label = f"{busy.world['Q'].name} from {busy.world['P'].name}"
    row = next(line for table in report.tables for line in table.lines if line.label == label)
    ages = [cell.value.decimal() for cell in row.cells]
    assert ages == ["0.00", "15.50", "0.00", "0.00", "15.50"]
    [line] = lines_at(client, lines_url(row.cells[1].lines))
    assert (line["date"], line["amount_minor"]) == ("2026-01-10", "1550")


def address(**more) -> str:
    asked = {
        "figure": "sale",
        "organization": "P",
        "scope": "subtree",
        "currency": "USD",
        "until": "2026-03-01",
    }
    return (
        reverse("figure-lines") + "?" + "&".join(f"{name}={value}" for name, value in (asked | more).items())
    )


def test_long_figures_are_paged_and_ask_no_more_often(market, browse):
    client = browse("finance")
    market.sell()
    client.get(address())
    with CaptureQueriesContext(connection) as few:
        client.get(address())
    for _ in range(19):  # three movements each
        market.sell()
    client.get(address())
    with CaptureQueriesContext(connection) as many:
        page = client.get(address())
    assert len(many) == len(few)
    text = page.content.decode()
    assert "50 shown" in text and "Together USD 18,000.00." in text
    older = client.get(reverse("figure-lines") + page.context["page"].older)
    events = [(one.event_id, one.no) for shown in (page, older) for one in shown.context["page"].rows]
    assert len(events) == len(set(events)) == 60
    assert older.context["page"].older == ""


def test_only_of_books_whose_journal_one_may_read(market, browse):
    below = add_organization(SYSTEM, market.world["S"], kind="sub", details=details("Below", "N"))
    market.world.organizations["N"] = below
    sale = market.sell()
    market.redeem(sale, "LAB", at="N")
    market.redeem(sale, "CONSULT", at="S")
    for persona in ("parent_desk", "local_admin"):  # who see P, and all below S
        grant_membership(
            SYSTEM,
            market.world["S"],
            user=market.world.users[persona],
            new=NewMembership(role="finance_auditor", scope="this", starts_on=date(2020, 1, 1)),
        )
    refused = browse("parent_desk").get(address())
    assert refused.status_code == 422
    assert "Choose one of your organizations" in refused.content.decode()
    rows = lines_at(browse("local_admin"), address(organization="S", figure="used"))
    assert [row["organization"] for row in rows] == [market.world["S"].name]
    assert browse("local_admin").get(address(figure="used")).status_code == 422
    assert browse("desk").get(address()).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"figure": "everything"},
        {"currency": "usd"},
        {"scope": "all"},
        {"until": "soon"},
        {"percent": "NaN", "figure": "due"},
        {"counterparty": "nobody"},
    ],
)
def test_an_address_that_names_no_figure_says_what_is_wrong(market, browse, wrong):
    answer = browse("finance").get(address(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_page_without_a_figure_says_where_they_are(market, browse):
    answer = browse("finance").get(reverse("figure-lines"))
    assert (answer.status_code, "Follow a figure" in answer.content.decode()) == (200, True)


def test_without_an_organization_it_is_of_the_first_books_that_one_may_read(market, browse):
    market.sell()
    page = browse("finance").get(address(organization=""))
    assert page.context["description"].startswith(market.world["P"].name)
    assert len(page.context["page"].rows) == 3
