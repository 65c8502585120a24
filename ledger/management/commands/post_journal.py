"""Post an entry by hand: what has no page, such as a payment between two organizations."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.money import Money
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.journal import Posting, post_journal
from ledger.rules.accounts import Account
from orgs.queries.organization import organization_by_code


class Command(BaseCommand):
    help = (
        "Posts one entry whose lines sum to zero in each organization's books. A line is an organization's code, an"
        " account, a signed amount in its currency (debit positive), and the counterparty where the account takes one."
        " Example: post_journal --network 1 --organization DEC --key paid-7 --reason 'Paid by bank'"
        " --line 'DEC cash 57.75' --line 'DEC due_from -57.75 SAH' --line 'SAH due_to 57.75 DEC' --line 'SAH cash -57.75'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--organization", required=True, metavar="CODE", help="where it is entered")
        parser.add_argument("--line", action="append", default=[], metavar="LINE", help="once for each line")
        parser.add_argument("--reason", required=True, help="kept with the entry and in the audit trail")
        parser.add_argument("--key", required=True, help="the same key and entry again post nothing anew")
        parser.add_argument(
            "--on", type=date.fromisoformat, help="its day; without it the organization's today"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            organization = _organization(options["organization"])
            postings = [_posting(line) for line in options["line"]]
            try:
                event = post_journal(
                    SystemActor.of("manage.py post_journal"),
                    organization,
                    postings=postings,
                    reason=options["reason"],
                    on=options["on"],
                    key=options["key"],
                )
            except Refused as refusal:
                raise CommandError(refusal.message) from None
        if options["json"]:
            said = {"entry": event.pk, "effective_on": event.effective_on.isoformat(), "lines": len(postings)}
            self.stdout.write(json.dumps(said))
        else:
            self.stdout.write(f"Entry {event.pk} of {event.effective_on}, {len(postings)} lines.")


def _posting(line: str) -> Posting:
    words = line.split()
    if len(words) not in (3, 4):
        raise CommandError(
            f"{line!r} is no line: organization, account, amount and, where needed, counterparty."
        )
    organization = _organization(words[0])
    try:
        account = Account(words[1])
    except ValueError:
        raise CommandError(f"There is no account {words[1]!r}; there are {', '.join(Account)}.") from None
    try:
        amount = Money.parse(words[2], organization.currency, signed=True)
    except ValueError as error:
        raise CommandError(f"{line!r}: {error}") from None
    return Posting(organization, account, amount, _organization(words[3]) if len(words) == 4 else None)


def _organization(code: str) -> Any:
    try:
        return organization_by_code(code)
    except ObjectDoesNotExist:
        raise CommandError(f"There is no organization {code!r} in this network.") from None
