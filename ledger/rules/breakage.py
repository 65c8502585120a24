"""Breakage: how much of what was sold may be taken as revenue though nobody will use it (IFRS 15.B44-B47)."""

from fractions import Fraction

from core.money import round_half_away


def breakage_target(sold_minor: int, recognized_minor: int, expected_percent: Fraction) -> int:
    """Return the breakage that should be booked of one holder's sales of one package, in minor units.

    `sold_minor` is the price of the sales less what was refunded, expired or given for an upgrade, `recognized_minor`
    what redemption recognized of it, voids undone, and `expected_percent` (0 to 100, without 100) what is expected never
    to be used. Breakage follows the pattern of redemption, never exceeds what is expected in all, and never what is open.
    Raises ValueError for another percentage.
    """
    if not 0 <= expected_percent < 100:
        raise ValueError("The expected breakage is 0 % or more, and less than 100 %.")
    expected = expected_percent / 100
    target = min(
        sold_minor * expected,
        recognized_minor * expected / (1 - expected),
        Fraction(sold_minor - recognized_minor),
    )
    return max(0, round_half_away(target))


def excess(booked_minor: int, open_minor: int, taken_minor: int) -> int:
    """Return how much booked breakage is too much once `taken_minor` of what is open has been taken; 0 when none is."""
    return max(0, booked_minor - (open_minor - taken_minor))
