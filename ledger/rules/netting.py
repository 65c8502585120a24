"""Netting: what parties owe one another, reduced to few payments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


@dataclass(frozen=True, slots=True)
class Owed:
    """`payer` owes `receiver` so many minor units; a negative amount is owed the other way round."""

    payer: str
    receiver: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class NetPayment:
    """One payment that settles: positive minor units from `payer` to `receiver`."""

    payer: str
    receiver: str
    amount_minor: int


def positions(owed: Iterable[Owed]) -> dict[str, int]:
    """Return {party: minor units}, + when it receives and - when it pays; zero where it is even.

    Parties come in code order; the positions sum to zero.
    """
    net: defaultdict[str, int] = defaultdict(int)
    for each in owed:
        net[each.payer] -= each.amount_minor
        net[each.receiver] += each.amount_minor
    return dict(sorted(net.items()))


def bilateral(owed: Iterable[Owed]) -> list[NetPayment]:
    """Net each pair of parties by itself: at most one payment a pair, none when it is even."""
    pairs: defaultdict[tuple[str, str], int] = defaultdict(int)
    for each in owed:
        if each.payer < each.receiver:
            pairs[each.payer, each.receiver] += each.amount_minor
        elif each.payer > each.receiver:
            pairs[each.receiver, each.payer] -= each.amount_minor
    return [
        NetPayment(first, second, net) if net > 0 else NetPayment(second, first, -net)
        for (first, second), net in sorted(pairs.items())
        if net
    ]


def multilateral(net: Mapping[str, int]) -> list[NetPayment]:
    """Settle positions (+ receives) by letting, repeatedly, the largest payer pay the largest receiver.

    Ties go to the smaller code. At most n-1 payments, and nobody both pays and receives.
    Raises ValueError when the positions do not sum to zero.
    """
    if sum(net.values()):
        raise ValueError("Positions must sum to zero.")
    payers = [(amount, party) for party, amount in net.items() if amount < 0]
    receivers = [(-amount, party) for party, amount in net.items() if amount > 0]
    heapify(payers)
    heapify(receivers)
    payments: list[NetPayment] = []
    while payers:
        (pays, payer), (receives, receiver) = heappop(payers), heappop(receivers)
        amount = min(-pays, -receives)
        payments.append(NetPayment(payer, receiver, amount))
        if pays + amount:
            heappush(payers, (pays + amount, payer))
        if receives + amount:
            heappush(receivers, (receives + amount, receiver))
    return payments
