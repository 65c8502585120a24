"""Proves the ledger's invariants over everything that was posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.management.sent import add_seals, checked, tell
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.queries.verify import CHECKS, size_of_ledger, verify_ledger


class Command(BaseCommand):
    help = (
        "Recompute every invariant of the ledger from its rows, and every digest under seal, for one network or all, "
        "and print what fails. "
        "Exit status 1 when anything does. Example: manage.py verify_ledger --network 1 --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        add_seals(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        results = [_result(network_id, options["seals"]) for network_id in networks_meant(options["network"])]
        holds = not any(result["broken"] or result["seals"][0]["count"] for result in results)
        if options["json"]:
            self.stdout.write(json.dumps({"holds": holds, "networks": results}))
        else:
            self._tell(results)
        if not holds:
            raise SystemExit(1)

    def _tell(self, results: list[dict[str, Any]]) -> None:
        for result in results:
            name = f"network {result['network']}"
            for broken in result["broken"]:
                self.stderr.write(
                    f"{name}: {broken['invariant']}. {broken['name']}: {broken['count']:,} times not"
                )
                for example in broken["examples"]:
                    self.stderr.write(f"  {example}")
            if not result["broken"]:
                self.stdout.write(
                    f"{name}: {len(CHECKS)} invariants hold over {result['events']:,} events "
                    f"and {result['lines']:,} lines"
                )
            tell(self, result["network"], result["seals"])


def _result(network_id: int, seals: Path | None) -> dict[str, Any]:
    with bound(network_id):
        events, lines = size_of_ledger()
        broken = [
            {
                "invariant": finding.check.number,
                "name": finding.check.name,
                "count": finding.count,
                "examples": finding.examples,
            }
            for finding in verify_ledger()
        ]
        sealed = checked(("journal",), seals)
    return {"network": network_id, "events": events, "lines": lines, "broken": broken, "seals": sealed}
