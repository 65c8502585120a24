"""Measures consolidated statements in a database made for it and dropped afterwards."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from network.bench import statements
from network.management.commands.bench_ledger import administrator_dsn, throw_away_database


class Command(BaseCommand):
    help = (
        "Measure consolidated statements over many lines and organizations, and compare them with all lines added up."
        " Takes some minutes. Example: manage.py bench_statements --lines 10000000 --organizations 1000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--lines", type=int, default=1_000_000, help="journal lines")
        parser.add_argument("--organizations", type=int, default=1_000, help="organizations that keep books")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lines"] < 6 or options["organizations"] < 30:
            raise CommandError("Give at least six lines and thirty organizations.")
        with throw_away_database():
            dsn = administrator_dsn(str(connection.settings_dict["NAME"]))
            figures = statements.run(
                self.stderr.write, dsn, lines=options["lines"], organizations=options["organizations"]
            )
        self.stdout.write(json.dumps(figures) if options["json"] else _text(figures))
        if not figures["equal"]:
            raise CommandError("The statement is not what all lines come to.")


def _text(figures: dict[str, Any]) -> str:
    took = [f"  {value:>8.1f} ms  {name}" for name, value in figures["milliseconds"].items()]
    return "\n".join(
        [
            f"Consolidated over {figures['lines']:,} lines of {figures['organizations']:,} organizations:",
            *took,
            f"  {figures['recomputing_milliseconds']:>8.1f} ms  adding up all lines, which comes to the same",
            "How the figures are read:",
            *figures["plan"],
        ]
    )
