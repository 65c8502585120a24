"""Rows in every tenant table of a network, made by introspection, so that new tables are covered by themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from network.databases import login
from network.isolation.cast import CANARY
from network.isolation.catalogue import walled_tables


@dataclass(frozen=True)
class Of:
    """The id of the network's row in another table, where no foreign key says so; its first, or its last."""

    table: str
    is_last: bool = False


#: What introspection can't guess: table -> {column: value}.
HINTS: dict[str, dict[str, Any]] = {
    "content_contentversion": {"state": "draft", "body": '{"items": []}'},
    "content_contentshare": {"mode": "linked"},
    "audit_accessevent": {"patient_ids": [1]},
    "audit_patientread": {"event_id": Of("audit_accessevent")},
    "ledger_account": {"code": "cash"},
    "ledger_balance": {"account_id": Of("ledger_account")},
    "ledger_balancedelta": {"account_id": Of("ledger_account"), "event_id": Of("ledger_ledgerevent")},
    "ledger_standing": {"account_id": Of("ledger_account")},
    "ledger_beneficiary": {"removed_at": "2026-01-01T00:00:00Z"},
    "ledger_breakagemovement": {
        "pool_id": Of("ledger_breakagepool"),
        "event_id": Of("ledger_ledgerevent"),
    },
    "ledger_breakagepool": {"open_minor": 1, "booked_minor": 0},
    "ledger_entitlementline": {"service_id": Of("ledger_service"), "category": ""},
    "ledger_entitlementmovement": {
        "event_id": Of("ledger_ledgerevent"),
        "entitlement_line_id": Of("ledger_entitlementline"),
    },
    "ledger_journalline": {"account_id": Of("ledger_account"), "event_id": Of("ledger_ledgerevent")},
    "ledger_exchangerate": {"base": "EUR", "quote": "INR"},
    "ledger_ledgerevent": {"kind": "sale", "line_count": 2},
    "ledger_package": {"refund_fee_minor": 0, "use": "person", "most_people": 1},
    "ledger_packageline": {"service_id": Of("ledger_service"), "category": ""},
    "ledger_periodreopening": {"status": "requested", "books": []},
    "ledger_backtest": {"first_on": "2026-01-01", "last_on": "2026-01-31"},
    "ledger_pricechange": {"percent": 5, "amount_minor": None, "rounding": "1", "prices": 1, "undone_by": ""},
    "ledger_quote": {"status": "open"},
    "ledger_quoteline": {"price_minor": 1, "discount_minor": 0},
    "ledger_reportschedule": {"every": "day", "on_day": 0, "period": "yesterday", "formats": ["csv"]},
    "ledger_ruleversion": {"when": "{}", "outcome": "{}"},
    "ledger_sale": {
        "price_minor": 1,
        "discount_minor": 0,
        "tax_added_minor": 0,
        "tax_point": "sale",
        "refund": "none",
        "refund_fee_minor": 0,
        "expiry": "breakage_revenue",
    },
    "ledger_taxcode": {"method": "included", "status": "active"},
    "ledger_unclaimeditem": {"amount_minor": 1},
    "ledger_taxline": {
        "event_id": Of("ledger_ledgerevent"),
        "method": "included",
        "percent": 0,
        "base_minor": 0,
        "tax_minor": 0,
    },
    "settlement_bankaccount": {
        "iban": "DE89370400440532013000",
        "account_number": "",
        "bank_code": "",
        "bic": "",
    },
    "settlement_paymentconfirmation": {"bounce_reason": ""},
    "settlement_settlementpair": {"second_id": Of("orgs_organization", is_last=True)},
    "settlement_settlementpayment": {
        "receiver_id": Of("orgs_organization", is_last=True),
        "confirmed_minor": 0,
    },
    "settlement_settlementrun": {"status": "proposed", "content_hash": "", "approved_by_label": ""},
    "orgs_hostname": {"name": "care.canary.example", "face": "console", "confirmed_by": ""},
    "orgs_logo": {"sha256": "c" * 64},
    "ledger_redemptionimport": {
        "status": "checked",
        "line_count": 1,
        "open_count": 0,
        "redeemed_count": 0,
        "repeated_count": 0,
        "refused_count": 1,
    },
    "ledger_redemptionimportline": {"outcome": "refused"},
    "orgs_organizationimport": {"content": "CANARY", "sha256": sha256(b"CANARY").hexdigest()},
    "orgs_onboardingstep": {"done_at": "2026-01-01T00:00:00Z"},
    "orgs_moduleassignment": {"module": "dental", "active": True},
    "settlement_dispute": {"awaits_id": Of("orgs_organization"), "outcome": "", "correction_id": None},
    "settlement_finding": {"answer": ""},
    "settlement_statementimport": {"content": "CANARY", "status": "waiting"},
    "vendors_requestmessage": {
        "side": "staff",
        "kind": "message",
        "reason_code": "",
        "answer": "",
        "answer_text": "",
        "answered_by": "",
    },
    "vendors_result": {"version": 1, "correction": ""},
    # Accepted: a draft hides from the portal behind its status, and so would prove nothing about the network.
    "vendors_servicerequest": {
        "channel": "portal",
        "status": "accepted",
        "requested_at": "2026-01-01T00:00:00Z",
        "target_at": "2026-01-02T00:00:00Z",
        "due_at": "2026-01-02T00:00:00Z",
        "held_for": "0",
    },
}

