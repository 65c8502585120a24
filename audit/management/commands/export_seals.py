"""Write the seals into a file that is kept where whoever could alter the database can't."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.queries.seal import chain_of
from audit.rules.seal_file import SentSeal, written
from audit.sealed import SEALED
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant


class Command(BaseCommand):
    help = (
        "Writes every seal of one network or all into a CSV file, to be kept elsewhere: verify_ledger --seals FILE and"
        " verify_audit --seals FILE compare the database with it later. The file - is the output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file; - for the output")
        add_network(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        networks = networks_meant(options["network"])
        lines = written(chain.from_iterable(map(_seals, networks)))
        if str(options["file"]) == "-":
            for line in lines:
                self.stdout.write(line, ending="")
            return
        try:
            with options["file"].open("w", encoding="utf-8") as file:
                file.writelines(lines)
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']} can't be written: {error}.") from None
        sys.stderr.write(f"{options['file']} was written.\n")


def _seals(network_id: int) -> Iterator[SentSeal]:
    with bound(network_id):
        for kind in SEALED:
            yield from chain_of(kind)
