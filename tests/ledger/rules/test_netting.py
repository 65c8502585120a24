"""Netting sums to zero and needs few payments."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.netting import NetPayment, Owed, bilateral, multilateral, positions

parties = st.sampled_from("ABCDEFG")
debts = st.lists(st.builds(Owed, parties, parties, st.integers(-(10**9), 10**9)), max_size=40)


def test_a_pair_pays_the_difference_once() -> None:
    owed = [Owed("S", "P", 50000), Owed("P", "S", 24000), Owed("P", "Q", 11550)]
    assert bilateral(owed) == [NetPayment("P", "Q", 11550), NetPayment("S", "P", 26000)]


def test_an_even_pair_pays_nothing() -> None:
    assert bilateral([Owed("A", "B", 5), Owed("B", "A", 5)]) == []


def test_the_largest_payer_pays_the_largest_receiver() -> None:
    net = {"A": -700, "B": -300, "C": 600, "D": 400}
    assert multilateral(net) == [
        NetPayment("A", "C", 600),
        NetPayment("B", "D", 300),
        NetPayment("A", "D", 100),
    ]


def test_ties_go_to_the_smaller_code() -> None:
    assert multilateral({"D": 5, "C": 5, "B": -5, "A": -5}) == [
        NetPayment("A", "C", 5),
        NetPayment("B", "D", 5),
    ]


def test_positions_add_what_one_receives_and_pays() -> None:
    assert positions([Owed("A", "B", 250), Owed("B", "C", 100), Owed("C", "A", 100)]) == {
        "A": -150,
        "B": 150,
        "C": 0,
    }


def test_positions_that_do_not_sum_to_zero_are_refused() -> None:
    with pytest.raises(ValueError):
        multilateral({"A": 1, "B": -2})


@given(debts)
def test_payments_settle_every_position(owed: list[Owed]) -> None:
    net = positions(owed)
    assert sum(net.values()) == 0
    for payments in (bilateral(owed), multilateral(net)):
        settled = Counter(net)
        for payment in payments:
            assert payment.amount_minor > 0
            settled[payment.payer] += payment.amount_minor
            settled[payment.receiver] -= payment.amount_minor
        assert not any(settled.values())


@given(debts)
def test_multilateral_needs_fewer_payments_than_parties(owed: list[Owed]) -> None:
    net = positions(owed)
    payments = multilateral(net)
    involved = sum(1 for amount in net.values() if amount)
    assert len(payments) <= max(0, involved - 1)
    assert not {each.payer for each in payments} & {each.receiver for each in payments}
