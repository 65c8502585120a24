"""Who pays whom and how much, to the minor unit, with the arithmetic in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.distribution import Amounts
from ledger.rules.lines import Organization
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Basis, Event, Rule
from tests.ledger.rules.books import (
    P,
    Q,
    R,
    S,
    X,
    distributed,
    fixed,
    percent,
    redeeming,
    remainder,
    rule,
)


def paid(of: Rule, servicing: Organization, amounts: Amounts, holder: Organization = P) -> dict[str, int]:
    return {
        payment.receiver.code: payment.amount_minor
        for payment in distributed(of, servicing, amounts, holder).payments
    }


def test_half_a_unit_goes_to_the_smaller_code() -> None:
    half = rule(Event.REDEMPTION, transfer=percent("servicing", 50))
    assert paid(half, S, redeeming(1, 3333)) == {"S": 1666}
    assert paid(half, P, redeeming(1, 3333), holder=S) == {"P": 1667}


def test_the_figures_of_a_four_way_split() -> None:
    of = rule(Event.REDEMPTION, percent("servicing", 70), percent("S", 5), percent("R", 5))
    assert paid(of, Q, redeeming(1, 102759)) == {"Q": 71931, "R": 5138, "S": 5138}


def test_fixed_amounts_count_units() -> None:
    assert paid(rule(Event.REDEMPTION, fixed("servicing", 5000)), Q, redeeming(3, 16500)) == {"Q": 15000}


def test_the_remainder_is_what_percent_and_fixed_leave() -> None:
    of = rule(Event.REDEMPTION, percent("servicing", 70), fixed("S", 1000), remainder("R"))
    assert paid(of, Q, redeeming(2, 16500)) == {"Q": 11550, "S": 2000, "R": 2950}


def test_the_remainder_of_nothing_else_is_all() -> None:
    assert paid(rule(Event.REDEMPTION, remainder("servicing")), Q, redeeming(2, 16500)) == {"Q": 16500}


def test_each_share_has_its_own_basis() -> None:
    of = rule(Event.REDEMPTION, percent("servicing", 50), percent("S", 10, Basis.LIST_PRICE))
    assert paid(of, Q, redeeming(1, 30000, 40000)) == {"Q": 15000, "S": 4000}


def test_parties_that_are_one_organization_are_paid_once() -> None:
    of = rule(Event.REDEMPTION, percent("servicing", 40), percent("Q", 30), percent("holder", 10))
    assert paid(of, Q, redeeming(1, 101)) == {"Q": 71}


def test_fixed_amounts_never_eat_more_than_there_is() -> None:
    of = rule(Event.REDEMPTION, fixed("servicing", 20000), remainder("S"))
    with pytest.raises(Refusal) as refused:
        distributed(of, Q, redeeming(1, 16500), P)
    assert refused.value.code is RefusalCode.NOT_PERMITTED


@pytest.mark.parametrize(
    ("of", "servicing", "holder"),
    [
        (rule(Event.REDEMPTION, percent("servicing", 70), payer="S", agent=True), Q, P),
        (rule(Event.REDEMPTION, percent("R", 70), agent=True), Q, P),
        (rule(Event.REDEMPTION, percent("servicing", 70)), X, P),
        (rule(Event.REDEMPTION, percent("X", 70)), Q, P),
        (rule(Event.REDEMPTION, payer="X"), Q, P),
        (rule(Event.REDEMPTION, percent("GONE", 70)), Q, P),
        (rule(Event.REDEMPTION, percent("servicing", 70, Basis.SALE_PRICE)), Q, P),
    ],
)
def test_what_cannot_be_met_is_not_permitted(of: Rule, servicing: Organization, holder: Organization) -> None:
    with pytest.raises(Refusal) as refused:
        distributed(of, servicing, redeeming(1, 16500), holder)
    assert refused.value.code is RefusalCode.NOT_PERMITTED


def test_an_agent_never_keeps_less_than_nothing() -> None:
    from dataclasses import replace

    share = replace(fixed("servicing", 9000), basis=Basis.ALLOCATED_PRICE)
    with pytest.raises(Refusal):
        distributed(rule(Event.REDEMPTION, share, agent=True), Q, redeeming(2, 16500), P)


def test_an_agent_may_be_named_by_its_code() -> None:
    of = rule(Event.REDEMPTION, percent("Q", 70), payer="P", agent=True)
    assert paid(of, Q, redeeming(2, 16500)) == {"Q": 11550}


def test_fixed_amounts_of_another_currency_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        distributed(rule(Event.REDEMPTION, fixed("servicing", 5)), Q, Amounts("JPY", 1, 100), P)
    assert refused.value.code is RefusalCode.CURRENCY_MISMATCH


def test_the_payers() -> None:
    amounts = Amounts("INR", 1, 100, 100, 100)
    assert distributed(rule(Event.REDEMPTION), Q, amounts, holder=S).payer is S
    assert distributed(rule(Event.SALE), Q, amounts, holder=S).payer is S
    assert distributed(rule(Event.CHARGE), Q, amounts).payer is None
    assert distributed(rule(Event.SERVICE_REQUEST), X, amounts, ordering=S).payer is S
    assert distributed(rule(Event.REDEMPTION, payer="parent"), Q, amounts, holder=S).payer is P
    assert distributed(rule(Event.REDEMPTION, payer="holder"), Q, amounts, holder=S).payer is S
    assert distributed(rule(Event.CHARGE, payer="R"), Q, amounts).payer is R


def test_the_explanation_says_why_this_amount() -> None:
    of = rule(Event.REDEMPTION, percent("servicing", 70), fixed("S", 1000), code="partner-70")
    why = distributed(of, Q, redeeming(2, 16500), P).explanation
    assert (why.rule, why.version) == ("partner-70", 1)
    assert why.arithmetic == (
        "70 % of the allocated price 165.00 = 115.50 to Q",
        "30 % of the allocated price 165.00 = 49.50 kept by P",
        "2 x 10.00 = 20.00 to S",
    )
    assert why.inputs == {
        "currency": "INR",
        "quantity": 2,
        "allocated_minor": 16500,
        "list_minor": 0,
        "payer": "P",
        "servicing": "Q",
        "holder": "P",
    }


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 25), min_size=1, max_size=4), st.booleans())
def test_shares_and_what_is_kept_are_the_whole(value: int, parts: list[int], rest: bool) -> None:
    parties = ["servicing", "S", "R", "holder"]
    shares = [percent(party, part) for party, part in zip(parties, parts, strict=False)]
    if rest:
        shares.append(remainder("R"))
    out = paid(rule(Event.REDEMPTION, *shares), Q, redeeming(1, value))
    kept_percent = 0 if rest else 100 - sum(parts)
    kept_percent += parts[3] if len(parts) == 4 else 0
    assert abs(value - sum(out.values()) - value * kept_percent / 100) <= 1
    opposite = paid(rule(Event.REDEMPTION, *shares), Q, redeeming(1, -value))
    assert opposite == {code: -amount for code, amount in out.items()}


def test_a_vendor_takes_no_share_of_its_own_request() -> None:
    of = rule(Event.SERVICE_REQUEST, percent("Q", 10, Basis.LIST_PRICE))
    with pytest.raises(Refusal) as refused:
        distributed(of, Q, Amounts("INR", 1, list_minor=100), ordering=S)
    assert refused.value.code is RefusalCode.NOT_PERMITTED
