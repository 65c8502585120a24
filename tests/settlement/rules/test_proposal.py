"""What a proposal nets and what it carries forward."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from settlement.rules.proposal import PairOwed, worth_paying

PAIRS = st.dictionaries(
    st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.sampled_from([0, 50, 120])),
    max_size=12,
).map(
    lambda found: [
        PairOwed(first, second, one, other, 1, minimum)
        for (first, second), (one, other, minimum) in sorted(found.items())
    ]
)


def net_positions(pairs: list[PairOwed]) -> dict[int, int]:
    position: dict[int, int] = {}
    for pair in pairs:
        position[pair.first] = position.get(pair.first, 0) - pair.net_minor
        position[pair.second] = position.get(pair.second, 0) + pair.net_minor
    return position


@given(PAIRS)
def test_pair_by_pair_what_waits_is_less_than_its_minimum(pairs):
    kept = worth_paying(pairs, multilateral=False)
    assert all(0 < abs(pair.net_minor) < pair.minimum_minor for pair in pairs if pair not in kept)
    assert all(pair.net_minor == 0 or abs(pair.net_minor) >= pair.minimum_minor for pair in kept)


@given(PAIRS)
def test_of_all_nobody_who_is_netted_is_below_the_minimum(pairs):
    kept = worth_paying(pairs, multilateral=True)
    for one, position in net_positions(kept).items():
        least = max(pair.minimum_minor for pair in kept if one in (pair.first, pair.second))
        assert position == 0 or abs(position) >= least


@given(PAIRS)
def test_what_is_netted_keeps_its_order_and_sums_to_zero(pairs):
    kept = worth_paying(pairs, multilateral=True)
    assert kept == [pair for pair in pairs if pair in kept]
    assert sum(net_positions(kept).values()) == 0


def test_who_is_even_is_netted_whatever_the_minimum():
    even = PairOwed(1, 2, 100, 100, 2, 5000)
    assert worth_paying([even], multilateral=False) == [even]
    assert worth_paying([even], multilateral=True) == [even]


def test_without_the_one_that_waits_the_others_are_computed_anew():
    """2 owes 1 a little, 3 owes 2 much: without 1, whose position is too small, 2 receives all of it."""
    small, large = PairOwed(1, 2, 0, 10, 1, 50), PairOwed(2, 3, 0, 500, 1, 50)
    assert worth_paying([small, large], multilateral=True) == [large]
