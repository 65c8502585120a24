"""Lead a partner out of a network: what stands in the way, what would end, and the end itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.leaving import check_last_day, check_may_leave, leave_network
from orgs.models import Organization
from orgs.queries.leaving import LeavePreview, leave_preview, proposed_last_day
from orgs.queries.organization import organization_by_code

ACTOR = SystemActor.of("leave_network")


class Command(BaseCommand):
    help = (
        "Ends a partner's place in a network with everything below it, all of it or nothing; the worker makes the file of"
        " its own records. Exit status 1 when something stands in the way. Example: leave_network --network 1"
        " --organization DEC --reason 'The contract ended.' --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--organization", required=True, metavar="CODE", help="the partner")
        parser.add_argument("--last-day", type=_day, help="as 2026-05-31; without it what the guide proposes")
        parser.add_argument("--reason", default="", help="kept in the audit trail; needed for the end")
        parser.add_argument("--dry-run", action="store_true", help="report, and end nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        if not (options["dry_run"] or options["reason"].strip()):
            raise CommandError(
                "Say why by --reason: it is kept in the audit trail. Or look first by --dry-run."
            )
        with bound(network_id):
            organization = _partner(options["organization"])
            last_day = options["last_day"] or proposed_last_day(organization)
            try:
                check_may_leave(organization)
                check_last_day(organization, last_day)
                preview = leave_preview(ACTOR, organization, last_day)
                may_end = not options["dry_run"] and not preview.blockers
                if may_end:
                    leave_network(
                        ACTOR,
                        organization,
                        last_day=last_day,
                        reason=options["reason"],
                        version=organization.version,
                        shown=preview.fingerprint,
                    )
            except Refused as refusal:
                raise CommandError(refusal.message) from None
        self._report(preview, left=may_end, as_json=options["json"])
        if preview.blockers:
            raise SystemExit(1)

    def _report(self, preview: LeavePreview, *, left: bool, as_json: bool) -> None:
        leavers = preview.leavers
        if as_json:
            said = {
                "left": left,
                "last_day": leavers.last_day.isoformat(),
                "organizations": list(leavers.codes.values()),
                "effects": [asdict(effect) for effect in preview.effects],
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for effect in preview.effects:
            self.stdout.write(f"{'BLOCKED' if effect.blocks else effect.step}: {effect.title}")
            for text, _ in effect.items:
                self.stdout.write(f"    {text}")
        self.stdout.write(
            f"{leavers.top.name} left the network on {leavers.last_day}." if left else "Nothing was ended."
        )


def _partner(code: str) -> Organization:
    try:
        return organization_by_code(code)
    except Organization.DoesNotExist:
        raise CommandError(f"There is no organization {code!r} in this network.") from None


def _day(text: str) -> date:
    return date.fromisoformat(text)
