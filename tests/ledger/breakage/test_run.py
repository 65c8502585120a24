"""Breakage in proportion to redemption, against the figures of LEDGER section 3."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from ledger.actions.breakage import run_breakage
from ledger.actions.refund import refund
from ledger.actions.void import void
from ledger.models import BreakagePool
from ledger.queries.report_prepaid import roll_forward
from ledger.queries.verify import verify_ledger
from ledger.rules.breakage import breakage_target, excess
from ledger.rules.report import Period
from tests.ledger.market import DAY, SYSTEM, new_key

SOLD = st.integers(0, 10**12)
PERCENT = st.fractions(0, 99, max_denominator=10_000)


class TestTarget:
    def test_the_reference(self):
        assert breakage_target(2000_00, 760_00, Fraction(5)) == 40_00

    @given(SOLD, st.fractions(0, 1), PERCENT)
    def test_never_more_than_expected_nor_than_open(self, sold, part, percent):
        recognized = int(sold * part)
        target = breakage_target(sold, recognized, percent)
        assert 0 <= target <= sold - recognized
        assert target <= sold * percent / 100 + 1

    @given(SOLD, st.fractions(0, 1), st.fractions(0, 1), PERCENT)
    def test_it_grows_with_what_is_used_while_so_much_is_open(self, sold, one, other, percent):
        low, high = sorted((int(sold * one), int(sold * other)))
        targets = [breakage_target(sold, used, percent) for used in (low, high)]
        assert targets[0] <= targets[1] or targets[1] == sold - high

    @pytest.mark.parametrize("percent", [Fraction(-1), Fraction(100)])
    def test_other_percentages_are_none(self, percent):
        with pytest.raises(ValueError, match="less than 100"):
            breakage_target(1, 1, percent)

    @given(SOLD, SOLD, SOLD)
    def test_what_is_left_booked_is_open(self, booked, open_minor, taken):
        left = booked - excess(booked, open_minor, taken)
        assert left <= max(open_minor - taken, 0) or left <= booked <= open_minor - taken


@pytest.fixture
def sale(market):
    return market.sell()


def run(market, percent="20", **more):
    return run_breakage(
        SYSTEM,
        market.world["P"],
        package=market.packages["CHECKUP"],
        expected_percent=Fraction(percent),
        on=DAY,
        key=more.pop("key", "") or new_key(),
    )


def booked() -> int:
    return BreakagePool.objects.get().booked_minor


class TestRun:
    def test_in_proportion_and_again_nothing(self, market, sale):
        market.redeem(sale, "CONSULT")
        event = run(market, key="k")
        assert booked() == 75_00  # 300.00 x 20 / 80
        assert market.balance("P", "breakage_revenue") == "-75.00"
        assert event.inputs["target_minor"] == 75_00
        assert run(market, key="k").pk == event.pk
        assert run(market).line_count == 0
        assert list(verify_ledger()) == []

    def test_less_expected_gives_it_back(self, market, sale):
        market.redeem(sale, "CONSULT")
        run(market)
        run(market, "0")
        assert booked() == 0
        assert market.balance("P", "breakage_revenue") == "0.00"

    def test_a_redemption_reverses_what_is_too_much(self, market, sale):
        market.redeem(sale, "CONSULT")
        market.redeem(sale, "LAB")
        run(market, "50")
        assert booked() == 412_50  # all that is open
        event = market.redeem(sale, "PHYSIO", 2)
        assert booked() == 247_50
        assert list(
            event.lines.filter(account__code="breakage_revenue").values_list("amount_minor", flat=True)
        ) == [165_00]
        void(SYSTEM, event, reason="mistake", on=DAY, key=new_key())
        assert booked() == 412_50
        assert list(verify_ledger()) == []

    def test_a_refund_reverses_what_is_too_much(self, market, sale):
        market.redeem(sale, "CONSULT")
        run(market, "90")
        refund(SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="moved", on=DAY, key=new_key())
        assert booked() == 0
        assert market.balance("P", "contract_liability") == "0.00"
        assert list(verify_ledger()) == []

    def test_voiding_a_sale_gives_back_what_would_be_too_much(self, market, sale):
        other = market.sell()
        for service, units in (("CONSULT", 1), ("LAB", 1), ("PHYSIO", 5)):
            market.redeem(sale, service, units)
        run(market, "50")
        assert booked() == 900_00
        void(SYSTEM, other.event, reason="mistake", on=DAY, key=new_key())
        assert booked() == 0
        assert market.balance("P", "breakage_revenue") == "0.00"
        assert list(verify_ledger()) == []

    @pytest.mark.parametrize("percent", ["-1", "100"])
    def test_a_percentage_that_none_can_be(self, market, sale, percent):
        with pytest.raises(Refused) as refused:
            run(market, percent)
        assert refused.value.field == "expected_percent"

    def test_what_was_never_sold(self, market):
        with pytest.raises(Refused, match="never sold"):
            run(market)

    def test_the_prepaid_proof_holds_with_it(self, market, sale):
        market.redeem(sale, "CONSULT")
        run(market)
        period = Period(DAY.replace(day=1), DAY)
        (found,) = roll_forward([market.world["P"].pk], period).values()
        assert found.holds
        assert (found.open_entitlements, found.booked_breakage, found.closing) == (600_00, 75_00, 525_00)
        assert found.steps["breakage"] == -75_00
