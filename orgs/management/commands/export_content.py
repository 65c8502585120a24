"""Write a Parent Account's content as a signed package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.content_package import parts_in_order
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.content_package import export_content
from orgs.queries import tree


class Command(BaseCommand):
    help = (
        "Write what can be recreated in another Parent Account as a signed file. "
        "Example: manage.py export_content --network 1 --parts settings services --out content.json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--parts", nargs="+", metavar="PART", help="all without it")
        parser.add_argument("--out", type=Path, help="the file; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        known = [part.code for part in parts_in_order()]
        unknown = set(options["parts"] or ()) - set(known)
        if unknown:
            raise CommandError(f"There is no part {min(unknown)!r}; there are {', '.join(known)}.")
        try:
            with bound(network_id):
                actor = SystemActor.of("manage.py export_content")
                text = export_content(actor, tree.root(), parts=options["parts"] or known)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        if options["out"] is None:
            self.stdout.write(text)
            return
        try:
            options["out"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['out']} can't be written: {error.strerror}.") from None
