"""Fill the demo network once, and say how to sign in."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from network.demo.build import build_demo
from network.demo.growth import MOST, grow
from network.demo.sign_ins import sign_ins


class Command(BaseCommand):
    help = (
        "Fill a network that looks like a real one. Repeating it changes nothing. --json prints the sign-ins. "
        "Example of a larger one: manage.py demo --organizations 200"
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print the sign-ins as JSON, and nothing else"
        )

        parser.add_argument(
            "--organizations",
            type=int,
            default=0,
            metavar="N",
            help=f"grow the Parent Account of Cascadia to N organizations (at most {MOST:,})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"] or options["verbosity"] == 0
        if not 0 <= options["organizations"] <= MOST:
            raise CommandError(f"--organizations is from 0 to {MOST:,}, not {options['organizations']}.")
        made = build_demo(say=(lambda text: None) if quiet else self.stdout.write)
        grow(options["organizations"])
        rows = sign_ins()
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        self.stdout.write("The demo network is ready." if made else "The demo network was already there.")
        for row in rows:
            self.stdout.write(
                f"  {row['email']:32} {row['password']}  {row['role']}, {row['organization']} ({row['network']})"
            )
