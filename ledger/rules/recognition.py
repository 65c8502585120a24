"""Recognizing an allocated price over the units of an entitlement line."""

from collections.abc import Iterable
from fractions import Fraction

from core.money import round_half_away


def recognition_step(total_minor: int, units: int, used: int, booked_minor: int, quantity: int) -> int:
    """Return the minor units that using `quantity` more units of a line takes out of contract liability.

    `total_minor` is the line's allocated price and `units` what was sold; `used` counts the units
    redeemed and refunded so far and `booked_minor` is their net amount, voids undone. The step is
    cumulative: round(total x used / units) - booked, so that the last unit takes exactly what is left.
    After voids it can be zero or, rarely, of the opposite sign.

    Raises ValueError when `quantity` is not positive or exceeds what is left.
    """
    if quantity <= 0:
        raise ValueError("A step takes at least one unit.")
    if not 0 <= used <= units - quantity:
        raise ValueError("A step cannot use more units than are left.")
    return _cumulative(total_minor, used + quantity, units) - booked_minor


def recognize(total_minor: int, estimates: Iterable[tuple[int, int]]) -> list[int]:
    """Return the steps of a total whose estimate of units changes, by cumulative catch-up.

    Each estimate is (units used so far, units expected in all): 9,000 over (4,500, 9,700) and
    (8,500, 9,900) gives 4,175 and 3,552 (IFRS 15.B45-B46, ASC 606-10-55-48).
    Raises ValueError unless 0 <= used <= expected and 0 < expected.
    """
    steps: list[int] = []
    booked = 0
    for used, expected in estimates:
        if not 0 <= used <= expected or not expected:
            raise ValueError("The units used must lie between zero and the units expected.")
        step = _cumulative(total_minor, used, expected) - booked
        booked += step
        steps.append(step)
    return steps


def _cumulative(total_minor: int, used: int, units: int) -> int:
    return round_half_away(Fraction(total_minor * used, units))
