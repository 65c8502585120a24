"""Settings from the command line: what is in force and why, setting a value, comparing two organizations."""

from __future__ import annotations

import json
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.actors import SystemActor
from core.errors import Refused
from core.settings import Mode, Setting, setting_of, settings_of
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.models import Organization
from orgs.queries.organization import organization_by_code
from orgs.queries.setting import resolution_at, resolutions_at
from orgs.queries.whatif import Change, effect_of
from orgs.rules.cascade import Line, Resolution
from orgs.rules.provenance import provenance, shown, word


class Command(BaseCommand):
    help = (
        "Read and write the settings of organizations. Examples:\n"
        "  manage.py settings get KOT --network 1\n"
        "  manage.py settings explain KOT billing.discount_cap --network 1 --json\n"
        "  manage.py settings set PUN billing.discount_cap 15 --mode enforced --reason 'Audit' --network 1 --dry-run\n"
        "  manage.py settings diff KOT BAN --network 1"
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="get|set|explain|diff")
        get = _verb(verbs, "get", "values in force at an organization")
        get.add_argument("key", nargs="*", help="keys; all that apply without one")
        explain = _verb(verbs, "explain", "where a value comes from, and what it would be without")
        explain.add_argument("key")
        write = _verb(verbs, "set", "assign a value, or (--inherit) take it away")
        write.add_argument("key")
        write.add_argument("value", nargs="?")
        write.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.DEFAULT.value)
        write.add_argument("--reason", default="", help="kept with the value and in the audit trail")
        write.add_argument(
            "--from", dest="starts_on", type=_day, help="first day, YYYY-MM-DD; today without it"
        )
        write.add_argument("--until", dest="ends_on", type=_day, help="last day, YYYY-MM-DD")
        write.add_argument("--inherit", action="store_true", help="return to inheriting")
        write.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        diff = _verb(verbs, "diff", "settings that differ between two organizations")
        diff.add_argument("other", help="code of the other organization")

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
        settings = [_setting(key) for key in options["key"]] or list(settings_of(organization.kind))
        found = resolutions_at(organization, [setting.key for setting in settings])
        return {
            "json": {setting.key: _stored(setting, found[setting.key].line) for setting in settings},
            "text": _aligned(
                (setting.key, shown(setting, found[setting.key].line), word(found[setting.key].line))
                for setting in settings
            ),
        }

    def _explain(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        setting = _setting(options["key"])
        found = resolution_at(organization, setting.key)
        text = [
            f"{setting.key} at {organization.name}: {shown(setting, found.line)} ({word(found.line)})",
            provenance(found.line, organization),
        ]
        if found.here is not None:
            text.append(f"Without its own value: {shown(setting, found.inherited)}.")
        if found.is_conflict and found.here is not None:
            text.append(
                f"Its own value, {shown(setting, found.here)}, doesn't count while another is enforced."
            )
        return {"json": _explained(setting, organization, found), "text": text}

    def _set(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        setting, inherit = _setting(options["key"]), options["inherit"]
        if inherit == (options["value"] is not None):
            raise CommandError("Say either a value or --inherit.")
        mode, change = Mode(options["mode"]), Change(setting)
        if not inherit:
            try:
                change = Change(setting, setting.type.clean(options["value"]), mode, options["reason"])
            except ValueError as error:
                raise CommandError(f"{setting.key}: {error}") from None
        effect = effect_of(change, organization)
        with transaction.atomic():  # a dry run is refused as the change would be, and leaves nothing
            self._write(organization, setting, change, options)
            transaction.set_rollback(options["dry_run"])
        would = "would change" if options["dry_run"] else "changed"
        return {
            "json": {
                "dry_run": options["dry_run"],
                "changed": [place.code for place, _, _ in effect.changed],
                "overruled": [place.code for place in effect.overruled],
                "unchanged": effect.unchanged,
            },
            "text": [
                f"{len(effect.changed)} of {len(effect.changed) + effect.unchanged} organizations {would}.",
                *(
                    f"{place.code}: {setting.show(old)} -> {setting.show(new)}"
                    for place, old, new in effect.changed
                ),
                *(f"{place.code}: its own value doesn't count any more" for place in effect.overruled),
            ],
        }

    def _write(
        self, organization: Organization, setting: Setting[Any], change: Change, options: dict[str, Any]
    ) -> None:
        actor = SystemActor.of("manage.py settings")
        try:
            if change.mode is None:
                inherit_setting(actor, organization, setting=setting)
            else:
                new = NewValue(
                    change.value, change.mode, change.reason, options["starts_on"], options["ends_on"]
                )
                assign_setting(actor, organization, setting=setting, new=new)
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def _diff(self, organization: Organization, options: dict[str, Any]) -> dict[str, Any]:
        other = _organization(options["other"])
        keys = {one.key for one in settings_of(organization.kind)} & {
            one.key for one in settings_of(other.kind)
        }
        settings = [one for one in settings_of(organization.kind) if one.key in keys]
        mine, theirs = resolutions_at(organization, keys), resolutions_at(other, keys)
        differing = [
            one for one in settings if shown(one, mine[one.key].line) != shown(one, theirs[one.key].line)
        ]
        return {
            "json": {
                one.key: [_stored(one, mine[one.key].line), _stored(one, theirs[one.key].line)]
                for one in differing
            },
            "text": _aligned(
                (one.key, shown(one, mine[one.key].line), shown(one, theirs[one.key].line))
                for one in differing
            )
            or ["No difference."],
        }


def _verb(verbs: Any, name: str, help: str) -> CommandParser:
    parser: CommandParser = verbs.add_parser(name, help=help)
    parser.add_argument("organization", help="code of the organization")
    add_network(parser, required=True)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _organization(code: str) -> Organization:
    try:
        if "\0" in code:
            raise Organization.DoesNotExist
        return organization_by_code(code)
    except Organization.DoesNotExist:
        raise CommandError(f"There is no organization {code!r} in this network.") from None


def _setting(key: str) -> Setting[Any]:
    try:
        return setting_of(key)
    except KeyError:
        raise CommandError(f"There is no setting {key!r}; `manage.py settings get` lists them.") from None


def _stored(setting: Setting[Any], line: Line | None) -> Any:
    return setting.type.store(setting.default) if line is None else line.value


def _explained(setting: Setting[Any], organization: Organization, found: Resolution) -> dict[str, Any]:
    line = found.line
    return {
        "key": setting.key,
        "organization": organization.code,
        "value": _stored(setting, line),
        "mode": word(line),
        "from": None if line is None else line.organization_name,
        "since": None if line is None else line.starts_on.isoformat(),
        "until": line.ends_on.isoformat() if line and line.ends_on else None,
        "set_by": None if line is None else line.set_by,
        "reason": None if line is None else line.reason,
        "locked": found.locked_by is not None,
        "own_value": None if found.here is None else found.here.value,
        "without_own_value": _stored(setting, found.inherited),
    }


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    table = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
