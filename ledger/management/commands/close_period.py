"""Close a month of some books, or say what stands before it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from core.validators import validate_day
from ledger.actions.period import books_below, close_period, open_books, soft_close_period
from ledger.queries.close_checks import checklist
from ledger.rules.report import month_end
from orgs.queries.organization import organization_by_code, organization_codes


class Command(BaseCommand):
    help = (
        "Closes a month, and every earlier one, of an organization and everything below it; with --soft it is only"
        " marked. --dry-run says what stands before it and closes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--organization", required=True, metavar="CODE", help="whose books")
        parser.add_argument("--month", required=True, metavar="2026-10", help="the month")
        parser.add_argument("--alone", action="store_true", help="not what is below it")
        parser.add_argument("--soft", action="store_true", help="mark it, and stop nobody")
        parser.add_argument("--dry-run", action="store_true", help="close nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        month, below = _month(options["month"]), not options["alone"]
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            try:
                place = organization_by_code(options["organization"])
                books = open_books(books_below(place, below=below), month)
                found = checklist([one.pk for one in books], month_end(month))
                count = len(books)
                if not options["dry_run"]:
                    close = soft_close_period if options["soft"] else close_period
                    count = close(SystemActor.of("manage.py close_period"), place, month=month, below=below)
            except ObjectDoesNotExist:
                raise CommandError(f"There is no organization {options['organization']!r}.") from None
            except Refused as refusal:
                raise CommandError(refusal.message) from None
            codes = organization_codes({one.organization_id for one in found})
        findings = [
            {"organization": codes[one.organization_id], "text": one.text, "blocks": one.blocks}
            for one in found
        ]
        if options["json"]:
            said = {"month": month.isoformat()[:7], "organizations": count, "findings": findings}
            self.stdout.write(json.dumps(said | {"dry_run": options["dry_run"]}))
            return
        for one in findings:
            self.stdout.write(f"{one['organization']}: {one['text']}{' It blocks.' if one['blocks'] else ''}")
        done = "would be closed" if options["dry_run"] else "closed"
        self.stdout.write(f"{count} {'organization' if count == 1 else 'organizations'} {done}.")


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
        validate_day(month)
        return month
    except (ValueError, ValidationError):
        raise CommandError(f"{text!r} is no month; write it as in 2026-10.") from None
