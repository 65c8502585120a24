"""Seal what was committed, now rather than within the minute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.actions.seal import seal_waiting
from audit.sealed import SEALED
from core.tenancy.every import add_network, networks_meant


class Command(BaseCommand):
    help = "Seals the journal, the audit trail and the log of patient reads, as the worker does each minute."

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for network_id in networks_meant(options["network"]):
            sealed = ", ".join(f"{kind} {seal_waiting(network_id, kind):,}" for kind in SEALED)
            self.stdout.write(f"network {network_id}: rows sealed: {sealed}")
