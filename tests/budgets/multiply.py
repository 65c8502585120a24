"""More rows of a kind, copied in the database with what must be unique made so; foreign keys and triggers asleep."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

UNIQUE = """
    SELECT ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int[]) u JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u)
      FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique ORDER BY i.indexrelid"""
COLUMNS = "SELECT attname, typname, atttypmod - 4, attgenerated <> '' FROM pg_attribute JOIN pg_type t ON t.oid = atttypid WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
TARGETS = """
    SELECT a.attname::text, k.confrelid::regclass::text FROM pg_constraint k
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[cardinality(k.conkey)]
     WHERE k.contype = 'f' AND k.conrelid = %s::regclass AND cardinality(k.conkey) <= 2"""
#: What has too few rows to choose others from, or whose copies would change what a page is about.
SHARED = {"orgs_organization", "core_network", "people_user", "ledger_service"}
#: Numbers that no row has yet.
FIRST = 700_000


@dataclass
class Multiplier:
    """Copies rows of one network until a table has as many as wanted."""

    cursor: psycopg.Cursor[Any]
    network_id: int
    numbers: count[int] = field(default_factory=lambda: count(FIRST))

    def fill(self, table: str, wanted: int, where: str = "true", apart: str = "") -> None:
        """As many rows as wanted among those for which the condition holds, each with its own row behind `apart`."""
        rows = self._rows(table, where)
        assert rows, f"{table} has no row to copy"
        for index in range(wanted - len(rows)):
            self._copy(table, rows[index % len(rows)], apart)

    def trim(self, table: str, left: int, where: str) -> None:
        """No more than so many rows, of those for which the condition holds."""
        statement = (
            "DELETE FROM {table} WHERE network_id = %s AND ctid NOT IN"
            " (SELECT ctid FROM {table} WHERE network_id = %s AND {where} LIMIT %s)"
        )
        names = {"table": sql.Identifier(table), "where": sql.SQL(where)}
        self.cursor.execute(sql.SQL(statement).format(**names), [self.network_id, self.network_id, left])

    def _rows(self, table: str, where: str) -> list[dict[str, Any]]:
        statement = sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE network_id = %s AND {} ORDER BY ctid").format(
            sql.Identifier(table), sql.SQL(where)
        )
        return [row for (row,) in self.cursor.execute(statement, [self.network_id]).fetchall()]

    def _copy(self, table: str, row: dict[str, Any], apart: str = "") -> dict[str, Any]:
        kinds = {
            name: (kind, length)
            for name, kind, length, generated in self.cursor.execute(COLUMNS, [table]).fetchall()
            if not generated
        }
        targets = dict(self.cursor.execute(TARGETS, [table]).fetchall())
        new = {name: value for name, value in row.items() if name in kinds}
        if "id" in new:
            new["id"] = next(self.numbers)
        changed: set[str] = {"id"}
        if apart:
            new[apart] = self._other(apart, new[apart], kinds, targets)
            changed.add(apart)
        for (columns,) in self.cursor.execute(UNIQUE, [table]).fetchall():
            if not changed & set(columns) and all(new.get(name) is not None for name in columns):
                column = self._freest([name for name in columns if name != "network_id"], kinds, targets)
                if column:
                    new[column] = self._other(column, new[column], kinds, targets)
                    changed.add(column)
        names = sql.SQL(", ").join(map(sql.Identifier, new))
        statement = sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s)"
        )
        self.cursor.execute(statement.format(table=sql.Identifier(table), names=names), [json.dumps(new)])
        return new

    def _freest(self, columns: list[str], kinds: dict[str, Any], targets: dict[str, str]) -> str | None:
        """The column to change: a number or a text of its own, else a key to something that can be copied too."""
        own = [name for name in columns if name in kinds and name not in targets and _has_room(*kinds[name])]
        keys = [name for name in columns if name in targets and targets[name] not in SHARED]
        return (own or keys or [None])[0]

    def _other(self, column: str, value: Any, kinds: dict[str, Any], targets: dict[str, str]) -> Any:
        if column in targets:
            target = targets[column]
            row = self.cursor.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE id = %s").format(sql.Identifier(target)), [value]
            ).fetchone()
            assert row
            return self._copy(target, row[0])["id"]
        kind, length = kinds[column]
        number = next(self.numbers)
        if kind in ("int2", "int4", "int8"):
            return number - FIRST + 1_000 if kind == "int2" else number
        return f"{str(value)[: (length if length > 0 else 80) - 7]}{number}"


def _has_room(kind: str, length: int) -> bool:
    """Whether a column takes many values: no day, and no code of three letters."""
    return kind != "date" and not (kind in ("varchar", "bpchar") and 0 < length <= 3)
