"""Dividing an amount exactly: the largest-remainder split."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm


def split(total: int, weights: Mapping[str, Fraction | int]) -> dict[str, int]:
    """Divide `total` minor units among parties by their non-negative exact weights.

    Returns {party code: minor units} in the order of `weights`. The parts sum to the total, each is
    within one minor unit of its exact share, a zero weight gets zero, the order of the parties does not
    matter, and split(-total) = -split(total). The units left over after rounding towards zero go to the
    largest remainders; ties go to the larger weight, then to the smaller party code.

    Raises ValueError on a negative weight, and when all weights are zero but the total is not.
    """
    # Over a common denominator all is whole numbers, which is as exact, and several times as fast.
    common = lcm(*(weight.denominator for weight in weights.values()))
    sizes = {party: weight.numerator * (common // weight.denominator) for party, weight in weights.items()}
    if any(size < 0 for size in sizes.values()):
        raise ValueError("A weight cannot be negative.")
    whole = sum(sizes.values())
    if not whole:
        if total:
            raise ValueError("An amount cannot be split when all weights are zero.")
        return dict.fromkeys(weights, 0)
    shares = {party: divmod(abs(total) * size, whole) for party, size in sizes.items()}
    parts = {party: share for party, (share, _) in shares.items()}
    left = abs(total) - sum(parts.values())
    ranked = sorted(sizes, key=lambda party: (-shares[party][1], -sizes[party], party))
    for party in ranked[:left]:
        parts[party] += 1
    return parts if total >= 0 else {party: -part for party, part in parts.items()}
