"""Number the tree of a network anew from the parents."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.queries.tree import rebuild_tree


class Command(BaseCommand):
    help = "Writes the places of all organizations anew, with even gaps. `parent` is the truth and stays."

    def add_arguments(self, parser: Any) -> None:
        add_network(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                changed = rebuild_tree()
            self.stdout.write(f"network {network_id}: {changed:,} organizations were numbered anew")
