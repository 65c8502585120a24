"""What a settlement posts: it balances in every book, is mirrored, and comes to the net whoever pays when (invariant 17)."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.accounts import Account
from ledger.rules.lines import Line, negated
from ledger.rules.netting import NetPayment, Owed, bilateral, multilateral, positions
from ledger.rules.settlement import Transfer, transfer_lines

CODES = "ABCDE"
DEBTS = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), st.integers(-500, 500)).filter(
        lambda debt: debt[0] != debt[1] and debt[2]
    ),
    min_size=1,
    max_size=12,
)


def claims(debts: list[tuple[str, str, int]]) -> list[Line]:
    """The open lines of what parties owe: a void's are negative."""
    return [
        line
        for payer, receiver, minor in debts
        for line in (
            Line(ord(payer), Account.DUE_TO, "USD", -minor, ord(receiver)),
            Line(ord(receiver), Account.DUE_FROM, "USD", minor, ord(payer)),
        )
    ]


def sums(lines: list[Line], account: Account | None = None) -> dict[int, int]:
    found: defaultdict[int, int] = defaultdict(int)
    for line in lines:
        if account in (None, line.account):
            found[line.organization_id] += line.amount_minor
    return {one: minor for one, minor in found.items() if minor}


def payments_of(debts: list[tuple[str, str, int]], method: str) -> list[NetPayment]:
    owed = [Owed(*debt) for debt in debts]
    return bilateral(owed) if method == "bilateral" else multilateral(positions(owed))


@given(DEBTS, st.sampled_from(["bilateral", "multilateral"]), st.data())
def test_netting_sums_to_zero_and_settles_every_claim_once(debts, method, data):
    payments = payments_of(debts, method)
    arrived = [data.draw(st.integers(0, one.amount_minor)) for one in payments]
    booked = [
        *negated(claims(debts)),
        *transfer_lines(
            [
                Transfer(ord(one.payer), ord(one.receiver), paid, one.amount_minor - paid)
                for one, paid in zip(payments, arrived, strict=True)
            ],
            "USD",
        ),
    ]
    assert sums(booked) == {}  # balances in every book
    assert sum(sums(booked, Account.NETTING_CLEARING).values()) == 0  # mirrored
    assert sum(sums(booked, Account.CASH).values()) == 0
    rest = transfer_lines(
        [
            Transfer(ord(one.payer), ord(one.receiver), one.amount_minor - paid, paid - one.amount_minor)
            for one, paid in zip(payments, arrived, strict=True)
        ],
        "USD",
    )
    together = [*claims(debts), *booked, *rest]
    assert sums(rest) == {}
    for account in (Account.DUE_FROM, Account.DUE_TO, Account.NETTING_CLEARING):
        assert sums(together, account) == {}
    wanted = {ord(code): net for code, net in positions([Owed(*debt) for debt in debts]).items() if net}
    assert sums(together, Account.CASH) == wanted


@given(st.integers(1, 500))
def test_a_bounce_is_the_opposite_of_its_payment(minor):
    paid, back = Transfer(1, 2, minor, -minor), Transfer(1, 2, -minor, minor)
    assert list(negated(transfer_lines([paid], "USD"))) == transfer_lines([back], "USD")


def test_clearing_names_the_other_side_in_both_books():
    assert transfer_lines([Transfer(1, 2, 40, 60)], "USD") == [
        Line(1, Account.CASH, "USD", -40),
        Line(2, Account.CASH, "USD", 40),
        Line(1, Account.NETTING_CLEARING, "USD", -60, 2),
        Line(2, Account.NETTING_CLEARING, "USD", 60, 1),
    ]
