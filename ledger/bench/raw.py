"""The yardstick: bare copies of the tables, and one statement that writes the same rows into them."""

from __future__ import annotations

from typing import Any

from ledger.bench.world import PRICE, SHARE, World
from ledger.posting import Record

#: Columns, indexes and generated columns as in the ledger; no keys, triggers, policies or checks.
SET_UP = """
    CREATE SCHEMA bench;
    CREATE TABLE bench.event (LIKE ledger_ledgerevent INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
    CREATE TABLE bench.line (LIKE ledger_journalline INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE bench.movement (LIKE ledger_entitlementmovement INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE bench.delta (LIKE ledger_balancedelta INCLUDING DEFAULTS INCLUDING INDEXES);
    CREATE TABLE bench.entitlement_line (
        LIKE ledger_entitlementline INCLUDING DEFAULTS INCLUDING INDEXES);
    INSERT INTO bench.entitlement_line TABLE ledger_entitlementline;
    GRANT USAGE ON SCHEMA bench TO caretree_web;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bench TO caretree_web;
"""

STATEMENT = """
    WITH event AS (
        INSERT INTO bench.event (network_id, key, payload_hash, kind, effective_on, posted_at, organization_id, inputs,
                                 line_count, movement_count, actor_kind, actor_id, actor_label)
        VALUES (%(network)s, %(key)s, %(hash)s, %(kind)s, %(day)s, clock_timestamp(), %(sub)s, %(inputs)s, 6, 1,
                'system', NULL, 'benchmark') RETURNING id),
    line AS (
        INSERT INTO bench.line (network_id, event_id, line_no, account_id, organization_id, counterparty_id, currency,
                                amount_minor, effective_on)
        SELECT %(network)s, event.id, n, account, organization, counterparty, 'USD', amount, %(day)s
          FROM event, unnest(%(accounts)s::bigint[], %(organizations)s::bigint[], %(counterparties)s::bigint[],
                             %(amounts)s::bigint[])
               WITH ORDINALITY AS one (account, organization, counterparty, amount, n)),
    delta AS (
        INSERT INTO bench.delta (network_id, account_id, event_id, effective_on, debit_minor, credit_minor)
        SELECT %(network)s, account, event.id, %(day)s, greatest(amount, 0), greatest(-amount, 0)
          FROM event, unnest(%(accounts)s::bigint[], %(amounts)s::bigint[]) AS one (account, amount)),
    movement AS (
        INSERT INTO bench.movement (network_id, event_id, movement_no, entitlement_line_id, units, amount_minor)
        SELECT %(network)s, event.id, 1, %(entitlement_line)s, -1, %(recognized)s FROM event)
    UPDATE bench.entitlement_line SET left_units = left_units - 1, open_minor = open_minor + %(recognized)s
     WHERE network_id = %(network)s AND id = %(entitlement_line)s
"""


def parameters(world: World, record: Record) -> dict[str, Any]:
    """The same rows, with everything looked up beforehand."""
    lines = record.lines
    return {
        "network": world.network_id,
        "key": record.key,
        "hash": record.payload_hash,
        "kind": str(record.kind),
        "day": record.effective_on,
        "sub": record.organization_id,
        "inputs": f'{{"basis": "allocated_price", "percent": "80", "recognized_minor": {PRICE}, "share": {SHARE}}}',
        "accounts": [
            world.accounts[line.organization_id, str(line.account), line.counterparty_id] for line in lines
        ],
        "organizations": [line.organization_id for line in lines],
        "counterparties": [line.counterparty_id for line in lines],
        "amounts": [line.amount_minor for line in lines],
        "entitlement_line": record.movements[0].entitlement_line_id,
        "recognized": record.movements[0].amount_minor,
    }
