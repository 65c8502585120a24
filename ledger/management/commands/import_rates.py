"""Put a file of exchange rates on record, or say line by line what it comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.exchange import check_lines, enter_rates
from ledger.queries.exchange import told_of
from ledger.rules.quoted import read_rates
from orgs.queries import tree

LARGEST = 4_000_000


class Command(BaseCommand):
    help = (
        "Puts the exchange rates of a CSV on record; its first line names the columns date,from,to,rate,source. One line"
        " that is wrong refuses the whole file. --dry-run says of each line what it would do, and does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the CSV, UTF-8")
        add_network(parser, required=True)
        parser.add_argument("--dry-run", action="store_true", help="put nothing on record")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = read_rates(_text(Path(options["file"])))
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            told = [
                {"line": line.number, "text": line.text, "result": result, "problem": line.problem}
                for line, result in told_of(lines)
            ]
            wrong = any(line.problem for line in lines)
            if not wrong and not options["dry_run"]:
                try:
                    enter_rates(SystemActor.of("import_rates"), tree.root(), quoted=check_lines(lines))
                except Refused as refusal:
                    raise CommandError(refusal.message) from None
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "refused": wrong, "lines": told}))
        else:
            for one in told:
                self.stdout.write(f"line {one['line']}: {one['problem'] or one['result']}")
        if wrong:
            raise CommandError("Some lines are wrong, so nothing was put on record.", returncode=1)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise CommandError(f"{path} is too large; a file of rates has at most {LARGEST:,} bytes.")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CommandError(f"{path} can't be read: {error}") from None
