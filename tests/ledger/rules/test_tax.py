"""Tax is rounded once for each code, and what was taken is given back to the last minor unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import round_half_away
from ledger.rules import events
from ledger.rules.tax import (
    Method,
    Rate,
    SoldTax,
    Taxed,
    TaxRecord,
    kept,
    net_charged,
    opposite,
    percent_text,
    tax_due,
    tax_inputs,
    tax_records,
    taxed,
    taxed_parts,
)
from tests.ledger.rules.books import P, Q, S, assert_sound, shown

GST = Rate(1, "GST", Method.INCLUDED, Fraction(18))
VAT = Rate(2, "VAT", Method.ADDED, Fraction(5))
NONE = Rate(3, "NONE", Method.EXEMPT, Fraction(0))
percents = st.fractions(0, 100, max_denominator=10_000)
rates = st.one_of(
    st.none(),
    *(
        st.builds(Rate, st.just(number), st.just(method.value), st.just(method), percents)
        for number, method in enumerate((Method.INCLUDED, Method.ADDED), 1)
    ),
    st.just(NONE),
)


@pytest.mark.parametrize(
    ("price", "rate", "base", "tax"),
    [
        (11800, GST, 10000, 1800),
        (10000, GST, 8475, 1525),  # 1525.42
        (20000, VAT, 20000, 1000),
        (18230, VAT, 18230, 912),  # 911.5 away from zero
        (-18230, VAT, -18230, -912),
        (40000, NONE, 40000, 0),
        (40000, None, 40000, 0),
        (0, GST, 0, 0),
    ],
)
def test_a_price_is_base_and_tax(price, rate, base, tax):
    assert taxed(price, rate) == Taxed(base, tax)


def test_the_tax_of_a_code_is_rounded_over_its_lines_and_split():
    """Three lines of 0.33 hold 0.05 each by themselves; together, 0.99 holds 0.1510: 0.15 either way. At 0.35, 1.05
    holds 0.16, where each by itself would hold 0.05."""
    parts = taxed_parts([(35, GST), (35, GST), (35, GST), (100, VAT), (100, None)])
    assert [part.tax_minor for part in parts] == [6, 5, 5, 5, 0]
    assert [part.base_minor for part in parts] == [29, 30, 30, 100, 100]


@given(st.lists(st.tuples(st.integers(0, 10**9), rates), max_size=8))
def test_base_and_tax_make_up_what_is_asked_and_the_tax_is_that_of_the_sum(parts):
    found = taxed_parts(parts)
    for (price, rate), part in zip(parts, found, strict=True):
        added = part.tax_minor if rate and rate.method is Method.ADDED else 0
        assert part.gross_minor == price + added
        assert part.tax_minor >= 0
        if rate:
            off = abs(part.tax_minor * 100 - part.base_minor * rate.percent)
            assert off <= 2 * (100 + rate.percent)  # the bound that the database holds
        else:
            assert not part.tax_minor
    for rate in {rate for _, rate in parts if rate}:
        prices = sum(price for price, one in parts if one == rate)
        taxes = sum(part.tax_minor for (_, one), part in zip(parts, found, strict=True) if one == rate)
        whole = 100 if rate.method is Method.ADDED else 100 + rate.percent
        assert taxes == round_half_away(prices * rate.percent / whole)


@given(st.integers(0, 10**9), st.integers(1, 40), st.data())
def test_all_units_given_back_give_back_all_tax_whatever_was_voided(tax, units, data):
    live: list[tuple[int, int]] = []
    for _ in range(data.draw(st.integers(0, 20))):
        back = sum(quantity for quantity, _ in live)
        if live and data.draw(st.booleans()):
            live.pop(data.draw(st.integers(0, len(live) - 1)))
        elif back < units:
            quantity = data.draw(st.integers(1, units - back))
            sold = SoldTax(GST, units, tax, back, sum(amount for _, amount in live))
            live.append((quantity, sold.back(quantity)))
    back = sum(quantity for quantity, _ in live)
    if back < units:
        sold = SoldTax(GST, units, tax, back, sum(amount for _, amount in live))
        live.append((units - back, sold.back(units - back)))
    assert sum(amount for _, amount in live) == tax


def test_what_is_kept_keeps_its_tax():
    parts = [Taxed(10000, 1800), Taxed(5000, 0)]
    assert kept(parts, 0) == [Taxed(0, 0), Taxed(0, 0)]
    assert kept(parts, 16800) == parts
    # 168.00 holds 18.00, so 16.80 hold 1.80; 11.80 of them are kept of the first
    assert kept(parts, 1680) == [Taxed(1000, 180), Taxed(500, 0)]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=5), st.data())
def test_kept_parts_sum_to_what_is_kept(amounts, data):
    parts = [Taxed(base, tax) for base, tax in amounts]
    whole = sum(part.gross_minor for part in parts)
    rest = data.draw(st.integers(0, whole))
    found = kept(parts, rest)
    assert sum(part.gross_minor for part in found) == rest
    assert 0 <= sum(part.tax_minor for part in found) <= sum(part.tax_minor for part in parts)


def test_what_is_stored_is_read_back_and_taken_back():
    record = TaxRecord(P.id, 7, GST, 3, Taxed(30000, 5400), "INR")
    inputs = tax_inputs([record])
    assert tax_records(inputs) == [record]
    assert tax_due(inputs) == 5400
    (back,) = tax_records(opposite(inputs, 99))
    assert (back.units, back.amount, back.sale_event_id) == (-3, Taxed(-30000, -5400), 99)
    assert opposite({}, 99) == tax_inputs([]) == {}
    assert net_charged({"price_minor": 5}) == 5
    assert net_charged({"price_minor": 5, "net_minor": 4}) == 4


def test_rates_in_words():
    assert percent_text(Fraction(18)) == "18 %"
    assert percent_text(Fraction("12.5")) == "12.5 %"


def test_a_sale_at_a_sub_owes_the_tax_where_the_care_is_owed():
    assert shown(events.sale(P, S, [30000], None, 5400)) == [
        "P contract_liability -300.00",
        "P due_from(S) 354.00",
        "P tax_payable -54.00",
        "S cash 354.00",
        "S due_to(P) -354.00",
    ]


def test_an_upgrade_gives_the_old_tax_back_and_owes_the_new():
    assert shown(events.upgrade(P, P, [10000], [30000], None, 5400, 1800)) == [
        "P cash 236.00",
        "P contract_liability -300.00",
        "P contract_liability 100.00",
        "P tax_payable -54.00",
        "P tax_payable 18.00",
    ]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([P, S, Q]))
def test_every_taxed_posting_balances(base, tax, paid, other):
    for lines in (
        events.sale(P, other, [base], None, tax),
        events.redemption(P, other, base + tax, None, tax),
        events.refund(P, other, [base], paid, tax),
        events.charge(other, base, None, tax),
        events.upgrade(P, other, [base], [base + paid], None, tax, tax // 2),
    ):
        assert_sound(lines)
        assert all(line.organization_id in (P.id, other.id) for line in lines)
