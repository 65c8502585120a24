"""The walls between networks, leaned on with raw SQL as each role of the database, in every tenant table.

Every statement is rolled back. A refusal has to be the wall's own: one that comes for another reason proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from core.tenancy.lookups import LOOKUPS
from core.tenancy.roles import LOOKUP, PORTAL, POSTER, WEB
from network.databases import login
from network.isolation.catalogue import walled_tables

#: Every role that the application works as -> the login that can take it. Owner and migrator are above the walls.
ROLES = {WEB: "default", PORTAL: "default", POSTER: "migrator", LOOKUP: "migrator"}
FREE_ID = 900_000_000
UNBOUND = "42501 no network is bound"
DENIED = "42501 permission denied"
NO_ROWS = "0 rows"
WALL = "42501 new row violates row-level security policy"
#: Tables whose own trigger is quicker than the policy.
OWN_RULES = {
    "ledger_account": "CT001 A third party keeps no books here",
    "orgs_organization": "23514 the kind, currency and network of an organization never change",
    "vendors_servicerequest": "23514 what a request asks, for whom and of whom never changes",
    "vendors_requesttransition": "42501 this request is not of this vendor",
    "vendors_taskpatient": "42501 this request is not of this vendor",
}
STATEMENTS = {
    "SELECT": "SELECT {readable} FROM {table}",
    "INSERT": "INSERT INTO {table} ({insertable}) SELECT {insertable} FROM jsonb_populate_record(NULL::{table}, %(row)s)",
    "UPDATE": "UPDATE {table} SET {updatable} = {updatable} WHERE {network} = %(foreign)s",
    "DELETE": "DELETE FROM {table} WHERE {network} = %(foreign)s",
    "TRUNCATE": "TRUNCATE {table}",
}


class _Undo(Exception):  # noqa: N818 - says no error, only "back"
    pass


@contextmanager
def undone(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor whose work, role and binding are rolled back."""
    try:
        with connection.transaction(), connection.cursor() as cursor:
            yield cursor
            raise _Undo
    except _Undo:
        pass


def _wall_of(table: str) -> str:
    """The refusal by a table's own policy; that of another table, which a trigger writes, is luck."""
    return f'{WALL} for table "{table}"'


def network_column(table: str) -> str:
    return "id" if table == "core_network" else "network_id"


def refusal(
    connection: psycopg.Connection[Any], cursor: psycopg.Cursor[Any], statement: Any, values: Any = ()
) -> str:
    """SQLSTATE and message of the refusal of a statement; '' when it was not refused. Undone either way."""
    try:
        with undone(connection):
            cursor.execute(statement, values)
    except psycopg.Error as error:
        return f"{error.sqlstate} {error.diag.message_primary}"
    return ""


@dataclass
class Rows:
    """What the migrator, whom no policy binds, sees of a table: how many rows are the own network's, and a foreign one."""

    own: int
    foreign: dict[str, Any] | None


def rows_of(connection: psycopg.Connection[Any], table: str, own: int, foreign: int) -> Rows:
    names = {"table": sql.Identifier(table), "network": sql.Identifier(network_column(table))}
    counted = connection.execute(
        sql.SQL("SELECT count(*) FROM {table} WHERE {network} = %s").format(**names), [own]
    ).fetchone()
    row = connection.execute(
        sql.SQL("SELECT to_jsonb(t) FROM {table} t WHERE {network} = %s LIMIT 1").format(**names), [foreign]
    ).fetchone()
    return Rows(counted[0] if counted else 0, row[0] if row else None)


@dataclass
class Columns:
    """The columns of a table that can be written at all, and those on which a role has a privilege."""

    writable: list[str]
    privileged: dict[str, list[str]]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any], role: str, table: str) -> Columns:
        kinds = ("SELECT", "INSERT", "UPDATE")
        found = connection.execute(
            "SELECT attname, attgenerated <> '', ARRAY(SELECT kind FROM unnest(%s::text[]) kind"
            " WHERE has_column_privilege(%s, attrelid, attnum, kind)) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [list(kinds), role, table],
        ).fetchall()
        return cls(
            [name for name, generated, _ in found if not generated],
            {
                kind: [
                    name
                    for name, generated, may in found
                    if kind in may and not (generated and kind != "SELECT")
                ]
                for kind in kinds
            },
        )


