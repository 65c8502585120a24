"""Write the journal in an open format for auditors."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from core.validators import validate_day
from ledger.queries.journal_export import beancount_of
from ledger.rules.report import Period
from orgs.queries.organization import organization_by_code
from orgs.queries.tree import root, subtree


class Command(BaseCommand):
    help = (
        "Writes the journal of some days as a Beancount file, which bean-check proves and any editor reads: accounts,"
        " opening balances, one transaction an event, and the closing balances to be held. Without --organization all"
        " books of the network."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument(
            "--organization", action="append", default=[], metavar="CODE", help="its books; once for each"
        )
        parser.add_argument("--below", action="store_true", help="and everything below them")
        parser.add_argument("--since", type=date.fromisoformat, required=True, help="the first day")
        parser.add_argument("--until", type=date.fromisoformat, required=True, help="the last day")
        parser.add_argument("--out", type=Path, help="the file; without it the output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["since"] > options["until"]:
            raise CommandError(f"{options['until']} is before {options['since']}.")
        try:
            for day in (options["since"], options["until"]):
                validate_day(day)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            books = _books(options["organization"], below=options["below"])
            lines = beancount_of(books, Period(options["since"], options["until"]))
            if options["out"] is None:
                for line in lines:
                    self.stdout.write(line)
                return
            try:
                with options["out"].open("w", encoding="utf-8") as file:
                    file.writelines(f"{line}\n" for line in lines)
            except (OSError, ValueError) as error:
                raise CommandError(f"{options['out']} can't be written: {error}.") from None
        sys.stderr.write(f"{options['out']} was written.\n")


def _books(codes: list[str], *, below: bool) -> list[Any]:
    try:
        tops = [organization_by_code(code) for code in codes] or [root()]
    except ObjectDoesNotExist:
        raise CommandError(f"There is no organization with one of these codes: {', '.join(codes)}.") from None
    found = {}
    for top in tops:
        for one in subtree(top) if below or not codes else [top]:
            if one.keeps_books:
                found[one.pk] = one
    if not found:
        raise CommandError("None of these organizations keeps books.")
    return list(found.values())
