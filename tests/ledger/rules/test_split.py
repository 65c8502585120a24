"""The split: exact sum, fair to a minor unit, the same in any order, and the figures of the handbook."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.split import split

weights = st.dictionaries(
    st.text(min_size=1, max_size=3),
    st.one_of(st.integers(0, 10**6), st.fractions(0, 1000, max_denominator=10**6)),
    min_size=1,
    max_size=12,
).filter(lambda each: any(each.values()))
totals = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("total", "of", "parts"),
    [
        (102759, {"a": 20, "b": 70, "c": 5, "d": 5}, {"a": 20552, "b": 71931, "c": 5138, "d": 5138}),
        (5, {"a": 30, "b": 70}, {"a": 1, "b": 4}),
        (5, {"b": 30, "a": 70}, {"b": 1, "a": 4}),
        (3333, {"S": 50, "P": 50}, {"S": 1666, "P": 1667}),
        (100000, {"a": 75000, "b": 14000, "c": 20000}, {"a": 68807, "b": 12844, "c": 18349}),
        (80, {"a": 20, "b": 30, "c": 40}, {"a": 18, "b": 27, "c": 35}),
        (100, {"c": 1, "b": 1, "a": 1}, {"a": 34, "b": 33, "c": 33}),
        (-100, {"a": 1, "b": 1, "c": 1}, {"a": -34, "b": -33, "c": -33}),
        (7, {"a": 0, "b": 1}, {"a": 0, "b": 7}),
        (0, {"a": 1, "b": 2}, {"a": 0, "b": 0}),
        (0, {"a": 0}, {"a": 0}),
        (0, {}, {}),
        (1, {"a": Fraction(1, 3), "b": Fraction(2, 3)}, {"a": 0, "b": 1}),
    ],
)
def test_worked_figures(total: int, of: dict[str, int | Fraction], parts: dict[str, int]) -> None:
    assert split(total, of) == parts


@given(totals, weights)
def test_parts_sum_to_the_total_within_one_unit_of_exact(total: int, of: dict[str, Fraction]) -> None:
    parts = split(total, of)
    whole = sum(map(Fraction, of.values()))
    assert sum(parts.values()) == total
    assert parts.keys() == of.keys()
    for party, part in parts.items():
        assert abs(part - total * Fraction(of[party]) / whole) < 1
        assert of[party] or not part


@given(totals, weights, st.randoms(use_true_random=False))
def test_the_order_of_the_parties_does_not_matter(total: int, of: dict[str, Fraction], random) -> None:
    parties = list(of)
    random.shuffle(parties)
    assert split(total, {party: of[party] for party in parties}) == split(total, of)


@given(totals, weights)
def test_the_split_is_sign_symmetric(total: int, of: dict[str, Fraction]) -> None:
    assert split(-total, of) == {party: -part for party, part in split(total, of).items()}


@given(totals, weights, st.integers(1, 10**6))
def test_only_the_proportions_matter(total: int, of: dict[str, Fraction], factor: int) -> None:
    assert split(total, {party: weight * factor for party, weight in of.items()}) == split(total, of)


@pytest.mark.parametrize("of", [{"a": 0, "b": 0}, {"a": -1, "b": 2}, {}])
def test_what_cannot_be_split_is_refused(of: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        split(1, of)
