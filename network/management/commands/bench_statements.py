"""Measures consolidated statements in a database of their own, which is kept for the next time."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from network.bench import statements
from network.bench.database import loaded_with, mark_loaded, own_database
from network.management.commands.bench_ledger import administrator_dsn

DATABASE = "caretree_bench_statements"


class Command(BaseCommand):
    help = (
        "Measure consolidated statements over many lines and organizations, and compare them with all lines added up."
        " The first run loads them, in some minutes; they are kept."
        " Example: manage.py bench_statements --lines 10000000 --organizations 1000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--lines", type=int, default=1_000_000, help="journal lines")
        parser.add_argument("--organizations", type=int, default=1_000, help="organizations that keep books")
        parser.add_argument("--rounds", type=int, default=7, help="how often every statement is made")
        parser.add_argument("--fresh", action="store_true", help="load the data anew")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lines"] < 6 or options["organizations"] < 30:
            raise CommandError("Give at least six lines and thirty organizations.")
        if options["rounds"] < 1:
            raise CommandError("Give at least one round.")
        label = f"{options['lines']} lines, {options['organizations']} organizations"
        with own_database(DATABASE, fresh=options["fresh"] or loaded_with(DATABASE) != label) as made:
            if made:
                dsn = administrator_dsn(str(connection.settings_dict["NAME"]))
                statements.load(self.stderr.write, dsn, options["lines"], options["organizations"])
                mark_loaded(DATABASE, label)
            figures = statements.run(self.stderr.write, rounds=options["rounds"])
        self.stdout.write(json.dumps(figures) if options["json"] else _text(figures))
        if not figures["equal"]:
            raise CommandError("The statement is not what all lines come to.")


def _text(figures: dict[str, Any]) -> str:
    took = [f"  {value:>8.1f} ms  {name}" for name, value in figures["milliseconds"].items()]
    return "\n".join(
        [
            f"Consolidated over {figures['lines']:,} lines of {figures['organizations']:,} organizations, load {figures['load']:.1f}:",
            *took,
            f"  {figures['recomputing_milliseconds']:>8.1f} ms  adding up all lines, which comes to the same",
            "How the figures are read:",
            *figures["plan"],
        ]
    )
