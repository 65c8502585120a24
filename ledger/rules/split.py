"""Dividing an amount exactly: the largest-remainder split."""

from collections.abc import Mapping
from fractions import Fraction


def split(total: int, weights: Mapping[str, Fraction | int]) -> dict[str, int]:
    """Divide `total` minor units among parties by their non-negative exact weights.

    Returns {party code: minor units} in the order of `weights`. The parts sum to the total, each is
    within one minor unit of its exact share, a zero weight gets zero, the order of the parties does not
    matter, and split(-total) = -split(total). The units left over after rounding towards zero go to the
    largest remainders; ties go to the larger weight, then to the smaller party code.

    Raises ValueError on a negative weight, and when all weights are zero but the total is not.
    """
    exact = {party: Fraction(weight) for party, weight in weights.items()}
    if any(weight < 0 for weight in exact.values()):
        raise ValueError("A weight cannot be negative.")
    whole = sum(exact.values(), Fraction(0))
    if not whole:
        if total:
            raise ValueError("An amount cannot be split when all weights are zero.")
        return dict.fromkeys(weights, 0)
    size = abs(total)
    shares = {party: size * weight / whole for party, weight in exact.items()}
    parts = {party: int(share) for party, share in shares.items()}
    left = size - sum(parts.values())
    ranked = sorted(exact, key=lambda party: (parts[party] - shares[party], -exact[party], party))
    for party in ranked[:left]:
        parts[party] += 1
    return parts if total >= 0 else {party: -part for party, part in parts.items()}
