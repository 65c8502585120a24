"""Proves that the audit trail and the log of patient reads are what was sealed."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.management.sent import add_seals, checked, tell
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant

KINDS = ("audit", "reads")


class Command(BaseCommand):
    help = (
        "Computes the digest of every sealed row of the audit trail and the log of patient reads anew, for one network"
        " or all, and prints what differs, is gone, or is under no seal. Exit status 1 when anything is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        add_seals(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        results: list[dict[str, Any]] = []
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                results.append({"network": network_id, "seals": checked(KINDS, options["seals"])})
        holds = not any(one["count"] for result in results for one in result["seals"])
        if options["json"]:
            self.stdout.write(json.dumps({"holds": holds, "networks": results}))
        else:
            for result in results:
                tell(self, result["network"], result["seals"])
        if not holds:
            raise SystemExit(1)
