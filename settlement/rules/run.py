"""The states of a settlement run: which follows which."""

from __future__ import annotations

#: From each state the states that may follow. Money that comes back makes a settled run one that is being paid again.
TRANSITIONS: dict[str, frozenset[str]] = {
    "proposed": frozenset({"approved", "cancelled"}),
    "approved": frozenset({"proposed", "paying", "settled", "cancelled"}),
    "paying": frozenset({"settled"}),
    "settled": frozenset({"paying"}),
    "cancelled": frozenset(),
}


def may_become(status: str, next_status: str) -> bool:
    return next_status in TRANSITIONS[status]
