"""Take breakage as revenue, as far as packages expect some."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.actors import SystemActor
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.breakage import BreakageRun, run_all_breakage

ACTOR = SystemActor.of("manage.py breakage")


class Command(BaseCommand):
    help = (
        "Brings booked breakage up to a day for every package of which some is expected never to be used, at everybody"
        " who owes its care. Exit status 1 when something was refused; the rest is done all the same. Example: breakage"
        " --network 1 --on 2026-06-30 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        parser.add_argument("--on", type=date.fromisoformat, required=True, help="the day, as 2026-06-30")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be booked, and book nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = []
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                done = run_all_breakage(ACTOR, options["on"], dry_run=options["dry_run"])
                runs += [(network_id, one) for one in done]
        if options["json"]:
            told = [{"network": network_id, **_plain(one)} for network_id, one in runs]
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "runs": told}))
        else:
            for network_id, one in runs:
                self._tell(network_id, one)
        if any(one.refused for _, one in runs):
            raise SystemExit(1)

    def _tell(self, network_id: int, one: BreakageRun) -> None:
        where = f"network {network_id}, {one.package} at {one.holder}"
        if one.refused:
            self.stderr.write(f"{where}: {one.refused}")
        else:
            self.stdout.write(f"{where}: booked {one.before!s} -> {one.after!s}")


def _plain(one: BreakageRun) -> dict[str, str]:
    return {
        "holder": one.holder,
        "package": one.package,
        "before": str(one.before),
        "after": str(one.after),
        "refused": one.refused,
    }
