"""Every rule reads as one plain sentence."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.rules.lines import Kind
from ledger.rules.sentence import rule_sentence
from ledger.rules.terms import Basis, Conditions, Dates, Event, PayerType, Rule
from tests.ledger.rules.books import fixed, percent, remainder, rule


@pytest.mark.parametrize(
    ("of", "when", "sentence"),
    [
        (
            rule(Event.REDEMPTION, percent("servicing", 70), payer="P"),
            Conditions(servicing="Q", service="CONSULT"),
            "When Q redeems CONSULT, P pays Q 70 % of the allocated price, as principal, "
            "for services performed.",
        ),
        (
            rule(Event.REDEMPTION, percent("servicing", "62.5"), agent=True),
            Conditions(servicing_kind=Kind.PARTNER, category="care", package="PACK", seller_under="S"),
            "When a partner redeems any care service of PACK sold by any organization under S, the holder "
            "pays the servicing organization 62.5 % of the allocated price, as agent, for services performed.",
        ),
        (
            rule(Event.REDEMPTION, fixed("servicing", 5000), percent("parent", 5), remainder("S")),
            Conditions(
                servicing_under="Q",
                servicing_kind=Kind.SUB,
                dates=Dates(date(2026, 1, 1), date(2026, 3, 31)),
            ),
            "When a sub under Q redeems any service from 1 Jan 2026 until 31 Mar 2026, the holder pays the "
            "servicing organization INR 50.00 a unit, the parent 5 % of the allocated price and S the rest of "
            "the allocated price, as principal, for services performed.",
        ),
        (
            rule(Event.SALE, percent("servicing", 10, Basis.SALE_PRICE)),
            Conditions(package="PACK"),
            "When any organization sells PACK, the holder pays the servicing organization 10 % of the sale "
            "price, as principal, for services performed.",
        ),
        (
            rule(Event.CHARGE, percent("parent", 15, Basis.LIST_PRICE)),
            Conditions(servicing="Q", payer_type=PayerType.PATIENT),
            "When Q charges for any service for a patient who pays, the patient pays, and Q pays the parent "
            "15 % of the list price, as principal, for services performed.",
        ),
        (
            rule(Event.SERVICE_REQUEST, payer="parent"),
            Conditions(servicing="X", service="LAB"),
            "When X performs a request for LAB, the parent pays the bill.",
        ),
        (
            rule(Event.REDEMPTION),
            Conditions(),
            "When any organization redeems any service, the holder recognizes the price and nobody is paid.",
        ),
    ],
)
def test_sentences(of: Rule, when: Conditions, sentence: str) -> None:
    assert rule_sentence(replace(of, when=when)) == sentence
