"""What the items of a pair come to, by creditor and state, at a cost that doesn't grow with their number.

What runs took and what was agreed to is kept by day (`ItemTotal`), open disputes are few, and what is left of an account's
own balance is open. So nobody counts what is open.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from core.money import Money
from core.tenancy import bound_network_id
from ledger.queries.mutual import moved
from settlement.queries.items import ACKNOWLEDGED, DISPUTED, NETTED, OPEN, SETTLED, STATES, Narrowing

#: (account, state, items, minor) of what is no longer open; '' is what settlements posted, which ends others.
_COUNTED = f"""
    SELECT kept.account_id,
           CASE WHEN run.id IS NULL THEN '{ACKNOWLEDGED}' WHEN run.status = 'settled' THEN '{SETTLED}' ELSE '{NETTED}' END,
           kept.items, kept.minor
      FROM settlement_itemtotal kept
      LEFT JOIN settlement_settlementrun run ON run.network_id = kept.network_id AND run.id = kept.run_id
     WHERE kept.network_id = %(network)s AND kept.account_id = ANY(%(accounts)s)
       AND kept."on" BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT item.account_id, part.state, part.sign, part.sign * item.minor
      FROM (SELECT dispute.network_id, dispute.account_id, dispute.event_id, sum(line.amount_minor) AS minor
              FROM settlement_dispute dispute
              JOIN ledger_journalline line
                ON line.network_id = dispute.network_id AND line.account_id = dispute.account_id
               AND line.event_id = dispute.event_id
             WHERE dispute.network_id = %(network)s AND dispute.account_id = ANY(%(accounts)s)
               AND dispute.closed_at IS NULL AND line.effective_on BETWEEN %(since)s AND %(until)s
               AND NOT EXISTS (SELECT FROM settlement_settlementitem taken
                                WHERE taken.network_id = line.network_id AND taken.event_id = line.event_id
                                  AND taken.line_no = line.line_no)
             GROUP BY 1, 2, 3) item
     CROSS JOIN LATERAL (
           SELECT '{DISPUTED}' AS state, 1 AS sign
            UNION ALL
           SELECT '{ACKNOWLEDGED}', -1 FROM settlement_acknowledgement agreed
            WHERE agreed.network_id = item.network_id AND agreed.account_id = item.account_id
              AND agreed.event_id = item.event_id AND agreed.completes) part
    UNION ALL
    SELECT line.account_id, '', 0, line.amount_minor
      FROM settlement_settlementrun run
      JOIN ledger_journalline line ON line.network_id = run.network_id AND line.event_id = run.event_id
     WHERE run.network_id = %(network)s AND run.event_id IS NOT NULL AND line.account_id = ANY(%(accounts)s)
       AND run.id IN (SELECT run_id FROM settlement_itemtotal
                       WHERE network_id = %(network)s AND account_id = ANY(%(accounts)s))
       AND line.effective_on BETWEEN %(since)s AND %(until)s"""
TOTALS = f"""
    SELECT account.id, account.organization_id, account.currency, counted.state, counted.items, counted.minor
      FROM ledger_account account
      LEFT JOIN (SELECT account_id, state, sum(items)::bigint AS items, sum(minor)::bigint AS minor
                   FROM ({_COUNTED}) counted (account_id, state, items, minor) GROUP BY 1, 2) counted
             ON counted.account_id = account.id
     WHERE account.network_id = %(network)s AND account.id = ANY(%(accounts)s)"""


@dataclass(frozen=True, slots=True)
class StateTotal:
    """The items of one creditor and state, summed, and counted unless they are open."""

    creditor_id: int
    state: str
    amount: Money
    count: int | None = None


def totals_of(account_ids: Collection[int], narrowing: Narrowing) -> list[StateTotal]:
    """Items summed by creditor and state, in the order of states; states without any are left out."""
    named = narrowing.parameters() | {"accounts": list(account_ids), "network": bound_network_id()}
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, named)
        rows = cursor.fetchall()
    found = [
        StateTotal(creditor, state, Money(minor, currency), items)
        for _, creditor, currency, state, items, minor in rows
        if state and items
    ]
    posted = moved(account_ids, narrowing.since, narrowing.until)
    for account, (creditor, currency) in {row[0]: (row[1], row[2]) for row in rows}.items():
        counted = sum(row[5] for row in rows if row[0] == account and row[3] is not None)
        if minor := posted.get(account, 0) - counted:
            found.append(StateTotal(creditor, OPEN, Money(minor, currency)))
    order = list(STATES)
    shown = [one for one in found if narrowing.state in ("", one.state)]
    return sorted(shown, key=lambda one: (one.creditor_id, order.index(one.state), one.amount.currency))
