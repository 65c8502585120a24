"""What every command to the ledger has in common: its key, its posting, and refusals of the pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.actions import Act
from core.errors import Refused
from core.idempotency import check_key
from core.tenancy import bound_network_id
from ledger.models import LedgerEvent
from ledger.posting import (
    Booked,
    ChangedEntitlement,
    Movement,
    Record,
    SoldEntitlement,
    find_posted,
    lock_entitlement,
    post,
)
from ledger.rules.lines import Line
from ledger.rules.refusals import Refusal, RefusalCode

LONGEST_KEY = 120
LONGEST_REASON = 500
KEY_LOCK = 4
TWO_POOLS = "two pools"
MOST_MINOR = 10**15  # so that no sum of lines ever outgrows its column


@dataclass(frozen=True)
class Command:
    """One command by its key, and what it asks for as plain JSON values, so that a retry is told from another.

    What moves two pools of breakage, an upgrade or its void, waits for others that do: each holds one pool when it
    comes for the other.
    """

    kind: LedgerEvent.Kind
    key: str
    asked: Mapping[str, Any]
    touches_two_pools: bool = False


def day_asked(on: date | None) -> str:
    """An effective date as part of what is asked; '' for today, so that a retry after midnight is still one."""
    return on.isoformat() if on else ""


def begin(act: Act, command: Command, *, entitlement_id: int | None = None) -> LedgerEvent | None:
    """Wait for others with the same key, and for others at the same entitlement, then find the first result.

    Recognition is computed from what has been used, so commands on one entitlement go one after the other.
    Returns the event of the first call with this key, or None. Refuses `idempotency_conflict` when that call
    asked for something else.
    """
    check_key(command.key, LONGEST_KEY)
    if command.touches_two_pools:
        wait_in_line(TWO_POOLS)
    wait_in_line(command.key)
    if entitlement_id is not None:
        lock_entitlement(entitlement_id)
    posted = find_posted(command.key, command.kind, command.asked)
    if posted is None:
        return None
    act.nothing_happened()
    return LedgerEvent.objects.get(pk=posted.event_id)


def wait_in_line(words: str) -> None:
    """One transaction of the network at a time gets past the same words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [KEY_LOCK, f"{bound_network_id()}:{words}"]
        )


def post_command(
    act: Act,
    command: Command,
    *,
    organization_id: int,
    on: date,
    lines: Sequence[Line],
    movements: Sequence[Movement] = (),
    inputs: Mapping[str, Any],
    rule_version_id: int | None = None,
    voids_id: int | None = None,
    sold: SoldEntitlement | None = None,
    booked: Booked | None = None,
    changed: ChangedEntitlement | None = None,
) -> LedgerEvent:
    """Post what a command came to, and return its event."""
    amounts = [line.amount_minor for line in lines]
    if sold:
        amounts += [sold.price_minor, *(part.quantity for part in sold.lines)]
    check_amounts(amounts)
    posted = post(
        Record(
            key=command.key,
            kind=command.kind,
            effective_on=on,
            organization_id=organization_id,
            actor=act.actor,
            command=command.asked,
            lines=lines,
            movements=movements,
            inputs=inputs,
            rule_version_id=rule_version_id,
            voids_id=voids_id,
            sold=sold,
            booked=booked,
            changed=changed,
        )
    )
    return LedgerEvent.objects.get(pk=posted.event_id)


def check_amounts(amounts: Iterable[int]) -> None:
    """Refuse what no sum of lines may come near."""
    if any(abs(amount) > MOST_MINOR for amount in amounts):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "The amount is too large to be posted. Check it for a slip of the keyboard.",
        )


def refused(code: RefusalCode, message: str, *, field: str = "") -> Refused:
    """A refusal in the ledger's stable words."""
    return Refused(str(code), message, field=field)


def check_reason(reason: str) -> None:
    """Refuse a correction that does not say why."""
    if not reason.strip():
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "Say why: the reason is kept with the entry and in the audit trail.",
            field="reason",
        )
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"The reason has at most {LONGEST_REASON} characters.", field="reason"
        )


@contextmanager
def rules_refuse() -> Iterator[None]:
    """Give refusals of the pure rules to the person as they are."""
    try:
        yield
    except Refusal as refusal:
        raise refused(refusal.code, refusal.message) from refusal
