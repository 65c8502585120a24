"""Let entitlements expire whose last day has passed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.actors import SystemActor
from core.money import Money
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.expiry import ExpiryRun, expire_due

ACTOR = SystemActor.of("manage.py expire_entitlements")


class Command(BaseCommand):
    help = (
        "Lets what is left of entitlements expire whose last day has passed, as the nightly job does. Exit status 1 when"
        " something was refused, as in a closed period; the rest expires all the same. Example: expire_entitlements"
        " --network 1 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        parser.add_argument(
            "--on", type=date.fromisoformat, help="the day of the entries; without it today at each holder"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, and let nothing expire")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = {}
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                runs[network_id] = expire_due(ACTOR, options["on"], dry_run=options["dry_run"])
        if options["json"]:
            told = [{"network": network_id, **_plain(run)} for network_id, run in runs.items()]
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "networks": told}))
        else:
            for network_id, run in runs.items():
                self._tell(network_id, run, options["dry_run"])
        if any(run.refused for run in runs.values()):
            raise SystemExit(1)

    def _tell(self, network_id: int, run: ExpiryRun, dry_run: bool) -> None:
        amounts = ", ".join(str(Money(minor, currency)) for currency, minor in sorted(run.open_minor.items()))
        verb = "would expire" if dry_run else "expired"
        self.stdout.write(
            f"network {network_id}: {run.expired} {verb}{f', worth {amounts}' if amounts else ''}"
        )
        for code, why in run.refused:
            self.stderr.write(f"{code}: {why}")


def _plain(run: ExpiryRun) -> dict[str, Any]:
    return {
        "expired": run.expired,
        "open": {
            currency: Money(minor, currency).decimal() for currency, minor in sorted(run.open_minor.items())
        },
        "refused": [{"entitlement": code, "reason": why} for code, why in run.refused],
    }
