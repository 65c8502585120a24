"""Allocation by stand-alone selling price, over everything sold at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.allocation import Discount, allocate, standalone_weights

CHECK_UP = {"CONSULT": (1, 40000), "LAB": (1, 25000), "PHYSIO": (5, 11000)}


def test_the_package_of_the_reference_postings() -> None:
    assert allocate(90000, standalone_weights(CHECK_UP)) == {"CONSULT": 30000, "LAB": 18750, "PHYSIO": 41250}


def test_three_packages_are_allocated_once() -> None:
    weights = standalone_weights({"a": (1, 1), "b": (1, 1), "c": (1, 1)}, packages=3)
    assert allocate(30000, weights) == {"a": 10000, "b": 10000, "c": 10000}


def test_a_general_discount_is_spread_over_all() -> None:
    assert allocate(90000 - 1200, standalone_weights(CHECK_UP)) == {
        "CONSULT": 29600,
        "LAB": 18500,
        "PHYSIO": 40700,
    }


def test_a_discount_of_some_services_lowers_those_only() -> None:
    lowered = Discount(1200, ("LAB", "PHYSIO"))  # 250 : 550
    assert allocate(90000 - 1200, standalone_weights(CHECK_UP), [lowered]) == {
        "CONSULT": 30000,
        "LAB": 18750 - 375,
        "PHYSIO": 41250 - 825,
    }


@pytest.mark.parametrize("wrong", [Discount(1, ("XRAY",)), Discount(1, ()), Discount(30001, ("CONSULT",))])
def test_a_discount_that_cannot_be_given_is_refused(wrong: Discount) -> None:
    with pytest.raises(ValueError):
        allocate(90000 - wrong.amount_minor, standalone_weights(CHECK_UP), [wrong])


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.text(min_size=1), st.tuples(st.integers(1, 99), st.integers(1, 10**6)), min_size=1),
    st.integers(1, 50),
)
def test_nothing_of_the_price_is_lost(price: int, lines: dict[str, tuple[int, int]], packages: int) -> None:
    parts = allocate(price, standalone_weights(lines, packages))
    assert sum(parts.values()) == price
    assert min(parts.values()) >= 0
