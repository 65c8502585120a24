"""Why one line's amount is what it is, on the page of its event."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from ledger.actions.journal import Posting, post_journal
from ledger.actions.refund import refund
from ledger.actions.void import void
from ledger.models import JournalLine, LedgerEvent
from ledger.queries.explain import explain_line
from ledger.rules.accounts import Account
from tests.ledger.explained import all_lines, assert_explained
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def line_of(event: LedgerEvent, organization: str, account: str) -> JournalLine:
    return event.lines.get(organization__code=organization, account__code=account)


def words_of(line: JournalLine) -> list[tuple[str, str]]:
    return [("; ".join(term.words), term.amount.decimal()) for term in explain_line(line).terms]


def test_the_price_of_each_service_is_a_share_by_largest_remainder(market):
    market.add_package(
        "ODD", "1000.00", {"CONSULT": (1, "75.00"), "LAB": (1, "14.00"), "PHYSIO": (1, "20.00")}
    )
    event = market.sell("ODD").event
    lines = event.lines.filter(account__code="contract_liability").order_by("line_no")
    assert words_of(lines[0]) == [
        (
            "CONSULT: 1 unit at a stand-alone price of 75.00 a unit = 75.00 of 109.00 in all, so of the 1,000.00 asked: "
            "about 688.073394, rounded by largest remainder to 688.07",
            "688.07",
        )
    ]
    assert [amount for _, amount in words_of(line_of(event, "P", "cash"))] == ["688.07", "128.44", "183.49"]


def test_a_share_says_its_rule_and_a_void_is_its_opposite(market):
    event = market.redeem(market.sell(), "PHYSIO", 2, at="Q")
    owed = line_of(event, "P", "due_to")
    why = explain_line(owed)
    assert why.by_rule
    assert words_of(owed) == [("70 % of the allocated price 165.00 = 115.50 to Q", "115.50")]
    revenue = line_of(event, "P", "service_revenue")
    assert not explain_line(revenue).by_rule
    assert words_of(revenue) == [("412.50 x 2 of 5 units used = 165.00, less 0.00 before = 165.00", "165.00")]
    voided = void(SYSTEM, event, reason="wrong patient", on=DAY, key=new_key())
    assert words_of(line_of(voided, "P", "due_to")) == words_of(owed)


@pytest.mark.parametrize("policy", ["allocated_price", "list_price_clawback", "allocated_price_less_fee"])
def test_a_refund_of_each_policy(market, policy):
    terms = {"refund": policy} | ({"refund_fee": usd("30.00")} if policy.endswith("fee") else {})
    market.add_package("OWN", "900.00", {"CONSULT": (1, "400.00"), "PHYSIO": (5, "110.00")}, **terms)
    sale = market.sell("OWN")
    market.redeem(sale, "PHYSIO", 2)
    refund(SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="moved", on=DAY, key=new_key())
    assert assert_explained(all_lines()) > 5


def test_the_page_explains_the_line_that_was_asked_for(market, browse):
    event = market.redeem(market.sell(), "PHYSIO", 2, at="Q")
    address = reverse("ledger-event", args=[event.pk])
    owed = line_of(event, "P", "due_to")
    page = browse("finance").get(address, {"line": owed.line_no}).content.decode()
    assert f"Why line {owed.line_no}: Due to" in page
    assert "70 % of the allocated price 165.00 = 115.50 to Q" in page
    assert "partner-70, version 1" in page
    drill = browse("finance").get(reverse("journal-lines"), {"account": "due_to"}).content.decode()
    assert f"{address}?line={owed.line_no}#line" in drill


@pytest.mark.parametrize("asked", ["", "0", "99", "-1", "x", "1e3", "\0", "9" * 40])
def test_what_is_no_line_of_it_shows_the_event_alone(market, browse, asked):
    event = market.sell().event
    page = browse("finance").get(reverse("ledger-event", args=[event.pk]), {"line": asked})
    assert page.status_code == 200
    assert "Why line" not in page.content.decode()


def test_what_was_entered_by_hand_says_so(market):
    place = market.world["P"]
    event = post_journal(
        SYSTEM,
        place,
        postings=[Posting(place, Account.CASH, usd("10.00")), Posting(place, Account.EQUITY, usd("-10.00"))],
        reason="capital paid in",
        on=date(2026, 1, 10),
        key=new_key(),
    )
    assert words_of(line_of(event, "P", "cash")) == [("Entered by hand: capital paid in", "10.00")]


def test_what_was_posted_without_its_inputs_has_no_terms(market):
    line = line_of(market.sell().event, "P", "cash")
    assert explain_line(line).terms
    line.event.inputs = {}
    assert explain_line(line).terms == ()
