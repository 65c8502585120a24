"""Book what balances in foreign currencies gained or lost until a day, or say what it comes to."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from core.validators import validate_day
from ledger.actions.period import books_below
from ledger.actions.revaluation import revalue_all
from ledger.queries.revaluation import Revaluation, revaluations
from orgs.queries import tree
from orgs.queries.organization import organization_by_code

ACTOR = SystemActor.of("manage.py revalue")


class Command(BaseCommand):
    help = (
        "Books what balances in currencies that their organizations don't keep gained or lost until a day, as far as it"
        " is not booked: at one organization and everything below it, or at all. --dry-run says it and books nothing."
        " Example: manage.py revalue --network 1 --on 2026-10-31 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--on", required=True, metavar="2026-10-31", help="the day whose rates count")
        parser.add_argument(
            "--organization", metavar="CODE", help="whose books, with those below; without it all"
        )
        parser.add_argument("--dry-run", action="store_true", help="book nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        on, dry_run = _day(options["on"]), options["dry_run"]
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            try:
                place = (
                    organization_by_code(options["organization"]) if options["organization"] else tree.root()
                )
                books = books_below(place, below=True)
                found = [one for one in revaluations(books, on) if one.step or one.missing]
                if not dry_run:
                    revalue_all(ACTOR, books, on=on, key=f"revalue {uuid4()}")
            except ObjectDoesNotExist:
                raise CommandError(f"There is no organization {options['organization']!r}.") from None
            except Refused as refusal:
                raise CommandError(refusal.message) from None
        said = [_said(one) for one in found]
        if options["json"]:
            self.stdout.write(json.dumps({"on": on.isoformat(), "dry_run": dry_run, "differences": said}))
            return
        for one in said:
            self.stdout.write(
                f"{one['organization']}: "
                + (
                    one["missing"]
                    or f"{one['step']} {one['home']} on a balance of {one['balance']} {one['currency']}"
                )
            )
        done = "would be booked" if dry_run else "booked"
        self.stdout.write(f"{len(said)} {'difference' if len(said) == 1 else 'differences'} {done}.")


def _said(one: Revaluation) -> dict[str, Any]:
    return {
        "organization": one.organization.code,
        "currency": one.currency,
        "balance": one.balance.decimal(),
        "home": one.step.currency,
        "target": one.target.decimal(),
        "booked": one.booked.decimal(),
        "step": one.step.decimal(),
        "missing": one.missing,
    }


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        validate_day(day)
        return day
    except (ValueError, ValidationError):
        raise CommandError(f"{text[:40]!r} is no day; write it as 2026-10-31.") from None