@dataclass
class Attacker:
    """One role's connection, bound to the own network or to none, leaning on tenant tables."""

    connection: psycopg.Connection[Any]
    role: str
    own: int
    foreign: int
    vendor: int
    contact: int

    @contextmanager
    def bound(self, network_id: int | None) -> Iterator[psycopg.Cursor[Any]]:
        with undone(self.connection) as cursor:
            cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self.role)))
            network, vendor, contact = (
                str(value) if network_id else "" for value in (network_id, self.vendor, self.contact)
            )
            cursor.execute(
                "SELECT set_config('app.network', %s, true), set_config('app.vendor', %s, true),"
                " set_config('app.contact', %s, true)",
                [network, vendor, contact],
            )
            yield cursor

    def attack(self, tables: Mapping[str, Rows]) -> Iterator[tuple[str, str]]:
        """(table, sentence) of what this role can do and shouldn't."""
        columns = {table: Columns.of(self.connection, self.role, table) for table in tables}
        with self.bound(None) as cursor:
            for table, rows in tables.items():
                yield from ((table, said) for said in self._unbound(cursor, table, rows, columns[table]))
        with self.bound(self.own) as cursor:
            for table, rows in tables.items():
                for check in (self._reading, self._writing, self._moving):
                    yield from ((table, said) for said in check(cursor, table, rows, columns[table]))

    def _unbound(
        self, cursor: psycopg.Cursor[Any], table: str, rows: Rows, columns: Columns
    ) -> Iterator[str]:
        for privilege in STATEMENTS:
            if self.role == LOOKUP and privilege == "SELECT":
                continue  # look-ups come before binding: `_reading` holds them to their closed list
            said = self._try(cursor, privilege, table, rows, columns)
            if not said.startswith((UNBOUND, DENIED, OWN_RULES.get(table, UNBOUND))):
                yield f"{privilege} without a network: {said or 'accepted'}"

    def _reading(
        self, cursor: psycopg.Cursor[Any], table: str, rows: Rows, columns: Columns
    ) -> Iterator[str]:
        readable = columns.privileged["SELECT"]
        if self.role == LOOKUP:
            listed = {column for entry in LOOKUPS.values() for column in entry.reads.get(table, "").split()}
            if beyond := sorted(set(readable) - listed):
                yield f"reads {', '.join(beyond)} of every network, beyond the closed list of look-ups"
            return
        if not readable:
            said = self._try(cursor, "SELECT", table, rows, columns)
            if not said.startswith(DENIED):
                yield f"SELECT: {said or 'accepted'}"
            return
        statement = sql.SQL("SELECT count(*) FROM (SELECT {} FROM {}) seen").format(
            sql.SQL(", ").join(map(sql.Identifier, readable)), sql.Identifier(table)
        )
        found = cursor.execute(statement).fetchone()
        if found and found[0] > rows.own:
            yield f"SELECT shows {found[0]} rows, and the network has {rows.own}"

    def _writing(
        self, cursor: psycopg.Cursor[Any], table: str, rows: Rows, columns: Columns
    ) -> Iterator[str]:
        for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            said = self._try(cursor, privilege, table, rows, columns)
            if privilege in ("UPDATE", "DELETE") and said == NO_ROWS:
                continue
            if not said.startswith((DENIED, _wall_of(table), OWN_RULES.get(table, DENIED))):
                yield f"{privilege} of a foreign row: {said or 'accepted'}"

    def _moving(self, cursor: psycopg.Cursor[Any], table: str, rows: Rows, columns: Columns) -> Iterator[str]:
        """An own row can't be handed to another network."""
        column = network_column(table)
        if column not in columns.privileged["UPDATE"] or not rows.own:
            return
        statement = sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        said = refusal(self.connection, cursor, statement, [self.foreign])
        if not said and cursor.rowcount > 0:
            yield "UPDATE moves an own row into another network: accepted"

    def _try(
        self, cursor: psycopg.Cursor[Any], privilege: str, table: str, rows: Rows, columns: Columns
    ) -> str:
        """What a statement over a foreign row says: its refusal, that it met no row, '' where it was done."""
        readable, insertable, updatable = (
            columns.privileged[kind] for kind in ("SELECT", "INSERT", "UPDATE")
        )
        names = {
            "table": sql.Identifier(table),
            "network": sql.Identifier(network_column(table)),
            "readable": sql.SQL(", ").join(map(sql.Identifier, readable)) if readable else sql.SQL("*"),
            "insertable": sql.SQL(", ").join(map(sql.Identifier, insertable or columns.writable)),
            "updatable": sql.Identifier((updatable or columns.writable)[0]),
        }
        row = rows.foreign or {}
        values = {"row": json.dumps(row | ({"id": FREE_ID} if "id" in row else {})), "foreign": self.foreign}
        statement = sql.SQL(STATEMENTS[privilege]).format(**names)
        return refusal(self.connection, cursor, statement, values) or (
            NO_ROWS if cursor.rowcount == 0 else ""
        )


def lean_on_the_walls(
    database: str, own: int, foreign: int, *, vendor: int, contact: int, told: Callable[[str], object]
) -> Iterator[tuple[str, str, str]]:
    """(role, table, sentence) of everything that a role of the database can do across networks."""
    with login("migrator", database) as migrator:
        tables = {table: rows_of(migrator, table, own, foreign) for table in walled_tables(migrator.cursor())}
    for role, alias in ROLES.items():
        told(f"Raw SQL as {role} …")
        with login(alias, database) as connection:
            attacker = Attacker(connection, role, own, foreign, vendor, contact)
            yield from ((role, table, sentence) for table, sentence in attacker.attack(tables))
            connection.rollback()
