"""What more units of a package cost: its price, by the part of its stand-alone prices that they are."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from core.money import round_half_away


def top_up_price(price_minor: int, package: Mapping[str, tuple[int, int]], units: Mapping[str, int]) -> int:
    """The price of `units` by code, pro rata of a package's `{code: (quantity, unit stand-alone price)}`.

    As many units as the package has cost what the package costs. Raises ValueError for units of what it hasn't.
    """
    unknown = set(units) - set(package)
    if unknown:
        raise ValueError(f"The package has no {', '.join(sorted(unknown))}.")
    whole = sum(quantity * unit for quantity, unit in package.values())
    part = sum(units[code] * package[code][1] for code in units)
    return round_half_away(Fraction(price_minor * part, whole)) if whole else 0
