"""Prove that the cached places in every network's tree agree with the parents."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.models import Organization
from orgs.queries.tree import verify_tree


class Command(BaseCommand):
    help = "Prints what is wrong with the tree of each network; exit status 1 when anything is."

    def add_arguments(self, parser: Any) -> None:
        add_network(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                found = verify_tree()
                count = Organization.objects.count()
            wrong += len(found)
            for line in found:
                self.stderr.write(f"network {network_id}: {line}")
            if not found:
                self.stdout.write(f"network {network_id}: the tree of {count:,} organizations is right")
        if wrong:
            raise SystemExit(1)
