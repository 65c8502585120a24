"""Run worked examples in a throw-away network and compare what they expect with what comes of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.management.migrated import migrate_if_needed
from ledger.scenario.report import worst
from ledger.scenario.run import run_file


class Command(BaseCommand):
    help = (
        "Runs scenario files, each in a network of its own that is rolled back, and prints every expectation with the "
        "actual value. Exit codes: 0 all hold, 1 some don't or a step was refused, 2 a file is malformed or asks for "
        "what is not available yet. Example: manage.py scenario docs/examples/sale.yaml --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a scenario in YAML")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        migrate_if_needed()
        reports = [run_file(path) for path in options["files"]]
        result = worst(reports)
        if options["json"]:
            self.stdout.write(
                json.dumps({"exit": result, "files": [report.data() for report in reports]}, indent=2)
            )
        else:
            for report in reports:
                self.stdout.write(report.text())
        sys.exit(result)
