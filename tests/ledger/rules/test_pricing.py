"""What a price becomes: by percent or amount, rounded half away from zero, never below zero."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.pricing import PriceStep, Rounding

PRICES = st.integers(0, 10**12)
PERCENTS = st.fractions(-100, 900, max_denominator=10_000)


def by(
    percent: str | None = None, amount: int | None = None, rounding: Rounding = Rounding.MINOR
) -> PriceStep:
    return PriceStep(Fraction(percent) if percent else None, amount, rounding)


@pytest.mark.parametrize(
    ("step", "price", "currency", "becomes"),
    [
        (by("5"), 110_00, "USD", 115_50),
        (by("-5"), 110_00, "USD", 104_50),
        (by("2.5"), 1_01, "USD", 1_04),  # 1.03525
        (by("50"), 1, "USD", 2),  # 1.5, half away from zero
        (by(amount=-10), 10, "USD", 0),
        (by(amount=-11), 10, "USD", None),
        (by("-100"), 110_00, "USD", 0),
        (by("5", rounding=Rounding.ONE), 110_00, "USD", 116_00),  # 115.50
        (by("5", rounding=Rounding.FIVE), 110_00, "USD", 115_00),
        (by("5", rounding=Rounding.TEN), 110_00, "USD", 120_00),
        (
            by("5", rounding=Rounding.NINETY_NINE),
            110_00,
            "USD",
            115_99,
        ),  # 115.50 lies nearer to 115.99 than to 114.99
        (by("4", rounding=Rounding.NINETY_NINE), 110_00, "USD", 113_99),  # 114.40: 113.99 is nearer
        (by("5", rounding=Rounding.FIFTY), 1100, "JPY", 1150),
        (by("5", rounding=Rounding.ONE), 1_100, "KWD", 1_000),  # 1.155
        (by("5", rounding=Rounding.NINETY_NINE), 1_100, "KWD", 990),
        (by("5", rounding=Rounding.NINETY_NINE), 110, "JPY", 116),  # no hundredths: to 1
        (by("5", rounding=Rounding.NINETY_NINE), 0, "USD", 0),
        (by("-60", rounding=Rounding.NINETY_NINE), 1_00, "USD", 0),  # nearer to -0.01 than to 0.99
    ],
)
def test_what_a_price_becomes(step, price, currency, becomes):
    assert step.of(price, currency) == becomes


@pytest.mark.parametrize(("percent", "amount"), [(None, None), (Fraction(1), 1)])
def test_by_a_percentage_or_an_amount(percent, amount):
    with pytest.raises(ValueError, match="percentage or by an amount"):
        PriceStep(percent, amount, Rounding.MINOR)


@given(PRICES, PERCENTS, st.sampled_from([Rounding.ONE, Rounding.FIVE, Rounding.TEN, Rounding.HUNDRED]))
def test_rounded_to_a_multiple_and_never_further_than_half_of_it(price, percent, rounding):
    step = int(rounding) * 100
    becomes = PriceStep(percent, None, rounding).of(price, "USD")
    assert becomes is not None
    assert becomes % step == 0
    assert abs(becomes - price * (1 + percent / 100)) <= Fraction(step, 2)


@given(PRICES, PRICES, PERCENTS, st.sampled_from(list(Rounding)))
def test_what_was_dearer_never_becomes_cheaper(one, other, percent, rounding):
    step = PriceStep(percent, None, rounding)
    low, high = sorted((one, other))
    if low:
        assert step.of(low, "USD") <= step.of(high, "USD")