COLUMNS = """
    SELECT a.attname, t.typname, a.atttypmod - 4, a.attnotnull, a.atthasdef OR a.attidentity <> '', a.attgenerated <> ''
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
KEYS = """
    SELECT k.confrelid::regclass::text,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                   JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY i),
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
                   JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY i)
      FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = %s::regclass ORDER BY cardinality(k.conkey)"""
CHECKS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
WHOLE = {"int2", "int4", "int8", "numeric", "float8"}
TEXTS = {"varchar", "text", "bpchar"}
PLAIN = {
    "bool": False,
    "date": "2026-01-01",
    "timestamptz": "2026-01-01T00:00:00Z",
    "time": "00:00",
    "interval": "1 hour",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


@dataclass
class Filler:
    """Fills the tenant tables of one network that have no row yet; `failed` says where it couldn't, and why."""

    cursor: psycopg.Cursor[Any]
    network_id: int
    user_id: int
    word: str
    failed: dict[str, str] = field(default_factory=dict)

    def fill(self) -> dict[str, str]:
        waiting = [table for table in walled_tables(self.cursor) if self._row(table) is None]
        while waiting:
            self.failed = {}
            left = [table for table in waiting if not self._insert(table)]
            if left == waiting:
                break
            waiting = left
        return self.failed

    def _insert(self, table: str) -> bool:
        if self._row(table) is not None:  # a trigger made it with another table's
            return True
        try:
            with self.cursor.connection.transaction():
                values = dict(self._values(table))
                statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, values)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(values)),
                )
                self.cursor.execute(statement, list(values.values()))
        except (psycopg.Error, LookupError) as error:
            self.failed[table] = f"{type(error).__name__}: {error}".splitlines()[0]
            return False
        return True

    def _values(self, table: str) -> Iterator[tuple[str, Any]]:
        needed_by_key = self._keys(table)
        checks = [definition for (definition,) in self.cursor.execute(CHECKS, [table]).fetchall()]
        hints = HINTS.get(table, {})
        for column, kind, length, needed, has_default, generated in self.cursor.execute(
            COLUMNS, [table]
        ).fetchall():
            if generated or (column == "id" and has_default):
                continue
            if column == "network_id":
                yield column, self.network_id
            elif column in hints:
                hint = hints[column]
                yield column, self._hinted(hint) if isinstance(hint, Of) else hint
            elif column in needed_by_key:
                if needed:
                    yield column, needed_by_key[column]()
            elif (listed := _listed(column, checks)) is not None:
                yield column, listed
            elif kind in TEXTS and (needed or not has_default):
                yield column, self._text(table, column, length)
            elif needed and not has_default:
                yield column, self._plain(table, column, kind)

    def _keys(self, table: str) -> dict[str, Callable[[], Any]]:
        """For each column of a foreign key: how to find what it points to; of several keys the shortest decides."""
        found: dict[str, Callable[[], Any]] = {}
        for target, columns, targets in self.cursor.execute(KEYS, [table]).fetchall():
            for column, there in zip(columns, targets, strict=True):
                found.setdefault(column, partial(self._target, target, there))
        return found

    def _hinted(self, hint: Of) -> Any:
        if not hint.is_last:
            return self._target(hint.table, "id")
        statement = sql.SQL("SELECT max(id) FROM {} WHERE network_id = {}")
        found = self.cursor.execute(
            statement.format(sql.Identifier(hint.table), sql.Literal(self.network_id))
        )
        row = found.fetchone()
        return row[0] if row else None

    def _target(self, table: str, column: str) -> Any:
        if table == "people_user":
            return self.user_id
        if table == "work_mail":
            return self._mail()
        found = self._row(table)
        if found is None:
            raise LookupError(f"{table} has no row to point to")
        return found[column]

    def _mail(self) -> int:
        """A message that was given up, for what is attached to one: messages themselves stand outside of networks."""
        made = self.cursor.execute(
            'INSERT INTO work_mail ("to", subject, body, sender, attempts, failure, network_id)'
            " VALUES ('far@foreign.example', 'Files', '', '', 99, '', %s) RETURNING id",
            [self.network_id],
        )
        (pk,) = made.fetchone() or (0,)
        return int(pk)

    def _row(self, table: str) -> dict[str, Any] | None:
        """The first row of a table: of the network, where the table is a tenant's."""
        column = "id" if table == "core_network" else "network_id"
        inside = sql.SQL("WHERE {} = {}").format(sql.Identifier(column), self.network_id)
        condition = inside if table in walled_tables(self.cursor) else sql.SQL("")
        statement = sql.SQL("SELECT to_jsonb(t) FROM {} t {} ORDER BY ctid LIMIT 1").format(
            sql.Identifier(table), condition
        )
        found = self.cursor.execute(statement).fetchone()
        return found[0] if found else None

    def _text(self, table: str, column: str, length: int) -> str:
        if column == "currency" or column.endswith("_currency"):
            return "USD"
        if column == "time_zone":
            return "UTC"
        if "email" in column:
            return f"{self.word}.{table}@foreign.example".lower()
        text = f"{self.word} {table} {column}"
        if "search" in column or column == "word":
            text = text.lower()
        return text[:length] if length > 0 else text

    def _plain(self, table: str, column: str, kind: str) -> Any:
        if kind in WHOLE:
            return self._target("orgs_organization", "id") if column.endswith("organization_id") else 1
        if kind == "jsonb":
            return json.dumps({"note": f"{self.word} {table} {column}"})
        if kind == "bytea":
            return f"{self.word} {table} {column}".encode()
        if kind.startswith("_"):
            return "{}" if kind != "_int8" else "{1}"
        return PLAIN[kind]


