"""Measures long statements in a database made for it and dropped afterwards."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from network.bench import reconciliation
from network.management.commands.bench_ledger import administrator_dsn, throw_away_database


class Command(BaseCommand):
    help = (
        "Measure how long a statement of many lines takes to be read and matched, as CSV and as camt.053. Takes some"
        " minutes. Example: manage.py bench_reconciliation --lines 100000"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--lines", type=int, default=100_000, help="lines of the statement")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1_000 <= options["lines"] <= 100_000:
            raise CommandError("Give between 1,000 and 100,000 lines: no statement may have more.")
        with throw_away_database():
            dsn = administrator_dsn(str(connection.settings_dict["NAME"]))
            figures = reconciliation.run(self.stderr.write, dsn, lines=options["lines"])
        self.stdout.write(json.dumps(figures, indent=None if options["json"] else 2))
