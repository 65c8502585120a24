"""Reports of closed books give the same bytes again, of every kind, in every file, to everybody who may read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from django.urls import reverse

from core import clock
from core.money import Money
from ledger.actions.breakage import run_breakage
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import approve_reopening, close_period, request_reopening
from ledger.actions.void import void
from ledger.posting import fold_deltas
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS
from ledger.rules.accounts import Account
from ledger.rules.report import Scope, month_of
from orgs.actions.organization import add_organization, move_organization
from tests.cast import CONTRACT, details
from tests.ledger.exchange.conftest import abroad, quote  # noqa: F401
from tests.ledger.market import DAY, SYSTEM, new_key, usd
from tests.ledger.tax.conftest import spa  # noqa: F401

LATER = date(2026, 2, 10)
TOMORROW = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)
SHAPES = [
    *((kind, {"scope": "subtree"}, ("csv", "xlsx", "pdf")) for kind in KINDS),
    ("cash-movement", {"scope": "subtree", "in": "USD"}, ("csv",)),
    *(
        (kind, {"scope": "consolidated"} | shape, ("csv",))
        for kind, about in KINDS.items()
        if about.consolidates
        for shape in (
            {},
            {"compare": "organizations"},
            {"compare": "previous"},
            {"in": "USD"},
            {"organization": "S"},  # whose first partner comes later
        )
    ),
]


@pytest.fixture
def closed(spa):  # noqa: F811
    """January with a bit of everything, closed everywhere: care at a branch, a partner and abroad, tax, breakage, a
    package that several share, what is due to two who are owed the same."""
    market = spa.market
    world = market.world
    world.organizations["E"] = add_organization(
        SYSTEM, world["P"], kind="sub", details=details("Abroad", "E"), currency="EUR"
    )
    quote(market, "1.25", date(2026, 1, 5))
    market.add_package(
        "FAMILY", "500.00", {"PHYSIO": (5, "110.00")}, use="family", most_people=3, holder=world["P"]
    )
    checkup, shared = market.sell(), market.sell("FAMILY")
    market.care = market.redeem(checkup, "CONSULT", at="S")
    market.redeem(checkup, "PHYSIO", 2, at="Q")
    market.redeem(shared, "PHYSIO", 2)
    spa.sell(at="S")
    market.redeem(checkup, "LAB", at="E")
    for lender in ("S", "T"):
        _lend(market, lender, "P", "80.00", DAY)
    _earn_abroad(market)
    run_breakage(
        SYSTEM,
        world["P"],
        package=market.packages["CHECKUP"],
        expected_percent=Fraction(5),
        key=new_key(),
        on=date(2026, 1, 31),
    )
    close_period(SYSTEM, world["P"], month=DAY)
    market.spa, market.checkup = spa, checkup
    return market


def _lend(market, lender, borrower, amount, on):
    lent, borrowed = market.world[lender], market.world[borrower]
    postings = [
        Posting(lent, Account.DUE_FROM, usd(amount), borrowed),
        Posting(lent, Account.EQUITY, usd(f"-{amount}")),
        Posting(borrowed, Account.CASH, usd(amount)),
        Posting(borrowed, Account.DUE_TO, usd(f"-{amount}"), lent),
    ]
    post_journal(SYSTEM, lent, postings=postings, reason="lent", on=on, key=new_key())


def _earn_abroad(market):
    place = market.world["E"]
    postings = [
        Posting(place, Account.CASH, Money(1000, "EUR")),
        Posting(place, Account.SERVICE_REVENUE, Money(-1000, "EUR")),
    ]
    post_journal(SYSTEM, place, postings=postings, reason="earned", on=DAY, key=new_key())


def files(client) -> dict[tuple[str, ...], bytes]:
    """Every file of every report of January."""
    asked = {"organization": "P", "since": "2026-01-01", "until": "2026-01-31"}
    found = {}
    for kind, shape, forms in SHAPES:
        for form in forms:
            answer = client.get(reverse("report"), asked | shape | {"kind": kind, "export": form})
            assert answer.status_code == 200
            found[kind, *shape.values(), form] = answer.content
    return found


def happens_later(market) -> None:
    """What goes on after the closing: business, corrections, others who join, another shape of the tree."""
    world = market.world
    sale = market.sell(on=LATER)
    market.redeem(sale, "PHYSIO", 2, at="S", on=LATER)
    void(SYSTEM, market.care, reason="a mistake", key=new_key(), on=LATER)
    market.redeem(market.checkup, "PHYSIO", at="T", on=LATER)
    market.spa.sell(on=LATER)
    _lend(market, "S", "P", "500.00", LATER)
    run_breakage(
        SYSTEM,
        world["P"],
        package=market.packages["CHECKUP"],
        expected_percent=Fraction(9),
        key=new_key(),
        on=LATER,
    )
    quote(market, "1.75", date(2026, 1, 5))
    quote(market, "1.5", date(2026, 1, 20))
    for kind, code, under, contract in (("sub", "N", "P", None), ("partner", "M", "S", CONTRACT)):
        place = add_organization(
            SYSTEM, world[under], kind=kind, details=details(f"New {code}", code), contract=contract
        )
        world.organizations[code] = place
    world["T"].refresh_from_db()
    move_organization(SYSTEM, world["T"], to=world["Q"], reason="sold", version=world["T"].version)
    market.sell("COURSE", at="N", on=LATER)
    fold_deltas(5)


def test_every_file_of_closed_books_stays_to_the_byte(closed, browse):
    before = files(browse("finance"))
    happens_later(closed)
    with clock.at(TOMORROW):
        after = files(browse("auditor"))
    assert [name for name, content in after.items() if content != before[name]] == []


def test_files_of_open_books_are_of_their_own_time(closed, browse):
    client, asked = browse("finance"), {"organization": "P", "until": "2026-02-28", "export": "pdf"}
    now = client.get(reverse("report"), asked).content
    with clock.at(TOMORROW):
        assert client.get(reverse("report"), asked).content != now


def told_ask(market, **more) -> Ask:
    return Ask(SYSTEM, market.world["P"], Scope.CONSOLIDATED, month_of(DAY), **more)


def told(market, **more):
    return KINDS["balance-sheet"].build(told_ask(market, **more))


def test_a_report_says_that_its_books_are_closed_until_they_are_open_again(closed):
    first = told_ask(closed).closed_at
    assert any("These books closed on" in note for note in told(closed).notes)
    request = request_reopening(
        closed.world.actor("finance"), closed.world["P"], month=DAY, below=True, reason="late"
    )
    approve_reopening(SYSTEM, request)
    assert not any("These books closed" in note for note in told(closed).notes)
    close_period(SYSTEM, closed.world["P"], month=LATER)
    assert told_ask(closed).closed_at > first


def test_books_added_later_leave_it_closed_until_they_post_into_it(closed):
    closed.world.organizations["N"] = add_organization(
        SYSTEM, closed.world["P"], kind="sub", details=details("New", "N")
    )
    assert told_ask(closed).closed_at is not None
    closed.sell("COURSE", at="N", on=DAY)
    assert told_ask(closed).closed_at is None


def test_a_rate_that_was_missing_at_the_closing_is_told(abroad):  # noqa: F811
    place = abroad.world["E"]
    postings = [
        Posting(place, Account.CASH, Money(500, "EUR")),
        Posting(place, Account.EQUITY, Money(-500, "EUR")),
    ]
    post_journal(SYSTEM, place, postings=postings, reason="capital", on=DAY, key=new_key())
    close_period(SYSTEM, abroad.world["P"], month=DAY)
    assert "Not shown in one currency" in told(abroad, currency="USD").proof.text
    quote(abroad, "1.25", date(2026, 1, 5))
    report = told(abroad, currency="USD")
    assert report.proof.ok
    assert any("A rate was missing when the books closed" in note for note in report.notes)


def test_who_used_a_shared_package_is_named_as_of_today(closed):
    report = KINDS["utilization"].build(Ask(SYSTEM, closed.world["P"], Scope.SUBTREE, month_of(DAY)))
    assert "named as they are called today" in report.notes[0]
