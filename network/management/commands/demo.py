"""Fill the demo network once, and say how to sign in."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from network.demo.build import build_demo
from network.demo.sign_ins import sign_ins


class Command(BaseCommand):
    help = (
        "Fill a network that looks like a real one. Repeating it changes nothing. --json prints the sign-ins."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print the sign-ins as JSON, and nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"] or options["verbosity"] == 0
        made = build_demo(say=(lambda text: None) if quiet else self.stdout.write)
        rows = sign_ins()
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        self.stdout.write("The demo network is ready." if made else "The demo network was already there.")
        for row in rows:
            self.stdout.write(
                f"  {row['email']:32} {row['password']}  {row['role']}, {row['organization']} ({row['network']})"
            )
