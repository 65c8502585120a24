"""The guards of the money in the database: a trigger, a check, a uniqueness, or a refusal in a function."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

OWNED = "(ledger|settlement|audit)"

TRIGGERS = f"""
    SELECT t.tgname, t.tgrelid::regclass::text, p.proname, count(*) OVER (PARTITION BY p.oid), p.prosrc
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relname ~ '^{OWNED}_' AND NOT c.relispartition ORDER BY 2, 1
"""
CONSTRAINTS = f"""
    SELECT i.relname, c.relname, false
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE x.indisunique AND NOT x.indisprimary AND c.relname ~ '^{OWNED}_' AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid)
    UNION ALL
    SELECT conname, conrelid::regclass::text, true FROM pg_constraint JOIN pg_class c ON c.oid = conrelid
    WHERE contype IN ('c', 'u') AND c.relname ~ '^{OWNED}_' AND NOT c.relispartition
      -- Says of a network's row what the primary key says of every row, for foreign keys to point to.
      AND conname !~ '_network_key$'
    ORDER BY 2, 1
"""
#: Constraint -> the check of the same table that refuses what it refuses, and earlier in the alphabet: nobody would
#: miss it.
IMPLIED = {
    "ledger_chargereceipt_number_check": "chargereceipt_number_positive",
    "ledger_creditnote_number_check": "creditnote_number_positive",
    "ledger_exchangerate_version_check": "exchangerate_version",
    "settlementrun_status_known": "settlementrun_approved",
}
FUNCTIONS = """
    SELECT p.oid::regproc::text, pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE l.lanname = 'plpgsql' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
#: A statement that refuses, to its end; semicolons in its texts are no end.
REFUSAL = re.compile(r"(?:RAISE EXCEPTION|PERFORM posting\.(?:refuse|check)\w*\()(?:'(?:[^']|'')*'|[^;'])*;")

#: A table's name without its app, as the name of its model says it in small letters.
MODEL = re.compile(r"(?:ledger|settlement|audit)_([a-z]+)")


@dataclass(frozen=True)
class Guard:
    """What can be taken away, how, and by what a test is known that comes upon it.

    Of each of `signs` the report of an error says one; `words` are what tests of a trigger may say that refuses nothing.
    """

    name: str
    without: str
    signs: tuple[frozenset[str], ...]
    words: tuple[str, ...] = ()

    def shows_in(self, report: frozenset[str]) -> bool:
        return all(sign & report for sign in self.signs)


def guards(connection: psycopg.Connection) -> Iterator[Guard]:
    for name, table, function, uses, body in connection.execute(TRIGGERS):
        signs = (frozenset({function}), frozenset({table}))
        yield Guard(
            f"trigger {table} {name}",
            f"DROP TRIGGER {name} ON {table}",
            signs if uses > 1 else signs[:1],
            (name, function, *dict.fromkeys(MODEL.findall(f"{table} {body}"))),
        )
    for name, table, constraint in connection.execute(CONSTRAINTS):
        if name in IMPLIED:
            continue
        without = f"ALTER TABLE {table} DROP CONSTRAINT {name}" if constraint else f"DROP INDEX {name}"
        yield Guard(f"constraint {table} {name}", without, (frozenset({name}),))
    for name, definition in connection.execute(FUNCTIONS):
        body = definition.index("AS $")
        for number, found in enumerate(REFUSAL.finditer(definition), 1):
            line = definition.count("\n", body, found.start()) + 1
            yield Guard(
                f"refusal {name} {number}: {' '.join(found[0].split())[:110]}",
                f"{definition[: found.start()]}NULL;{definition[found.end() :]}",
                (frozenset({f"{name}:{line}"}),),
            )