def _listed(column: str, checks: list[str]) -> str | None:
    """The first of the words that a CHECK lists for the column alone, if one does."""
    for definition in checks:
        if re.match(rf"CHECK \(\(\(?{column}\)?(::text)? = ANY", definition) and (
            words := re.findall(r"'([^']*)'::", definition)
        ):
            return str(words[0])
    return None


@contextmanager
def planter_in(database: str) -> Iterator[psycopg.Connection[Any]]:
    """The migrator in a database, with the tables' own triggers asleep: a canary's row need not be possible, only present."""
    with login("migrator", database) as connection:
        tables = walled_tables(connection.cursor())
        _triggers(connection, tables, "DISABLE")
        yield connection
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # rows may point to each other until here
        _triggers(connection, tables, "ENABLE")


def _triggers(connection: psycopg.Connection[Any], tables: Iterable[str], what: str) -> None:
    for table in tables:
        connection.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(table), sql.SQL(what))
        )


def plant(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Canaries in every tenant table of every canary network; what failed, by table."""
    failed: dict[str, str] = {}
    with connection.cursor() as cursor:
        networks = cursor.execute(
            "SELECT n.id, (SELECT min(m.user_id) FROM orgs_membership m WHERE m.network_id = n.id),"
            " split_part(n.name, ' ', 1) FROM core_network n WHERE n.name LIKE %s ORDER BY 1",
            [f"{CANARY}%"],
        ).fetchall()
        for network_id, user_id, word in networks:
            failed |= Filler(cursor, network_id, user_id, word).fill()
    return failed


def plant_in(database: str) -> dict[str, str]:
    """The same by the database's name."""
    with planter_in(database) as connection:
        return plant(connection)


def ids_of(connection: psycopg.Connection[Any], network_id: int, tables: Iterable[str]) -> dict[str, int]:
    """The id of one row of a network, by table; a table without one is left out."""
    found = {}
    for table in tables:
        statement = sql.SQL("SELECT min(id) FROM {} WHERE network_id = %s").format(sql.Identifier(table))
        row = connection.execute(statement, [network_id]).fetchone()
        if row and row[0]:
            found[table] = int(row[0])
    return found


def counts(connection: psycopg.Connection[Any], network_ids: Iterable[int]) -> dict[str, int]:
    """How many rows the networks have together, by tenant table."""
    found = {}
    for table in walled_tables(connection.cursor()):
        column = "id" if table == "core_network" else "network_id"
        statement = sql.SQL("SELECT count(*) FROM {} WHERE {} = ANY(%s)").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        row = connection.execute(statement, [list(network_ids)]).fetchone()
        found[table] = int(row[0]) if row else 0
    return found


_SEEN = re.compile(rf"{CANARY}C\d[\w @.\-]{{0,80}}", re.IGNORECASE)


def canaries_in(text: str, meant: Iterable[str] = ()) -> list[str]:
    """Every canary in a text, each once, with the words after it that say whose it is; not those that begin as meant."""
    mine = tuple(word.lower() for word in meant)
    found = (match[0].strip() for match in _SEEN.finditer(text))
    return list(dict.fromkeys(one for one in found if not (mine and one.lower().startswith(mine))))


def tables_of(connection: psycopg.Connection[Any], canary: str) -> list[str]:
    """The tenant tables that hold a canary as it was found, with as many of its words as they know."""
    words = canary.split(" ")
    for length in range(len(words), 0, -1):
        pattern = f"%{' '.join(words[:length])}%"
        found = [
            table
            for table in walled_tables(connection.cursor())
            if connection.execute(
                sql.SQL("SELECT 1 FROM {} t WHERE t::text ILIKE %s LIMIT 1").format(sql.Identifier(table)),
                [pattern],
            ).fetchone()
        ]
        if found:
            return found
    return []
