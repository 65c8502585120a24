"""What a proposal nets and what it carries forward, as arithmetic over pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PairOwed:
    """What two organizations owe one another, gross either way, and the smallest net amount worth a payment."""

    first: int
    second: int
    first_owes_minor: int
    second_owes_minor: int
    item_count: int
    minimum_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What the second receives from the first; negative: the other way round."""
        return self.first_owes_minor - self.second_owes_minor


def worth_paying(pairs: Sequence[PairOwed], *, multilateral: bool) -> list[PairOwed]:
    """The pairs that are netted now; the others are carried forward with all their lines.

    Pair by pair, a net amount below the minimum waits. All with all, organizations whose positions are below the
    largest minimum of their pairs wait, and the positions of the others are computed anew without them. Who is even
    is netted: no payment is needed.
    """
    if not multilateral:
        return [pair for pair in pairs if _is_worth(pair.net_minor, pair.minimum_minor)]
    kept = list(pairs)
    while waiting := _below_minimum(kept):
        kept = [pair for pair in kept if pair.first not in waiting and pair.second not in waiting]
    return kept


def _below_minimum(pairs: Iterable[PairOwed]) -> set[int]:
    """The organizations whose positions are too small to be paid."""
    position: defaultdict[int, int] = defaultdict(int)
    minimum: defaultdict[int, int] = defaultdict(int)
    for pair in pairs:
        position[pair.first] -= pair.net_minor
        position[pair.second] += pair.net_minor
        for one in (pair.first, pair.second):
            minimum[one] = max(minimum[one], pair.minimum_minor)
    return {one for one, net in position.items() if not _is_worth(net, minimum[one])}


def _is_worth(net_minor: int, minimum_minor: int) -> bool:
    return net_minor == 0 or abs(net_minor) >= minimum_minor
