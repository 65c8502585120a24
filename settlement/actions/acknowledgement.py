"""Agreeing to what stands between organizations: one by one, many at once, or by silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from core.actions import Act, action
from core.actors import SystemActor
from core.clock import now
from core.tenancy import bound_network_id
from ledger.queries.mutual import claims_of
from orgs.queries.access import organizations_for
from settlement.permissions import RECONCILIATION_ACKNOWLEDGE
from settlement.queries.items import FIRST, LAST, TAKEN
from settlement.rules.settings import SILENCE_DAYS

if TYPE_CHECKING:
    from orgs.models import Organization

#: Items that a side has yet to agree to: it is one of the two, did not record it, said nothing, and nobody disputes it.
_UNANSWERED = f"""
    SELECT i.event_id, i.account_id
      FROM (SELECT l.network_id, l.account_id, l.event_id, l.organization_id, l.counterparty_id
              FROM ledger_journalline l
             WHERE l.network_id = %(network)s AND l.account_id = ANY(%(accounts)s)
               AND l.effective_on BETWEEN %(since)s AND %(until)s
             GROUP BY 1, 2, 3, 4, 5 HAVING sum(l.amount_minor) <> 0) i
      JOIN ledger_ledgerevent e ON e.network_id = i.network_id AND e.id = i.event_id
     WHERE e.kind <> 'settlement' AND e.organization_id <> %(side)s
       AND %(side)s IN (i.organization_id, i.counterparty_id)
       AND {TAKEN} IS NULL
       AND NOT EXISTS (SELECT 1 FROM settlement_acknowledgement k
                        WHERE k.network_id = i.network_id AND k.account_id = i.account_id
                          AND k.event_id = i.event_id AND k.side_id = %(side)s)
       AND NOT EXISTS (SELECT 1 FROM settlement_dispute d
                        WHERE d.network_id = i.network_id AND d.account_id = i.account_id
                          AND d.event_id = i.event_id AND d.closed_at IS NULL)"""  # noqa: S608 - constants
_AGREE = """
    INSERT INTO settlement_acknowledgement
        (network_id, event_id, account_id, side_id, completes, by_silence, actor_id, actor_label)
    SELECT %(network)s, event_id, account_id, %(side)s, false, %(silent)s, %(actor)s, %(label)s
      FROM ({meant}) meant ORDER BY account_id, event_id
    ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Meant:
    """The items that a side agrees to: those of some accounts, ticked ones among them or all of some days.

    `last_event_id` is the newest that was shown: what was posted since was not seen, and is not meant.
    """

    account_ids: Collection[int]
    keys: Sequence[tuple[int, int]] | None = None
    since: date = FIRST
    until: date = LAST
    last_event_id: int | None = None


@action(RECONCILIATION_ACKNOWLEDGE, audit="items.acknowledged")
def acknowledge(act: Act, side: Organization, *, meant: Meant) -> int:
    """Agree to items for one side; returns how many it had yet to agree to.

    Who may: `reconciliation:acknowledge` at that side. Effect: an acknowledgement for each that the side has not agreed
    to; disputed ones are left out. Audit: how many, and which when few. The same again changes nothing.
    """
    count = _agree(act.actor.id, act.actor.label, side.pk, meant)
    if not count:
        act.nothing_happened()
    events = [event for event, _ in meant.keys or []]
    act.changed({}, {"items": count, "accounts": list(meant.account_ids)[:50], "events": events[:50]})
    return count


@action(RECONCILIATION_ACKNOWLEDGE, audit="items.silent")
def acknowledge_by_silence(act: Act, side: Organization, *, days: int) -> int:
    """Agree for a side that said nothing for so many days after the posting; returns to how many items."""
    count = _agree(None, act.actor.label, side.pk, _all_of(side), silent_days=days)
    if not count:
        act.nothing_happened()
    act.changed({}, {"items": count, "days": days})
    return count


def silent_sides() -> list[tuple[Organization, int]]:
    """Organizations whose silence is agreement, with after how many days."""
    sides = organizations_for(SystemActor.of("silence"), RECONCILIATION_ACKNOWLEDGE)
    sides = sides.exclude(kind="third_party").exclude(status="archived").order_by("lft")
    found = [(one, SILENCE_DAYS.at(one)) for one in sides]
    return [(one, days) for one, days in found if days]


def count_silent(side: Organization, *, days: int) -> int:
    """To how many items a side would agree by its silence."""
    named = _named(side.pk, _all_of(side), days)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_narrowed(_all_of(side), days)}) meant", named)  # noqa: S608
        return int(cursor.fetchone()[0])


def acknowledge_silent() -> int:
    """Agree for every side of the bound network that said nothing for as long as its policy gives it."""
    count = 0
    for side, days in silent_sides():
        count += acknowledge_by_silence(
            SystemActor.of(f"silence of {SILENCE_DAYS.show(days)}"), side, days=days
        )
    return count


def _all_of(side: Organization) -> Meant:
    return Meant(claims_of(side.pk))


def _agree(
    actor_id: int | None, label: str, side_id: int, meant: Meant, silent_days: int | None = None
) -> int:
    named = _named(side_id, meant, silent_days)
    with connection.cursor() as cursor:
        cursor.execute(
            _AGREE.format(meant=_narrowed(meant, silent_days)),
            named | {"actor": actor_id, "label": label, "silent": silent_days is not None},
        )
        return int(cursor.rowcount)


def _narrowed(meant: Meant, silent_days: int | None) -> str:
    sql = _UNANSWERED
    if meant.keys is not None:
        sql += " AND (i.event_id, i.account_id) IN (SELECT * FROM unnest(%(events)s::bigint[], %(on)s::bigint[]))"
    if meant.last_event_id is not None:
        sql += " AND i.event_id <= %(last)s"
    if silent_days is not None:
        sql += " AND e.posted_at < %(before)s"
    return sql


def _named(side_id: int, meant: Meant, silent_days: int | None) -> dict[str, Any]:
    keys = meant.keys or []
    return {
        "network": bound_network_id(),
        "side": side_id,
        "accounts": list(meant.account_ids),
        "since": meant.since,
        "until": meant.until,
        "events": [event for event, _ in keys],
        "on": [account for _, account in keys],
        "last": meant.last_event_id,
        "before": now() - timedelta(days=silent_days or 0),
    }
