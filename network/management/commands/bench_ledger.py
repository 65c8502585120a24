"""Measures posting in a database made for it and dropped afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ledger.bench import run
from network.services import superuser_dsn

ALIASES = ("default", "migrator")


class Command(BaseCommand):
    help = (
        "Measure posting, as ratios to one hand-written statement that writes the same rows with no checks. "
        "Takes some minutes. Example: manage.py bench_ledger --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--lines", type=int, default=run.LARGE, help="how many lines to grow to")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lines"] <= run.SMALL:
            raise CommandError(f"--lines: the cost is compared with {run.SMALL:,} lines; grow to more.")
        with throw_away_database():
            figures = run.run(self.stderr.write, large=options["lines"])
        self.stdout.write(json.dumps(figures) if options["json"] else _text(figures))


@contextmanager
def throw_away_database() -> Iterator[None]:
    """A migrated database of the benchmark's own; the project's is not touched."""
    name = f"caretree_bench_{os.getpid()}"
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    with psycopg.connect(administrator_dsn(), autocommit=True) as administrator:
        administrator.execute(
            f"CREATE DATABASE {name} OWNER caretree_owner TEMPLATE template0 ENCODING 'UTF8'"
        )
        try:
            with psycopg.connect(administrator_dsn(name), autocommit=True) as inside:
                inside.execute("ALTER SCHEMA public OWNER TO caretree_owner")
            _use(dict.fromkeys(ALIASES, name))
            call_command("migrate", database="migrator", verbosity=0)
            yield
        finally:
            _use(before)
            administrator.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def administrator_dsn(database: str = "") -> str:
    """Who makes databases: the embedded server's administrator, or on one's own server the migrator with CREATEDB."""
    if settings.EMBEDDED:
        return superuser_dsn(database or "postgres")
    known = connections["migrator"].get_connection_params()
    names = ("user", "password", "host", "port")
    wanted = {name: known[name] for name in names if known.get(name)}
    return psycopg.conninfo.make_conninfo(dbname=database or known["dbname"], **wanted)


def _use(names: dict[str, str]) -> None:
    for alias, name in names.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _text(figures: dict[str, Any]) -> str:
    raw = figures["raw"]
    aims = [
        ("our function", figures["function"], "of the hand-written statement"),
        ("Django, in atomic()", figures["atomic"], "aim 0.50"),
        ("100 in one call", figures["bulk"], "aim 3.00"),
        ("8 durable, hot / spread", figures["hot_over_spread"], "aim 0.70"),
        (
            f"cost at {figures['lines']['large']:,} lines",
            figures["growth"],
            f"of {figures['lines']['small']:,}, aim 1.30",
        ),
        ("function, prepared", figures["prepared"]["function"], "of the statement prepared too"),
        (
            "Django, in atomic()",
            figures["prepared"]["atomic"],
            "of the statement prepared and without Django",
        ),
    ]
    lines = [
        *(f"{name:26}{figure:6.2f}  {told}" for name, figure, told in aims),
        "",
        "microseconds a posting",
        *(f"  {name:10}{json.dumps(each)}" for name, each in raw["microseconds"].items()),
        "postings a second",
        *(f"  {name:12}{json.dumps(each)}" for name, each in raw["per_second"].items()),
        f"statements a posting, beside BEGIN and COMMIT: {figures['statements']} (aim at most 3)",
        f"entries between organizations by chance over 8 connections: {figures['crossings']['posted']:,}, "
        f"of which deadlocked: {figures['crossings']['deadlocks']} (aim 0)",
        f"journal lines a second under seal: {figures['seals']['sealed']:,}, verified: {figures['seals']['verified']:,}",
    ]
    return "\n".join(lines)
