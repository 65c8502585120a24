"""Items: what one organization owes another by one event, with the state of each.

An item is an event's lines on the creditor's due-from account; its mirror in the debtor's books is the same item. The
lines of settlements are no items: they end others. Its state is said here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.http import QueryDict

from core.money import Money
from core.tenancy import bound_network_id
from ledger.queries.mutual import KINDS

OPEN, ACKNOWLEDGED, DISPUTED, NETTED, SETTLED = "open", "acknowledged", "disputed", "netted", "settled"
STATES = {
    OPEN: "Open",
    ACKNOWLEDGED: "Acknowledged",
    DISPUTED: "Disputed",
    NETTED: "Netted",
    SETTLED: "Settled",
}
SIZE = 50

_DISPUTE = """(SELECT d.id FROM settlement_dispute d
        WHERE d.network_id = i.network_id AND d.account_id = i.account_id AND d.event_id = i.event_id
          AND d.closed_at IS NULL)"""
_AGREED = """ARRAY(SELECT k.side_id FROM settlement_acknowledgement k
        WHERE k.network_id = i.network_id AND k.account_id = i.account_id AND k.event_id = i.event_id)"""
#: What a settlement run took it for, 'netted' or 'settled', over `i.event_id` and `i.account_id`; NULL where none did.
TAKEN = """(SELECT CASE run.status WHEN 'settled' THEN 'settled' ELSE 'netted' END
        FROM ledger_journalline line
        JOIN settlement_settlementitem taken
          ON taken.network_id = line.network_id AND taken.event_id = line.event_id AND taken.line_no = line.line_no
        JOIN settlement_settlementrun run ON run.network_id = taken.network_id AND run.id = taken.run_id
       WHERE line.network_id = i.network_id AND line.event_id = i.event_id AND line.account_id = i.account_id LIMIT 1)"""
_STATE = f"""coalesce({TAKEN}, CASE
        WHEN {_DISPUTE} IS NOT NULL THEN '{DISPUTED}'
        WHEN EXISTS (SELECT 1 FROM settlement_acknowledgement k
                      WHERE k.network_id = i.network_id AND k.account_id = i.account_id AND k.event_id = i.event_id
                        AND k.completes) THEN '{ACKNOWLEDGED}'
        ELSE '{OPEN}' END)"""

#: The items of one account, `wanted.id`, newest first; so many of them are read as are asked for.
_OF_ACCOUNT = f"""
    SELECT i.*, e.kind, e.organization_id AS recorder_id, e.posted_at, {_STATE} AS state,
           {_DISPUTE} AS dispute_id, {_AGREED} AS agreed
      FROM (SELECT l.network_id, l.account_id, l.effective_on, l.event_id, l.organization_id AS creditor_id,
                   l.counterparty_id AS debtor_id, l.currency, sum(l.amount_minor)::bigint AS minor
              FROM ledger_journalline l
             WHERE l.network_id = %(network)s AND l.account_id = wanted.id
               AND l.effective_on BETWEEN %(since)s AND %(until)s
             GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(l.amount_minor) <> 0
             ORDER BY l.effective_on DESC, l.event_id DESC) i
      JOIN ledger_ledgerevent e ON e.network_id = i.network_id AND e.id = i.event_id
     WHERE e.kind <> 'settlement'"""
_COLUMNS = "event_id, account_id, effective_on, kind, creditor_id, debtor_id, recorder_id, posted_at, minor, currency, state, dispute_id, agreed"
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Item:
    """What `creditor_id` is owed by `debtor_id` for one event; negative where it takes something back."""

    event_id: int
    account_id: int
    on: date
    kind: str
    creditor_id: int
    debtor_id: int
    recorder_id: int
    posted_at: datetime
    amount: Money
    state: str
    dispute_id: int | None
    agreed: frozenset[int]

    @property
    def key(self) -> str:
        return f"{self.event_id}-{self.account_id}"

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind]

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def sides(self) -> tuple[int, int]:
        return self.creditor_id, self.debtor_id

    @property
    def waits_for(self) -> tuple[int, ...]:
        """The sides that have not said yet whether they agree; whoever recorded it has by that."""
        if self.state != OPEN:
            return ()
        return tuple(one for one in self.sides if one != self.recorder_id and one not in self.agreed)


@dataclass(frozen=True)
class Narrowing:
    """Which items of an account are meant."""

    since: date = FIRST
    until: date = LAST
    state: str = ""

    def parameters(self) -> dict[str, Any]:
        return {"since": self.since, "until": self.until, "state": self.state}


@dataclass(frozen=True)
class ItemPage:
    """Some items, newest first, and the addresses of the older and of the newest (empty at the ends)."""

    rows: list[Item]
    older: str
    newest: str


def item_page(account_ids: Sequence[int], narrowing: Narrowing, params: QueryDict) -> ItemPage:
    """The page of the items of some accounts that begins after `params['after']`; what is read is bounded."""
    start = _start(params.get("after", ""))
    named = narrowing.parameters() | {"size": SIZE + 1}
    later = ""
    if start:
        later = "AND (i.effective_on, i.event_id, i.account_id) < (%(day)s, %(event)s, %(account)s)"
        named |= {"day": start[0], "event": start[1], "account": start[2]}
        named["until"] = min(narrowing.until, start[0])
    sql = f"""
        SELECT {_COLUMNS} FROM unnest(%(accounts)s::bigint[]) AS wanted(id)
         CROSS JOIN LATERAL ({_OF_ACCOUNT} AND %(state)s IN ('', {_STATE}) {later}
             ORDER BY i.effective_on DESC, i.event_id DESC LIMIT %(size)s) found
         ORDER BY effective_on DESC, event_id DESC, account_id DESC LIMIT %(size)s"""
    rows = list(_items(sql, account_ids, named))
    older = ""
    if len(rows) > SIZE:
        last = rows[SIZE - 1]
        older = _address(params, f"{last.on.isoformat()}.{last.event_id}.{last.account_id}")
    return ItemPage(rows[:SIZE], older, _address(params, None) if start else "")


def _start(text: str) -> tuple[date, int, int] | None:
    day, _, numbers = text.partition(".")
    event, _, account = numbers.partition(".")
    try:
        return date.fromisoformat(day), int(event[:18]), int(account[:18])
    except ValueError:
        return None


def _address(params: QueryDict, after: str | None) -> str:
    query = params.copy()
    query.pop("after", None)
    if after is not None:
        query["after"] = after
    return "?" + query.urlencode()


def items_of(account_ids: Collection[int], narrowing: Narrowing | None = None) -> list[Item]:
    """Every item of some accounts, newest first."""
    sql = f"""
        SELECT {_COLUMNS} FROM unnest(%(accounts)s::bigint[]) AS wanted(id)
         CROSS JOIN LATERAL ({_OF_ACCOUNT} AND %(state)s IN ('', {_STATE})) found
         ORDER BY effective_on DESC, event_id DESC, account_id DESC"""
    return list(_items(sql, account_ids, (narrowing or Narrowing()).parameters()))


def item(event_id: int, account_id: int) -> Item | None:
    """One item by its key; None where there is none."""
    sql = f"""
        SELECT {_COLUMNS} FROM unnest(%(accounts)s::bigint[]) AS wanted(id)
         CROSS JOIN LATERAL ({_OF_ACCOUNT} AND i.event_id = %(event)s) found"""
    named = Narrowing().parameters() | {"event": event_id}
    return next(_items(sql, [account_id], named), None)


def _named(account_ids: Collection[int], named: dict[str, Any]) -> dict[str, Any]:
    return named | {"accounts": list(account_ids), "network": bound_network_id()}


def _items(sql: str, account_ids: Collection[int], named: dict[str, Any]) -> Iterator[Item]:
    with connection.cursor() as cursor:
        cursor.execute(sql, _named(account_ids, named))
        for row in cursor.fetchall():
            (
                event,
                account,
                on,
                kind,
                creditor,
                debtor,
                recorder,
                posted,
                minor,
                currency,
                state,
                dispute,
                agreed,
            ) = row
            yield Item(
                event, account, on, kind, creditor, debtor, recorder, posted, Money(minor, currency), state, dispute,
                frozenset(agreed),
            )  # fmt: skip
