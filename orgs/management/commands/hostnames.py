"""Host names from the command line: what networks asked for, and confirming it."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.hostname import confirm_host_name, give_up_host_name
from orgs.models import HostName
from orgs.queries.hostname import host_names
from orgs.rules.hostname import host_name

ACTOR = SystemActor.of("manage.py hostnames")


class Command(BaseCommand):
    help = (
        "Read, confirm and withdraw the host names of networks. Confirm a name once it leads here and its certificate "
        "is in place: from the next request on its network answers there. Examples:\n"
        "  manage.py hostnames list --json\n"
        "  manage.py hostnames confirm care.clinic.example --network 1\n"
        "  manage.py hostnames withdraw care.clinic.example --network 1"
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|confirm|withdraw")
        every = verbs.add_parser("list", help="all that networks asked for")
        add_network(every)
        every.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        for verb, help in (("confirm", "let a name answer"), ("withdraw", "take a name away")):
            one = verbs.add_parser(verb, help=help)
            one.add_argument("name")
            add_network(one, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        rows = []
        for network_id in networks_meant(options["network"]):
            with bound(network_id):
                rows += [(network_id, host) for host in host_names()]
        if options["json"]:
            found = [
                {
                    "network": network_id,
                    "name": host.name,
                    "face": host.face,
                    "requested_by": host.requested_by,
                    "confirmed_at": host.confirmed_at and host.confirmed_at.isoformat(),
                }
                for network_id, host in rows
            ]
            self.stdout.write(json.dumps({"host_names": found}))
            return
        for network_id, host in rows:
            state = "confirmed" if host.confirmed_at else f"asked for by {host.requested_by}"
            self.stdout.write(f"{host.name:<40} {host.face:<8} network {network_id}  {state}")

    def _confirm(self, options: dict[str, Any]) -> None:
        self._act(options, confirm_host_name)
        self.stdout.write("Confirmed.")

    def _withdraw(self, options: dict[str, Any]) -> None:
        self._act(options, give_up_host_name)
        self.stdout.write("Withdrawn.")

    def _act(self, options: dict[str, Any], act: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        try:
            name = host_name(options["name"])
            with bound(network_id):
                act(ACTOR, host_names().get(name=name))
        except HostName.DoesNotExist:
            raise CommandError(
                f"Network {network_id} didn't ask for {name}; `manage.py hostnames list` shows what was asked for."
            ) from None
        except (Refused, ValueError) as error:
            raise CommandError(str(error)) from None
