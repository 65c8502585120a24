"""Tiers by volume: which slices of a volume an event falls into, and when the volume begins anew."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from ledger.rules.terms import Per, Tier

Slice = tuple[Tier, int]

_MONTHS = {Per.MONTH: 1, Per.QUARTER: 3, Per.YEAR: 12}


def slices(tiers: Sequence[Tier], before: int, size: int) -> tuple[Slice, ...]:
    """Return the tiers that the volume from `before` to `before + size` falls into, each with its part of `size`.

    The parts sum to `size`; an event of no size falls into the tier at which it stands.
    """
    start, left = max(before, 0), size
    found: list[Slice] = []
    for tier in tiers:
        if tier.up_to is not None and tier.up_to <= start:
            continue
        part = left if tier.up_to is None else min(left, tier.up_to - start)
        found.append((tier, part))
        start, left = start + part, left - part
        if not left:
            break
    return tuple(found)


def percent_of(found: Sequence[Slice]) -> Fraction:
    """Return the one exact percentage that slices of percentages come to."""
    size = sum(part for _, part in found)
    if not size:
        return found[0][0].percent or Fraction(0)
    return sum(((tier.percent or Fraction(0)) * part for tier, part in found), Fraction(0)) / size


def fixed_of(found: Sequence[Slice]) -> int:
    """Return what slices of units at fixed amounts come to."""
    return sum(part * (tier.fixed_minor or 0) for tier, part in found)


def percent_at(tiers: Sequence[Tier], volume: int) -> Fraction:
    """Return the percentage of the next unit of volume."""
    return slices(tiers, volume, 1)[0][0].percent or Fraction(0)


def months_of(day: date, per: Per) -> tuple[date, ...]:
    """Return the first days of the months of the calendar month, quarter or year in which a day lies."""
    count = _MONTHS[per]
    first = (day.month - 1) // count * count + 1
    return tuple(date(day.year, month, 1) for month in range(first, first + count))
