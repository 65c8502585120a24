"""Rates, cash in another currency, and gains and losses on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import events
from ledger.rules.accounts import Account
from ledger.rules.exchange import (
    Rate,
    converted,
    difference,
    exchange_cash,
    exchange_of,
    factor_of,
    gain_lines,
    taken_first,
)
from ledger.rules.lines import Line
from tests.ledger.rules.books import P, organization

DAY = date(2026, 1, 5)
CURRENCIES = ("INR", "EUR", "JPY", "KWD")
RATES = st.decimals("0.000001", "100000", places=6)
MINOR = st.integers(-(10**12), 10**12)


def rate(base: str, quote: str, value: str | Decimal) -> Rate:
    return Rate(1, base, quote, DAY, Decimal(value))


@pytest.mark.parametrize(
    ("base", "quote", "value", "source", "target", "minor", "worth"),
    [
        ("EUR", "INR", "90", "INR", "EUR", 900000, 10000),  # 9,000.00 INR are 100.00 EUR
        ("EUR", "INR", "90", "EUR", "INR", 10000, 900000),
        ("EUR", "INR", "90", "INR", "EUR", 10000, 111),  # 1.1111
        ("INR", "JPY", "1.75", "INR", "JPY", 900000, 15750),  # no decimals
        ("KWD", "INR", "275.5", "INR", "KWD", 900000, 32668),  # three of them: 32.6678
        ("EUR", "INR", "2", "INR", "EUR", 1, 1),  # 0.005 away from zero
        ("EUR", "INR", "2", "INR", "EUR", -1, -1),
    ],
)
def test_an_amount_is_exchanged_in_the_decimals_of_either_currency(
    base, quote, value, source, target, minor, worth
):
    assert converted(minor, rate(base, quote, value).factor(source, target)) == worth


def test_a_rate_says_nothing_of_other_currencies():
    with pytest.raises(ValueError, match="nothing of INR and JPY"):
        rate("EUR", "INR", "90").factor("INR", "JPY")


@given(RATES, st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES))
def test_the_other_way_round_is_the_exact_inverse(value, base, quote):
    if base == quote:
        return
    one = rate(base, quote, value)
    assert one.factor(base, quote) * one.factor(quote, base) == 1


@given(RATES)
def test_what_an_event_stored_of_a_rate_is_that_rate(value):
    stored = rate("EUR", "INR", value).stored
    (found,) = exchange_of({"exchange": [stored]})
    assert found.factor("EUR", "INR") == rate("EUR", "INR", value).factor("EUR", "INR")


def _sums(lines: Any) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for each in lines:
        key = each.organization_id, each.currency
        found[key] = found.get(key, 0) + each.amount_minor
    return found


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=4), RATES, st.sampled_from(CURRENCIES))
def test_exchanging_cash_loses_nothing_in_any_currency(allocated, value, home):
    seller = organization(9, "Y", "sub", "P", currency=home)
    given_lines = events.sale(P, seller, allocated)
    found = (
        exchange_cash(
            given_lines, {P.id: P.currency, seller.id: home}, factor_of([rate(P.currency, home, value)])
        )
        if home != P.currency
        else given_lines
    )
    assert not any(_sums(found).values())
    assert {each.currency for each in found if each.account is Account.CASH} <= {home}
    others = [each for each in found if each.account not in (Account.CASH, Account.FX_CLEARING)]
    assert others == [each for each in given_lines if each.account is not Account.CASH]


def test_cash_too_little_for_the_other_currency_is_none():
    lines = exchange_cash(
        [Line(9, Account.CASH, "INR", 1)], {9: "KWD"}, factor_of([rate("KWD", "INR", "90000")])
    )
    assert lines == (Line(9, Account.FX_CLEARING, "INR", 1),)


@given(st.lists(st.tuples(MINOR, RATES), max_size=6), RATES, RATES)
def test_realized_and_unrealized_differences_are_the_whole_one(parts, at_close, at_settlement):
    """Half of what came about is settled; what the run at the close books besides makes up the whole difference."""
    amounts = [(minor, Fraction(then)) for minor, then in parts]
    settled = amounts[: len(amounts) // 2]
    realized = difference(settled, Fraction(at_settlement))
    closed = [(-minor, Fraction(at_settlement)) for minor, _ in settled]
    target = difference([*amounts, *closed], Fraction(at_close))
    step = target - realized
    exact = sum((minor * (Fraction(at_settlement) - then) for minor, then in settled), Fraction(0)) + sum(
        (minor * (Fraction(at_close) - then) for minor, then in amounts[len(settled) :]), Fraction(0)
    )
    assert abs(realized + step - exact) <= Fraction(1, 2)


def test_a_gain_is_booked_in_ones_own_books_alone():
    assert gain_lines(9, "EUR", 4000) == (
        Line(9, Account.FX_CLEARING, "EUR", 4000),
        Line(9, Account.FX_GAIN_LOSS, "EUR", -4000),
    )
    assert gain_lines(9, "EUR", 0) == ()


def test_what_waited_longest_is_taken_first():
    first, second = date(2026, 1, 1), date(2026, 2, 1)
    assert taken_first([(first, 100), (second, 50)], 0, 120) == [(first, 100), (second, 20)]
    assert taken_first([(first, 100), (second, 50)], 90, 30) == [(first, 10), (second, 20)]
    assert taken_first([(first, 100), (second, 50)], 100, 50) == [(second, 50)]


@given(st.lists(st.integers(0, 1000), max_size=5), st.data())
def test_parts_taken_one_after_the_other_are_the_whole(lots, data):
    dated = [(date(2026, 1, 1 + n), minor) for n, minor in enumerate(lots)]
    gone = data.draw(st.integers(0, sum(lots)))
    parts = [*taken_first(dated, 0, gone), *taken_first(dated, gone, sum(lots) - gone)]
    assert sum(minor for _, minor in parts) == sum(lots)
    for on, minor in dated:
        assert sum(part for since, part in parts if since == on) == minor
