"""Mutation check: each guard of the money in the database is taken away in turn, and a test must notice.

`make test-mutations`, or with words that the names of the guards hold: `make test-mutations ARGS="trigger settlement"`.
A guard is a trigger, a check, a uniqueness, or a refusal in a function. For each, the files of tests that say most of
its words run in clones of a template without it, until a test fails. Exits 1 if there is a guard that no test misses.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import django
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
PLACES = ("ledger", "settlement", "audit", "db", "core", "orgs", "patients", "content", "vendors")
MOST_FILES = 15
OWNED = "(ledger|settlement|audit)"

TRIGGERS = f"""
    SELECT t.tgname, t.tgrelid::regclass::text, p.proname
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
FUNCTIONS = """
    SELECT p.oid::regproc::text, p.proname, pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE l.lanname = 'plpgsql' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
#: A statement that refuses, to its end; semicolons in its texts are no end.
REFUSAL = re.compile(r"(?:RAISE EXCEPTION|PERFORM posting\.(?:refuse|check)\w*\()(?:'(?:[^']|'')*'|[^;'])*;")
TEXT = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Guard:
    """What can be taken away, how, and the words by which a test of it is found."""

    name: str
    without: str
    words: tuple[str, ...]

    def likelihood(self, text: str) -> float:
        """How much of its words a file of tests says; what few files say counts more."""
        return sum(1 / said_by(word) for word in self.words if word in text)


def guards(connection: psycopg.Connection) -> Iterator[Guard]:
    for name, table, function in connection.execute(TRIGGERS):
        yield Guard(f"trigger {table} {name}", f"DROP TRIGGER {name} ON {table}", (name, function, table))
    for name, table, constraint in connection.execute(CONSTRAINTS):
        without = f"ALTER TABLE {table} DROP CONSTRAINT {name}" if constraint else f"DROP INDEX {name}"
        # The last word leads to the file that attacks each of them, some without saying their names.
        yield Guard(f"constraint {table} {name}", without, (name, name.split("_", 1)[-1], table, "CHECKS"))
    for name, function, definition in connection.execute(FUNCTIONS):
        for number, found in enumerate(REFUSAL.finditer(definition), 1):
            without = f"{definition[: found.start()]}NULL;{definition[found.end() :]}"
            yield Guard(
                f"refusal {name} {number}: {' '.join(found[0].split())[:110]}",
                without,
                (function, *fragments(found[0])),
            )


def fragments(refusal: str) -> Iterator[str]:
    """What a test may say of a refusal: its code, and each two words of its text that follow one another."""
    for text in TEXT.findall(refusal):
        said = text.replace("''", "'").split(" ")
        yield from (
            said
            if len(said) == 1
            else (" ".join(pair) for pair in pairwise(said) if "%" not in "".join(pair))
        )


@cache
def files_of_tests() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for place in PLACES
        for path in sorted((ROOT / "tests" / place).rglob("test_*.py"))
        # The walk down and up compares schemas: it misses every guard, whatever it is good for.
        if "machine" not in path.parts and path.name != "test_sql_files.py"
    }


@cache
def said_by(word: str) -> int:
    return sum(word in text for text in files_of_tests().values())


def noticed(guard: Guard, template: str) -> str:
    """The first test that fails without the guard, or nothing."""
    from network.databases import administrator, drop

    name = f"caretree_mutation_{os.getpid()}"
    with administrator() as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template)))
        )
    with administrator(name) as inside:
        inside.execute(guard.without)
    tests = files_of_tests()
    files = sorted(tests, key=lambda path: guard.likelihood(tests[path]), reverse=True)[:MOST_FILES]
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *files],
            cwd=ROOT,
            env=os.environ | {"CARETREE_TEMPLATE": name},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        drop(name)
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.M)
    if ran.returncode == 0 or failed is None:
        return ""
    return failed[1]


def main(words: list[str]) -> int:
    from network.databases import administrator
    from tests.databases import template

    base = template()
    with administrator(base) as connection:
        chosen = [guard for guard in guards(connection) if all(word in guard.name for word in words)]
    unnoticed = 0
    for guard in chosen:
        by = noticed(guard, base)
        unnoticed += not by
        print(f"{by or 'NOBODY':<90} {guard.name}", flush=True)
    print(f"{len(chosen)} guards, {unnoticed} that no test misses.")
    return int(unnoticed > 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
