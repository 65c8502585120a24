"""Acknowledge what nobody answered for as long as its side's policy gives it; the worker does the same every night."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.actors import SystemActor
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from settlement.actions.acknowledgement import acknowledge_by_silence, count_silent, silent_sides


class Command(BaseCommand):
    help = (
        "Acknowledges items for organizations whose silence is agreement (billing.silence_days). Example:"
        " acknowledge_items --network SAH --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        parser.add_argument("--dry-run", action="store_true", help="say how many, and acknowledge nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report: list[dict[str, Any]] = []
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                for side, days in silent_sides():
                    if options["dry_run"]:
                        count = count_silent(side, days=days)
                    else:
                        actor = SystemActor.of("acknowledge_items")
                        count = acknowledge_by_silence(actor, side, days=days)
                    report.append({"organization": side.code, "days": days, "items": count})
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "sides": report}))
            return
        for row in report:
            self.stdout.write(f"{row['organization']}: {row['items']} items silent for {row['days']} days")
        self.stdout.write(
            "Nothing was acknowledged."
            if options["dry_run"]
            else f"{sum(row['items'] for row in report)} acknowledged."
        )
