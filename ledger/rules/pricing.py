"""What a price becomes when many prices change at once: by a percentage or an amount, then rounded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.money import decimals_of, round_half_away


class Rounding(StrEnum):
    """To what a changed price is rounded, half away from zero."""

    MINOR = "minor"
    ONE = "1"
    FIVE = "5"
    TEN = "10"
    FIFTY = "50"
    HUNDRED = "100"
    NINETY_NINE = "99"


ROUNDINGS = {
    Rounding.MINOR: "to the smallest unit of the currency",
    Rounding.ONE: "to 1",
    Rounding.FIVE: "to 5",
    Rounding.TEN: "to 10",
    Rounding.FIFTY: "to 50",
    Rounding.HUNDRED: "to 100",
    Rounding.NINETY_NINE: "to .99",
}


@dataclass(frozen=True)
class PriceStep:
    """By how much prices change: by `percent`, or by `amount_minor` in minor units; either sign."""

    percent: Fraction | None
    amount_minor: int | None
    rounding: Rounding

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("A price changes by a percentage or by an amount.")

    def of(self, price_minor: int, currency: str) -> int | None:
        """What a price becomes; None where it would fall below zero. What is free stays free by a percentage."""
        if self.percent is not None:
            exact = price_minor * (1 + self.percent / 100)
            if not price_minor:
                return 0
        else:
            assert self.amount_minor is not None
            exact = Fraction(price_minor + self.amount_minor)
        return None if exact < 0 else max(0, _rounded(exact, self.rounding, 10 ** decimals_of(currency)))


def _rounded(exact: Fraction, rounding: Rounding, one: int) -> int:
    """The nearest amount of the kind; `one` is how many minor units make one unit of the currency."""
    if rounding is Rounding.MINOR:
        return round_half_away(exact)
    if rounding is Rounding.NINETY_NINE:
        below = one // 100  # nothing where the currency has no hundredths: there .99 is to 1
        return round_half_away((exact + below) / one) * one - below
    step = int(rounding) * one
    return round_half_away(exact / step) * step
