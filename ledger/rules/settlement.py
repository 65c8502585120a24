"""The lines of a settlement: the opposite of what was owed, cash for what was paid, clearing for what was not yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.rules.accounts import Account
from ledger.rules.lines import Line


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one event does to one payment: money that moved, and the change of what is still to come.

    Booked and paid at once: (100, 0). Booked and not paid: (0, 100). Paid later: (100, -100). Bounced: (-100, 100).
    """

    payer_id: int
    receiver_id: int
    paid_minor: int
    outstanding_minor: int


def transfer_lines(transfers: Iterable[Transfer], currency: str) -> list[Line]:
    """Cash per organization for the net, and netting_clearing per payment, mirrored between payer and receiver."""
    cash: defaultdict[int, int] = defaultdict(int)
    clearing: defaultdict[tuple[int, int], int] = defaultdict(int)
    for each in transfers:
        cash[each.payer_id] -= each.paid_minor
        cash[each.receiver_id] += each.paid_minor
        clearing[each.payer_id, each.receiver_id] -= each.outstanding_minor
        clearing[each.receiver_id, each.payer_id] += each.outstanding_minor
    return [
        *(Line(one, Account.CASH, currency, minor) for one, minor in sorted(cash.items()) if minor),
        *(
            Line(one, Account.NETTING_CLEARING, currency, minor, other)
            for (one, other), minor in sorted(clearing.items())
            if minor
        ),
    ]
