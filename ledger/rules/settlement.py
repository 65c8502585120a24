"""The lines of a settlement: the opposite of what was owed, cash for what was paid, clearing for what was not yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.rules.accounts import Account
from ledger.rules.lines import Line, Reason, What, minus, total


@dataclass(frozen=True, slots=True)
class Transfer:
    """What one event does to one payment: money that moved, and the change of what is still to come.

    Booked and paid at once: (100, 0). Booked and not paid: (0, 100). Paid later: (100, -100). Bounced: (-100, 100).
    """

    payer_id: int
    receiver_id: int
    paid_minor: int
    outstanding_minor: int
    reference: str = ""


def transfer_lines(transfers: Iterable[Transfer], currency: str) -> list[Line]:
    """Cash per organization for the net, and netting_clearing per payment, mirrored between payer and receiver."""
    cash: defaultdict[int, list[Reason]] = defaultdict(list)
    clearing: defaultdict[tuple[int, int], list[Reason]] = defaultdict(list)
    for each in transfers:
        paid = Reason(What.PAYMENT, each.paid_minor, each.reference)
        outstanding = Reason(What.OUTSTANDING, each.outstanding_minor, each.reference)
        cash[each.payer_id] += minus([paid])
        cash[each.receiver_id].append(paid)
        clearing[each.payer_id, each.receiver_id] += minus([outstanding])
        clearing[each.receiver_id, each.payer_id].append(outstanding)
    return [
        *(_line(one, Account.CASH, currency, why) for one, why in sorted(cash.items()) if total(why)),
        *(
            _line(one, Account.NETTING_CLEARING, currency, why, other)
            for (one, other), why in sorted(clearing.items())
            if total(why)
        ),
    ]


def _line(
    organization_id: int,
    account: Account,
    currency: str,
    why: Iterable[Reason],
    counterparty_id: int | None = None,
) -> Line:
    stated = tuple(each for each in why if each.amount_minor)
    return Line(organization_id, account, currency, total(stated), counterparty_id, stated)
