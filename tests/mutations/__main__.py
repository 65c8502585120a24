"""Mutation check: each guard of the money in the database is taken away in turn, and a test must notice.

`make test-mutations`, or with words that the names of the guards hold: `make test-mutations ARGS="trigger settlement"`.
First the tests run once as they are, and the server's log says which of them come upon which guard; then those run
in clones of a template without it, until one fails. What refuses nothing is looked for in the files of tests that
speak of it. Exits 1 if there is a guard that no test misses.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path

import django
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
PLACES = ("ledger", "settlement", "audit", "db", "core", "orgs", "patients", "content", "vendors")
MOST_TESTS, MOST_FILES = 12, 15


@cache
def files_of_tests() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text().lower()
        for place in PLACES
        for path in sorted((ROOT / "tests" / place).rglob("test_*.py"))
        # The walk down and up compares schemas: it misses every guard, whatever it is good for.
        if "machine" not in path.parts and path.name != "test_sql_files.py"
    }


@cache
def said_by(word: str) -> int:
    return sum(word in text for text in files_of_tests().values())


def speak_of(words: Sequence[str]) -> list[str]:
    """The files of tests that say most of these words; what few files say counts more."""
    tests = files_of_tests()
    said = {path: sum(1 / said_by(word) for word in words if word in text) for path, text in tests.items()}
    return sorted((path for path in tests if said[path]), key=said.__getitem__, reverse=True)[:MOST_FILES]


def of_each_file(tests: Iterable[str]) -> list[str]:
    """Each test once: the first ones of all files before the second ones."""
    by_file: dict[str, dict[str, None]] = defaultdict(dict)
    for test in tests:
        by_file[test.split("::")[0]][test] = None
    return [test for nth in zip_longest(*by_file.values()) for test in nth if test]


def failing(without: str, template: str, number: int, tests: Sequence[str]) -> str:
    """The first of these tests that fails where this statement was run in the template, or nothing."""
    from network.databases import administrator, drop

    name = f"caretree_mutation_{os.getpid()}_{number}"
    with administrator() as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                *map(sql.Identifier, (name, template))
            )
        )
    try:
        with administrator(name) as inside:
            inside.execute(without)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", *tests],
            cwd=ROOT,
            env=os.environ | {"CARETREE_TEMPLATE": name},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        drop(name)
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", ran.stdout, re.M)
    return failed[1] if ran.returncode and failed else ""


def main(words: list[str]) -> int:
    from network.databases import administrator
    from tests.databases import template
    from tests.mutations.guards import Guard, guards
    from tests.mutations.reached import reports_of

    base = template()
    with administrator(base) as connection:
        chosen = [guard for guard in guards(connection) if all(word in guard.name for word in words)]
    reports = reports_of(files_of_tests(), ROOT)

    def noticed(number: int, guard: Guard) -> Iterator[str]:
        reached = of_each_file(report.test for report in reports if guard.shows_in(report.mentions))
        for tests in (reached[:MOST_TESTS], speak_of(guard.words)):
            if tests and (test := failing(guard.without, base, number, tests)):
                yield test

    def told(numbered: tuple[int, Guard]) -> bool:
        by = next(noticed(*numbered), "")
        print(f"{by or 'NOBODY':<90} {numbered[1].name}", flush=True)
        return bool(by)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        unnoticed = list(pool.map(told, enumerate(chosen))).count(False)
    print(f"{len(chosen)} guards, {unnoticed} that no test misses.")
    return int(unnoticed > 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network.settings")
    django.setup()
    sys.exit(main(sys.argv[1:]))
