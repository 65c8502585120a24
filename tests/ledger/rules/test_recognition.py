"""Recognition is cumulative: whatever the order of uses and voids, the whole price comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.recognition import recognition_step, recognize


def test_a_changed_estimate_is_caught_up() -> None:
    assert recognize(9000, [(4500, 9700), (8500, 9900)]) == [4175, 3552]
    assert recognize(900000, [(4500, 9700), (8500, 9900)]) == [417526, 355201]


def test_the_sessions_of_the_reference_package() -> None:
    assert recognition_step(41250, 5, 0, 0, 2) == 16500
    assert recognition_step(41250, 5, 2, 16500, 3) == 24750


def test_odd_units_round_half_away_and_the_last_takes_the_rest() -> None:
    steps, booked = [], 0
    for used in range(3):
        steps.append(recognition_step(100, 3, used, booked, 1))
        booked += steps[-1]
    assert steps == [33, 34, 33]


@pytest.mark.parametrize(("used", "quantity"), [(0, 0), (0, -1), (0, 4), (3, 1), (-1, 1)])
def test_more_than_is_left_is_refused(used: int, quantity: int) -> None:
    with pytest.raises(ValueError):
        recognition_step(100, 3, used, 0, quantity)


@pytest.mark.parametrize("estimate", [(2, 1), (-1, 5), (0, 0), (1, -1)])
def test_an_estimate_out_of_bounds_is_refused(estimate: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        recognize(100, [estimate])


@given(st.integers(0, 10**12), st.integers(1, 60), st.data())
def test_uses_and_voids_in_any_order_recognize_the_whole_price(total: int, units: int, data) -> None:
    live: list[tuple[int, int]] = []  # quantity, amount
    for _ in range(data.draw(st.integers(0, 25))):
        used = sum(quantity for quantity, _ in live)
        if live and data.draw(st.booleans()):
            live.pop(data.draw(st.integers(0, len(live) - 1)))
        elif used < units:
            quantity = data.draw(st.integers(1, units - used))
            booked = sum(amount for _, amount in live)
            live.append((quantity, recognition_step(total, units, used, booked, quantity)))
    used, booked = sum(quantity for quantity, _ in live), sum(amount for _, amount in live)
    if used < units:
        booked += recognition_step(total, units, used, booked, units - used)
    assert booked == total


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(1, 1000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))),
)
def test_catch_up_ends_at_the_whole_when_all_is_used(total: int, estimates: list[tuple[int, int]]) -> None:
    assert sum(recognize(total, [*estimates, (7, 7)])) == total
