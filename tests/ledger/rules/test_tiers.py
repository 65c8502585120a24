"""Tiers by volume, and what a share is at least and at most: each slice at its own rate, and nothing lost."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.distribution import Amounts, volume_of
from ledger.rules.outcome import check_outcome, read_outcome, write_outcome
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.sentence import rule_sentence
from ledger.rules.terms import Basis, Conditions, Event, Per, Rule, Share, Tier
from ledger.rules.tiers import fixed_of, months_of, percent_of, slices
from tests.ledger.rules.books import CAST, P, Q, distributed, percent, remainder, rule

UNITS = {"of": "units", "per": "month"}
AMOUNT = {"of": "amount", "per": "quarter"}
LEGAL = {"legal_basis": "services performed"}


def tiered(
    *tiers: dict[str, object], volume: dict[str, str] = UNITS, event: str = "redemption", **share
) -> Rule:
    said = {"party": "servicing", "basis": "allocated_price", "tiers": list(tiers)} | share
    if said["basis"] is None:
        del said["basis"]
    outcome = read_outcome({"shares": [said], "volume": volume} | LEGAL, "INR")
    return Rule("tiered", Event(event), Conditions(servicing="Q"), outcome)


SEVENTY_EIGHTY = tiered({"percent": "70", "up_to": 100}, {"percent": "80"})


def paid(of: Rule, amounts: Amounts) -> int:
    return sum(each.amount_minor for each in distributed(of, Q, amounts, P).payments)


def at(before: int, quantity: int, allocated: int) -> Amounts:
    return Amounts("INR", quantity, allocated_minor=allocated, volume_before=before)


class TestSlices:
    def test_each_slice_at_its_own_percent(self):
        assert paid(SEVENTY_EIGHTY, at(0, 2, 20000)) == 14000
        assert paid(SEVENTY_EIGHTY, at(99, 2, 20000)) == 15000
        assert paid(SEVENTY_EIGHTY, at(100, 2, 20000)) == 16000

    def test_amounts_are_sliced_on_the_basis(self):
        of = tiered({"percent": "50", "up_to": "1000.00"}, {"percent": "60"}, volume=AMOUNT)
        assert paid(of, at(90000, 1, 30000)) == 5000 + 12000
        assert volume_of(of.outcome, at(0, 3, 30000)) == 30000
        assert volume_of(SEVENTY_EIGHTY.outcome, at(0, 3, 30000)) == 3

    def test_fixed_amounts_a_unit(self):
        of = tiered({"fixed": "10.00", "up_to": 5}, {"fixed": "12.50"}, basis=None)
        assert paid(of, at(3, 4, 99999)) == 2 * 1000 + 2 * 1250

    def test_an_event_of_nothing_falls_into_the_tier_where_it_stands(self):
        assert percent_of(slices(SEVENTY_EIGHTY.outcome.shares[0].tiers, 100, 0)) == 80

    def test_the_arithmetic_names_the_volume_and_the_slices(self):
        said = distributed(SEVENTY_EIGHTY, Q, at(99, 3, 30000), P).explanation
        assert said.arithmetic == (
            "after 99 units in the month before: 1 unit at 70 % and 2 units at 80 % for Q",
            "about 76.6667 % of the allocated price 300.00 = 230.00 to Q",
            "about 23.3333 % of the allocated price 300.00 = 70.00 kept by P",
        )
        assert said.inputs["volume_before"] == 99

    tiers = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 100)), min_size=1, max_size=4).map(
        lambda steps: tuple(
            Tier(
                percent=Fraction(rate),
                up_to=sum(size for size, _ in steps[: n + 1]) if n + 1 < len(steps) else None,
            )
            for n, (_, rate) in enumerate(steps)
        )
    )

    @given(tiers, st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
    def test_slices_sum_and_two_events_come_to_what_one_does(self, tiers, before, one, two):
        both = slices(tiers, before, one + two)
        assert sum(size for _, size in both) == one + two
        apart = [*slices(tiers, before, one), *slices(tiers, before + one, two)]
        worth = [sum(size * tier.percent for tier, size in found) for found in (both, apart)]
        assert worth[0] == worth[1]

    @given(tiers, st.integers(0, 200), st.integers(1, 200))
    def test_rising_rates_never_pay_less_for_more_volume(self, tiers, before, size):
        rising = tuple(
            replace(tier, percent=rate)
            for tier, rate in zip(tiers, sorted(each.percent for each in tiers), strict=True)
        )
        rates = [percent_of(slices(rising, start, size)) for start in (before, before + 1)]
        assert rates[0] <= rates[1]
        assert rising[0].percent <= rates[0] <= rising[-1].percent

    @given(st.integers(0, 150), st.integers(1, 60), st.integers(0, 10**9))
    def test_parts_sum_to_the_price_and_the_sign_is_mirrored(self, before, quantity, allocated):
        of = tiered({"percent": "33.3333", "up_to": 40}, {"percent": "41", "up_to": 60}, {"percent": "1"})
        got = paid(of, at(before, quantity, allocated))
        assert paid(of, at(before, quantity, -allocated)) == -got
        exact = allocated * percent_of(slices(of.outcome.shares[0].tiers, before, quantity)) / 100
        assert abs(got - exact) < 1

    @given(st.integers(0, 20), st.integers(1, 20))
    def test_fixed_slices_are_whole_units(self, before, quantity):
        tiers = (Tier(fixed_minor=7, up_to=10), Tier(fixed_minor=11))
        each = [7 if unit < 10 else 11 for unit in range(before, before + quantity)]
        assert fixed_of(slices(tiers, before, quantity)) == sum(each)


class TestLimits:
    def limits(self, of: str = "10", **limits: str) -> Rule:
        share = {"party": "servicing", "percent": of, "basis": "allocated_price"} | limits
        return Rule("limited", Event.REDEMPTION, outcome=read_outcome({"shares": [share]} | LEGAL, "INR"))

    def test_raised_and_lowered(self):
        of = self.limits(at_least="5.00", at_most="20.00")
        assert [paid(of, at(0, 1, price)) for price in (1000, 10000, 90000)] == [500, 1000, 2000]
        assert paid(of, at(0, 1, -1000)) == -500

    def test_the_remainder_gives_and_takes_what_a_limit_cuts(self):
        capped = replace(percent("servicing", 50), at_most_minor=1000)
        of = rule(Event.REDEMPTION, capped, remainder("S"))
        parts = {
            each.receiver.code: each.amount_minor for each in distributed(of, Q, at(0, 1, 9000), P).payments
        }
        assert parts == {"Q": 1000, "S": 8000}

    def test_a_floor_never_eats_more_than_the_remainder_has(self):
        of = rule(Event.REDEMPTION, replace(percent("servicing", 50), at_least_minor=9001), remainder("S"))
        with pytest.raises(Refusal) as refused:
            distributed(of, Q, at(0, 1, 9000), P)
        assert refused.value.code is RefusalCode.NOT_PERMITTED

    def test_a_limit_is_of_its_own_share_where_two_parties_are_one(self):
        capped = replace(percent("servicing", 50), at_most_minor=100)
        of = rule(Event.REDEMPTION, capped, percent("Q", 10))
        assert paid(of, at(0, 1, 10000)) == 100 + 1000

    @given(st.integers(0, 10**8), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_within_the_limits_and_the_whole_is_never_changed(self, price, one, two):
        low, high = sorted((one, two))
        share = replace(percent("servicing", "33.3333"), at_least_minor=low, at_most_minor=high)
        of = rule(Event.REDEMPTION, share, percent("S", 20))
        parts = {
            each.receiver.code: each.amount_minor for each in distributed(of, Q, at(0, 1, price), P).payments
        }
        assert low <= parts.get("Q", 0) <= high
        unlimited = rule(Event.REDEMPTION, percent("servicing", "33.3333"), percent("S", 20))
        other = {
            each.receiver.code: each.amount_minor
            for each in distributed(unlimited, Q, at(0, 1, price), P).payments
        }
        assert parts.get("S", 0) == other.get("S", 0)

    def test_the_arithmetic_says_so(self):
        said = distributed(self.limits(at_most="20.00"), Q, at(0, 1, 90000), P).explanation.arithmetic
        assert "lowered to at most 20.00 = 20.00 to Q" in said

    def test_nobody_limits_what_one_keeps_oneself(self):
        of = self.limits(at_least="5.00")
        assert distributed(of, P, at(0, 1, 1000), P).payments == ()


@pytest.mark.parametrize(
    "of",
    [
        SEVENTY_EIGHTY,
        tiered({"percent": "50", "up_to": "1000.00"}, {"percent": "60"}, volume=AMOUNT, at_least="1.00"),
        tiered({"fixed": "10.00", "up_to": 5}, {"fixed": "12.50", "up_to": 9}, {"fixed": "1.00"}, basis=None),
    ],
)
def test_what_is_written_reads_back(of: Rule) -> None:
    check_outcome(of.event, of.outcome, CAST)
    assert read_outcome(write_outcome(of.outcome), "USD") == of.outcome


def test_sentences() -> None:
    assert rule_sentence(SEVENTY_EIGHTY) == (
        "When Q redeems any service, the holder pays Q 70 % up to 100 units a month, 80 % above, of the allocated "
        "price, as principal, for services performed."
    )
    fixed = tiered({"fixed": "10.00", "up_to": 5}, {"fixed": "12.50"}, basis=None, at_most="200.00")
    assert (
        "Q INR 10.00 a unit up to 5 units a month, INR 12.50 a unit above (at most INR 200.00)"
        in rule_sentence(fixed)
    )


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (tiered({"percent": "70"}), "at least two tiers"),
        (tiered({"percent": "70", "up_to": 5}, {"percent": "80", "up_to": 9}), "the last one has no end"),
        (
            tiered({"percent": "70", "up_to": 9}, {"percent": "80", "up_to": 9}, {"percent": "1"}),
            "each later",
        ),
        (tiered({"percent": "70", "up_to": 9}, {"fixed": "1.00"}), "all percentages, or all fixed"),
        (
            tiered({"fixed": "1.00", "up_to": "9.00"}, {"fixed": "2.00"}, volume=AMOUNT, basis=None),
            "count units",
        ),
        (tiered({"percent": "70", "up_to": 9}, {"percent": "101"}), "exceed 100 %"),
        (tiered({"percent": "70", "up_to": 9}, {"percent": "80"}, basis=None), "need a basis"),
        (
            tiered({"percent": "70", "up_to": 9}, {"percent": "80"}, at_least="2.00", at_most="1.00"),
            "at least more",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(of: Rule, says: str) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        check_outcome(of.event, of.outcome, CAST)
    assert refused.value.code is RefusalCode.NOT_PERMITTED


def test_tiers_and_volume_need_one_another() -> None:
    share = SEVENTY_EIGHTY.outcome.shares[0]
    for outcome in (
        replace(SEVENTY_EIGHTY.outcome, volume=None),
        replace(SEVENTY_EIGHTY.outcome, shares=(replace(share, tiers=(), percent=Fraction(1)),)),
    ):
        with pytest.raises(Refusal, match="volume"):
            check_outcome(Event.REDEMPTION, outcome, CAST)


def test_a_share_with_a_limit_is_the_only_one_of_its_party() -> None:
    capped = replace(percent("S", 5), at_most_minor=1)
    for shares in ((capped, percent("S", 6)), (replace(remainder("S"), at_most_minor=1),)):
        with pytest.raises(Refusal, match="limit"):
            check_outcome(Event.REDEMPTION, rule(Event.REDEMPTION, *shares).outcome, CAST)


def test_only_who_performs_is_paid_by_volume() -> None:
    tiers = SEVENTY_EIGHTY.outcome.shares[0].tiers
    elsewhere = Share("S", tiers=tiers, basis=Basis.ALLOCATED_PRICE, legal_basis="services performed")
    with pytest.raises(Refusal, match="for sending patients") as refused:
        check_outcome(Event.REDEMPTION, replace(SEVENTY_EIGHTY.outcome, shares=(elsewhere,)), CAST)
    assert refused.value.code is RefusalCode.REFERRAL_SHARE


@pytest.mark.parametrize(
    ("day", "per", "first", "count"),
    [
        (date(2026, 5, 31), Per.MONTH, date(2026, 5, 1), 1),
        (date(2026, 5, 31), Per.QUARTER, date(2026, 4, 1), 3),
        (date(2026, 12, 31), Per.QUARTER, date(2026, 10, 1), 3),
        (date(2026, 12, 31), Per.YEAR, date(2026, 1, 1), 12),
    ],
)
def test_calendar_periods(day: date, per: Per, first: date, count: int) -> None:
    months = months_of(day, per)
    assert (months[0], len(months)) == (first, count)
    assert all(one < two for one, two in pairwise(months))
    assert day.replace(day=1) in months
