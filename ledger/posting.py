"""Posting: the only caller of the database's posting functions, and so the only way into journal and entitlements."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import DatabaseError, connection
from django.db.backends.postgresql.base import ServerBindingCursor

from core.actors import Actor
from core.errors import Refused
from core.refusals import refusal_of
from ledger.models import BreakageMovement, EntitlementMovement, JournalLine, LedgerEvent
from ledger.rules.accounts import Account
from ledger.rules.lines import Line


@dataclass(frozen=True, slots=True)
class Movement:
    """What an event does to one entitlement line: signed units left, signed minor units open."""

    entitlement_line_id: int
    units: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line of a new entitlement: so many units of a service at the price allocated to them.

    Without a service it is credit for those of a category ('' any), and its units are minor units of money.
    """

    service_id: int | None
    quantity: int
    total_minor: int
    category: str = ""


@dataclass(frozen=True, slots=True)
class SoldEntitlement:
    """The entitlement that a sale creates; its movements follow from its lines."""

    code: str
    patient_id: int
    holder_id: int
    package_id: int
    price_minor: int
    currency: str
    starts_on: date
    expires_on: date | None
    lines: Sequence[SoldLine]


@dataclass(frozen=True, slots=True)
class Booked:
    """What an event does to the booked breakage of a pool: signed minor units."""

    pool_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of breakage while its lock is held: what is open of its sales, and what of it is booked as breakage."""

    id: int
    open_minor: int
    booked_minor: int


@dataclass(frozen=True, slots=True)
class ChangedEntitlement:
    """What a transfer, an extension or a freeze makes of an entitlement: all of it, changed or not."""

    entitlement_id: int
    patient_id: int
    expires_on: date | None
    frozen_on: date | None
    frozen_until: date | None


@dataclass(frozen=True, slots=True)
class Record:
    """One business event to post.

    `command` is what the caller asked for, as plain JSON values, and nothing computed from the state of the day: the
    same key with an equal command is the same event, whatever its lines would be by now. `inputs` is everything the
    lines were computed from, kept for replay and explanation.
    """

    key: str
    kind: LedgerEvent.Kind
    effective_on: date
    organization_id: int
    actor: Actor
    command: Mapping[str, Any]
    lines: Sequence[Line] = ()
    movements: Sequence[Movement] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    rule_version_id: int | None = None
    voids_id: int | None = None
    sold: SoldEntitlement | None = None
    booked: Booked | None = None
    changed: ChangedEntitlement | None = None

    @property
    def payload_hash(self) -> bytes:
        return payload_hash(self.kind, self.command)


@dataclass(frozen=True, slots=True)
class Posted:
    """The event that now stands in the ledger; `replayed` when its key was posted before."""

    event_id: int
    replayed: bool
    entitlement_id: int | None


@dataclass(frozen=True, slots=True)
class LockedLine:
    """The state of one entitlement line while its lock is held."""

    id: int
    service_id: int | None
    quantity: int
    total_minor: int
    used_units: int
    left_units: int
    booked_minor: int
    open_minor: int


def payload_hash(kind: str, command: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of a command."""
    text = json.dumps([kind, command], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def find_posted(key: str, kind: str, command: Mapping[str, Any]) -> Posted | None:
    """The event that an earlier call with this key posted, so that a repeated command computes nothing anew.

    Raises Refused `idempotency_conflict` when the key was used for something else.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id, event.payload_hash, entitlement.id
              FROM ledger_ledgerevent event
              LEFT JOIN ledger_entitlement entitlement
                ON entitlement.network_id = event.network_id AND entitlement.sale_event_id = event.id
             WHERE event.network_id = app.network_id() AND event.key = %s
            """,
            [key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    event_id, earlier_hash, entitlement_id = row
    if bytes(earlier_hash) != payload_hash(kind, command):
        raise Refused("idempotency_conflict", "This key was used before, for something else.")
    return Posted(event_id, True, entitlement_id)


def lock_entitlement(entitlement_id: int) -> dict[int | None, LockedLine]:
    """Lock an entitlement's lines and its pool of breakage until the end of the transaction; {service id: state}, in
    their order.

    Whoever computes a recognition takes this first, so that a concurrent redemption waits instead of computing on
    figures that are about to change. Look for the key (`find_posted`) after the lock, not before.
    """
    rows = _call("SELECT * FROM posting.lock_entitlement(%s)", [entitlement_id])
    lines = [LockedLine(*row) for row in rows]
    return {line.service_id: line for line in lines}


def lock_entitlements(entitlement_ids: Iterable[int]) -> None:
    """Lock the lines of many entitlements and their pools of breakage, in order; read them afterwards."""
    _call("SELECT posting.lock_entitlements(%s::bigint[])", [_integers(entitlement_ids)])


def lock_breakage_pool(holder_id: int, package_id: int) -> Pool | None:
    """Lock a holder's pool of a package until the end of the transaction; made when it is first asked for, None while
    nothing was sold."""
    rows = _call("SELECT * FROM posting.lock_breakage_pool(%s, %s)", [holder_id, package_id])
    return Pool(*rows[0]) if rows else None


def reversal_of(event_id: int) -> tuple[list[Line], list[Movement], Booked | None]:
    """The exact negation of an event's lines, movements and booked breakage: what its void posts."""
    lines = [
        Line(organization_id, Account(code), currency, -amount_minor, counterparty_id)
        for organization_id, code, currency, amount_minor, counterparty_id in JournalLine.objects.filter(
            event_id=event_id
        )
        .order_by("line_no")
        .values_list("organization_id", "account__code", "currency", "amount_minor", "counterparty_id")
    ]
    movements = [
        Movement(line_id, -units, -amount_minor)
        for line_id, units, amount_minor in EntitlementMovement.objects.filter(event_id=event_id)
        .order_by("movement_no")
        .values_list("entitlement_line_id", "units", "amount_minor")
    ]
    booked = BreakageMovement.objects.filter(event_id=event_id).first()
    return lines, movements, Booked(booked.pool_id, -booked.amount_minor) if booked else None


def post(record: Record) -> Posted:
    """Post one event: one statement. Raises Refused with a code of the ledger's; posts all of it or nothing.

    Call it last in the transaction. The deferred checks run when the action ends, or at commit.
    """
    return Posted(*_call(POST_EVENT, parameters_of(record))[0])


def parameters_of(record: Record) -> list[Any]:
    """What `POST_EVENT` takes, in its order."""
    sold, booked, changed = record.sold, record.booked, record.changed
    parts = sold.lines if sold else ()
    return [
        record.key,
        record.payload_hash,
        record.kind,
        record.effective_on,
        record.organization_id,
        record.rule_version_id,
        json.dumps(record.inputs),
        record.voids_id,
        record.actor.kind,
        record.actor.id,
        record.actor.label,
        *_line_columns(record.lines),
        *_movement_columns(record.movements),
        *(
            (
                sold.code,
                sold.patient_id,
                sold.holder_id,
                sold.package_id,
                sold.price_minor,
                sold.currency,
                sold.starts_on,
                sold.expires_on,
                [part.service_id for part in parts],
                [part.category for part in parts],
                [part.quantity for part in parts],
                [part.total_minor for part in parts],
            )
            if sold
            else _NOTHING_SOLD
        ),
        *((booked.pool_id, booked.amount_minor) if booked else (None, None)),
        *(
            (
                changed.entitlement_id,
                changed.patient_id,
                changed.expires_on,
                changed.frozen_on,
                changed.frozen_until,
            )
            if changed
            else _NOTHING_CHANGED
        ),
    ]


def post_many(records: Sequence[Record]) -> list[Posted]:
    """Post many events of one actor in one statement, all or nothing; the results are in the order of the records."""
    if not records:
        return []
    actors = {record.actor for record in records}
    if len(actors) != 1:
        raise ValueError("One call posts the events of one actor.")
    (actor,) = actors
    lines = [(n, line) for n, record in enumerate(records, 1) for line in record.lines]
    movements = [(n, movement) for n, record in enumerate(records, 1) for movement in record.movements]
    sold = [(n, record.sold) for n, record in enumerate(records, 1) if record.sold]
    parts = [(n, part) for n, one in sold for part in one.lines]
    booked = [(n, record.booked) for n, record in enumerate(records, 1) if record.booked]
    rows = _call(
        _POST_EVENTS,
        [
            [record.key for record in records],
            [record.payload_hash for record in records],
            [str(record.kind) for record in records],
            [record.effective_on for record in records],
            [record.organization_id for record in records],
            [record.rule_version_id for record in records],
            json.dumps([record.inputs for record in records]),
            [record.voids_id for record in records],
            actor.kind,
            actor.id,
            actor.label,
            _integers(n for n, _ in lines),
            *_line_columns([line for _, line in lines]),
            _integers(n for n, _ in movements),
            *_movement_columns([movement for _, movement in movements]),
            [n for n, _ in sold],
            [one.code for _, one in sold],
            [one.patient_id for _, one in sold],
            [one.holder_id for _, one in sold],
            [one.package_id for _, one in sold],
            [one.price_minor for _, one in sold],
            [one.currency for _, one in sold],
            [one.starts_on for _, one in sold],
            [one.expires_on for _, one in sold],
            [n for n, _ in parts],
            [part.service_id for _, part in parts],
            [part.category for _, part in parts],
            [part.quantity for _, part in parts],
            [part.total_minor for _, part in parts],
            [n for n, _ in booked],
            [one.pool_id for _, one in booked],
            [one.amount_minor for _, one in booked],
        ],
    )
    return [Posted(*row) for row in rows]


def close_period(organization_ids: Sequence[int], month: date, actor: Actor) -> int:
    """Close a month, and all earlier ones, of organizations; returns how many were open. Waits for postings in flight."""
    rows = _call(
        "SELECT posting.close_period(%s::bigint[], %s, %s, %s, %s)",
        [list(organization_ids), month, actor.kind, actor.id, actor.label],
    )
    return int(rows[0][0])


def fold_deltas(at_most: int = 10_000) -> int:
    """Fold waiting deltas of the bound network into its balances; returns how many were folded."""
    return int(_call("SELECT posting.fold_deltas(%s)", [at_most])[0][0])


def _line_columns(lines: Sequence[Line]) -> tuple[Any, ...]:
    return (
        _integers(line.organization_id for line in lines),
        _words(str(line.account) for line in lines),
        _words(line.currency for line in lines),
        _integers(line.counterparty_id for line in lines),
        _integers(line.amount_minor for line in lines),
    )


def _movement_columns(movements: Sequence[Movement]) -> tuple[str, ...]:
    return (
        _integers(movement.entitlement_line_id for movement in movements),
        _integers(movement.units for movement in movements),
        _integers(movement.amount_minor for movement in movements),
    )


def _integers(values: Iterable[int | None]) -> str:
    """An array of integers as PostgreSQL writes it: psycopg looks at every element of a list for its type, which
    takes a tenth of a bulk posting."""
    return "{" + ",".join("NULL" if value is None else str(int(value)) for value in values) + "}"


def _words(words: Iterable[str]) -> str:
    """The same of codes and currencies, which have no character that means something in an array."""
    checked = list(words)
    if not all(map(str.isidentifier, checked)):
        raise ValueError(f"Not all of {checked} are plain words.")
    return "{" + ",".join(checked) + "}"


def _call(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    try:
        connection.ensure_connection()
        # The arrays travel as they are: written into the statement, as Django does, they cost a tenth of a posting.
        arrays = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
        with connection._prepare_cursor(arrays) as cursor:  # type: ignore[attr-defined]
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())
    except DatabaseError as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise refusal from error


_NOTHING_SOLD = (None,) * 12
_NOTHING_CHANGED = (None,) * 5

# Lines: organizations, codes, currencies, counterparties, amounts; movements: lines, units, amounts.
POST_EVENT = """
    SELECT event_id, replayed, entitlement_id FROM posting.post_event(
        %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s,
        %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
        %s::bigint[], %s::bigint[], %s::bigint[],
        %s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
        %s, %s, %s, %s, %s, %s, %s)
"""

_POST_EVENTS = """
    SELECT event_id, replayed, entitlement_id FROM posting.post_events(
        %s::text[], %s::bytea[], %s::text[], %s::date[], %s::bigint[], %s::bigint[],
        ARRAY(SELECT value FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY ORDER BY ordinality),
        %s::bigint[], %s, %s, %s,
        %s::integer[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
        %s::integer[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::integer[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
        %s::date[], %s::date[], %s::integer[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[],
        %s::integer[], %s::bigint[], %s::bigint[])
"""
