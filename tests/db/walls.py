"""The walls between networks, leaned on with raw SQL as the web role, in every tenant table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from core.tenancy.roles import WEB
from tests.db.catalogue import tenant_tables

FREE_ID = 900_000_000


class _Undo(Exception):
    pass


@dataclass
class Walls:
    """A connection of the administrator that works as the web role where the test says so."""

    connection: psycopg.Connection[Any]
    own: int
    foreign: int

    @property
    def tables(self) -> list[str]:
        with self.connection.cursor() as cursor:
            return tenant_tables(cursor)

    @contextmanager
    def undone(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor whose work, role and binding are rolled back."""
        try:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                yield cursor
                raise _Undo
        except _Undo:
            pass

    @contextmanager
    def web(self, network_id: int | None) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor of the web role, bound to a network or to none."""
        with self.undone() as cursor:
            cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {WEB}")
            cursor.execute("SELECT set_config('app.network', %s, true)", [str(network_id or "")])
            yield cursor

    def may(self, table: str, privilege: str) -> bool:
        row = self.connection.execute(
            "SELECT has_table_privilege(%s, %s, %s)", [WEB, f"public.{table}", privilege]
        ).fetchone()
        return bool(row and row[0])

    def granted(self, privilege: str) -> list[str]:
        """The tables where the web role has a privilege, be it on some columns only."""
        if privilege == "UPDATE":
            return [table for table in self.tables if self.updatable(table)]
        return [table for table in self.tables if self.may(table, privilege)]

    def updatable(self, table: str) -> str | None:
        """A column that the web role may update, the network's if it may."""
        found = self.connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' AND has_column_privilege(%(role)s, attrelid, attnum, 'UPDATE')"
            " ORDER BY attname <> %(network)s LIMIT 1",
            {"table": table, "role": WEB, "network": network_column(table)},
        ).fetchone()
        return str(found[0]) if found else None

    def row(self, table: str, network_id: int) -> dict[str, Any]:
        """One row of a network with its place (`ctid`), as the administrator sees it."""
        column = network_column(table)
        statement = sql.SQL(
            "SELECT to_jsonb(t) || jsonb_build_object('ctid', ctid::text) FROM {} t WHERE {} = %s ORDER BY ctid LIMIT 1"
        ).format(sql.Identifier(table), sql.Identifier(column))
        found = self.connection.execute(statement, [network_id]).fetchone()
        assert found, f"{table} has no row of network {network_id}"
        return dict(found[0])

    def insertable(self, table: str) -> list[str]:
        found = self.connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [table],
        ).fetchall()
        return [name for (name,) in found]

    def insert_copy(self, cursor: psycopg.Cursor[Any], table: str, row: dict[str, Any]) -> None:
        """The row again, under an id that is free."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.insertable(table)))
        target = sql.Identifier(table)
        statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM jsonb_populate_record(NULL::{}, %s)").format(
            target, columns, columns, target
        )
        free = {"id": FREE_ID} if "id" in row else {}
        cursor.execute(statement, [json.dumps(row | free)])

    def visible_of_others(self, cursor: psycopg.Cursor[Any], table: str) -> int:
        """How many rows of other networks a cursor sees."""
        statement = sql.SQL("SELECT count(*) FROM {} WHERE {} <> %s").format(
            sql.Identifier(table), sql.Identifier(network_column(table))
        )
        found = cursor.execute(statement, [self.own]).fetchone()
        assert found
        return int(found[0])


def network_column(table: str) -> str:
    return "id" if table == "core_network" else "network_id"


def refusal(walls: Walls, cursor: psycopg.Cursor[Any], statement: Any, values: Any = ()) -> str:
    """SQLSTATE and message of the refusal of a statement; '' when it was not refused."""
    try:
        with walls.connection.transaction():
            cursor.execute(statement, values)
    except psycopg.Error as error:
        return f"{error.sqlstate} {error.diag.message_primary}"
    return ""
