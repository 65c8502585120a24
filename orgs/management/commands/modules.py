"""Modules and EMR profiles from the command line: what is on and why, and switching."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.actors import SystemActor
from core.errors import Refused
from core.modules import AREAS, Module, everything, module_of, needed_by
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.module import Switching, goes_off_too, steps_of, switch_modules
from orgs.models import Organization
from orgs.queries.impact import impact_of, within
from orgs.queries.module import Standing, standings_at
from orgs.queries.organization import organization_by_code


class Command(BaseCommand):
    help = (
        "Read and switch the modules and EMR profiles of organizations. Examples:\n"
        "  manage.py modules get KOT --network 1\n"
        "  manage.py modules explain KOT pharmacy --network 1 --json\n"
        "  manage.py modules set KOT packages off --reason 'Moves to Baner' --network 1 --dry-run"
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="get|set|explain")
        get = _verb(verbs, "get", "what is on at an organization")
        get.add_argument("module", nargs="*", help="codes; all without one")
        explain = _verb(verbs, "explain", "why a module is on or off")
        explain.add_argument("module")
        write = _verb(verbs, "set", "switch a module on or off")
        write.add_argument("module")
        write.add_argument("state", choices=["on", "off"])
        write.add_argument("--reason", default="", help="needed to switch off; kept in the audit trail")
        write.add_argument(
            "--dry-run", action="store_true", help="say what it would meet, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            organization = _organization(options["organization"])
            answer = getattr(self, f"_{options['verb']}")(organization, options)
        if options["json"]:
            self.stdout.write(json.dumps(answer["json"], ensure_ascii=False))
        else:
            for line in answer["text"]:
                self.stdout.write(line)

    def _get(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        modules = [_module(code) for code in options["module"]] or everything()
        found = standings_at([organization.pk], modules)[organization.pk]
        return {
            "json": {code: standing.off is None for code, standing in found.items()},
            "text": [f"{code:<24} {standing.word}" for code, standing in found.items()],
        }

    def _explain(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        module = _module(options["module"])
        standing = standings_at([organization.pk], [module])[organization.pk][module.code]
        off = standing.off
        text = [f"{module.code} at {organization.name}: {standing.word} ({AREAS[module.area]})", module.help]
        text.append(off.sentence(organization.name) if off else "Nobody has switched it off here or above.")
        if module.categories:
            text.append(f"It brings the service categories: {', '.join(module.categories)}.")
        return {"json": _explained(organization, standing), "text": text}

    def _set(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        switching = Switching((_module(options["module"]),), options["state"] == "on", options["reason"])
        actor = SystemActor.of("manage.py modules")
        steps = steps_of(actor, switching, [organization])
        too = [] if switching.is_on else goes_off_too(switching)
        below = within([organization]) if steps and not switching.is_on else []
        impacts = impact_of([one.code for one in (*switching.modules, *too)], below) if below else []
        codes = dict(Organization.objects.filter(pk__in=below).values_list("pk", "code"))
        try:
            with transaction.atomic():  # a dry run is refused as the change would be, and leaves nothing
                batch = switch_modules(actor, switching, organizations=[organization])
                transaction.set_rollback(options["dry_run"])
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        met = [(codes[one.organization_id], one.text) for one in impacts]
        return {
            "json": {
                "dry_run": options["dry_run"],
                "what": batch.what,
                "off_too": [one.code for one in too],
                "organizations": len(below) or 1,
                "meets": [{"organization": code, "what": text} for code, text in met],
            },
            "text": [
                f"{'Would be: ' if options['dry_run'] else ''}{batch.what}.",
                *([f"Off with it: {', '.join(one.label for one in too)}."] if too else []),
                *(f"{code}: {text}" for code, text in met),
            ],
        }


def _verb(verbs: Any, name: str, help: str) -> CommandParser:
    parser: CommandParser = verbs.add_parser(name, help=help)
    parser.add_argument("organization", help="code of the organization")
    add_network(parser, required=True)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _organization(code: str) -> Organization:
    try:
        if "\0" in code:
            raise Organization.DoesNotExist
        return organization_by_code(code)
    except Organization.DoesNotExist:
        raise CommandError(f"There is no organization {code!r} in this network.") from None


def _module(code: str) -> Module:
    try:
        return module_of(code)
    except KeyError:
        raise CommandError(f"There is no module {code!r}; `manage.py modules get` lists them.") from None


def _explained(organization: Organization, standing: Standing) -> dict[str, Any]:
    off = standing.off
    return {
        "module": standing.module.code,
        "organization": organization.code,
        "on": off is None,
        "state": standing.word,
        "requires": list(needed_by(standing.module.code)[1:]),
        "categories": list(standing.module.categories),
        "switched_off_at": off.organization_name if off else None,
        "cause": off.cause.code if off else None,
        "since": off.since.isoformat() if off else None,
        "set_by": off.set_by if off else None,
        "reason": off.reason if off else None,
    }
