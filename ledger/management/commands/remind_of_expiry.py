"""Mail patients what of theirs expires soon."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import locale
from core.actors import SystemActor
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.reminder import remind_due

ACTOR = SystemActor.of("manage.py remind_of_expiry")


class Command(BaseCommand):
    help = (
        "Mails patients who consented what of theirs expires soon, as the daily job does: each last day once, so many"
        " days before as the setting billing.expiry_reminder_days of who owes it says. Example: remind_of_expiry"
        " --network 1 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        parser.add_argument(
            "--on", type=date.fromisoformat, help="the day it is; without it today at each holder"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, and mail nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = {}
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                runs[network_id] = remind_due(ACTOR, options["on"], dry_run=options["dry_run"])
        if options["json"]:
            told = [{"network": network_id, **asdict(run)} for network_id, run in runs.items()]
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "networks": told}))
            return
        verb = "would be queued" if options["dry_run"] else "queued"
        for network_id, run in runs.items():
            mails = locale.counted(run.mails, "mail")
            about = locale.counted(run.entitlements, "entitlement")
            self.stdout.write(f"network {network_id}: {mails} {verb} about {about}")
