"""Reads of settings: what is in force, and where it comes from.

All lines of a network, and what is switched on and off in it, are kept in memory under the version that a trigger
renews with every change, so what is remembered is never stale: a binding asks for the version once, and reads the
lines when it is a new one. Lines are kept whatever their days, and judged by the moment at which somebody asks.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BigIntegerField, CharField, F, Value

from core.clock import now, today_in
from core.settings import InForce, Mode, Setting
from core.tenancy import bound_network_id, forget, memo
from orgs.models import ModuleAssignment, Organization, SettingAssignment, SettingWaiver
from orgs.rules.cascade import Line, Lines, Resolution, resolve, resolver
from orgs.rules.settings import LOCALE
from orgs.rules.switching import Switch, Switches

SETTINGS_LOCK = 6
_MEMO = "settings"
RANGES = "ranges of switches"  # what orgs/queries/module.py reads of the tree
_KEPT = 64  # networks whose lines a process remembers
_NOTHING: Mapping[str, Lines] = {}


@dataclass(frozen=True)
class State:
    """What a network has in a version: the lines of settings by key, what is switched by module."""

    lines: Mapping[str, Lines]
    switches: Mapping[str, Switches]


_NEW = State(_NOTHING, {})
_kept: OrderedDict[int, tuple[UUID, State]] = OrderedDict()


@dataclass(frozen=True)
class Place:
    """Where an organization stands: the ids from the root down to it, and its day."""

    path: tuple[int, ...]
    time_zone: str

    @property
    def today(self) -> date:
        return today_in(self.time_zone)


@dataclass
class _Read:
    """What a binding has read so far."""

    state: State
    places: dict[int | None, Place]

    @property
    def lines(self) -> Mapping[str, Lines]:
        return self.state.lines


class SettingValues:
    """The kernel asks here what is in force."""

    def in_force(self, organization: Any, key: str) -> InForce | None:
        resolution = resolution_at(organization, key)
        return None if resolution.line is None else in_words(resolution.line)

    def locale(self) -> str:
        return LOCALE.at_network()


def in_words(line: Line) -> InForce:
    return InForce(
        value=line.value,
        mode=line.mode,
        organization_id=line.organization_id,
        organization_name=line.organization_name,
        set_by=line.set_by,
        since=line.starts_on,
        reason=line.reason,
        waived_until=line.ends_on if line.waiver else None,
    )


def resolution_at(organization: Organization | None, key: str, moment: datetime | None = None) -> Resolution:
    """What is in force of one setting at an organization (None: the network's parent), now or at another moment."""
    known: _Read | None = memo().get(_MEMO)
    if known is not None and not known.lines.get(key):
        return Resolution(None)  # nothing is assigned anywhere, so nobody's place matters
    read, place = _place(organization)
    return resolve(place.path, read.lines.get(key, {}), moment or now())


def resolutions_at(organization: Organization, keys: Iterable[str]) -> dict[str, Resolution]:
    """What is in force of some settings at an organization; constant queries."""
    (read, place), moment = _place(organization), now()
    return {key: resolve(place.path, read.lines.get(key, {}), moment) for key in keys}


def lock_settings() -> None:
    """One change of the bound network's settings, waivers and switches at a time, until the end of the transaction.

    What the change is judged by is read after it, so that it is what the one before left.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SETTINGS_LOCK, bound_network_id()])
    forget()


def lines_of(key: str) -> Lines:
    """Every line of a setting in the bound network, by organization."""
    return _read().lines.get(key, {})


def lines_by_key() -> Mapping[str, Lines]:
    """Every line of the bound network, by key and organization."""
    return _read().lines


def switches() -> Mapping[str, Switches]:
    """What is switched in the bound network, by module and organization."""
    return _read().state.switches


def place_of(organization: Organization) -> Place:
    """Where an organization stands, read once a binding."""
    return _place(organization)[1]


def places_of(organization_ids: Sequence[int]) -> dict[int, Place]:
    """Where some organizations stand, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES_OF, [list(organization_ids)])
        return {pk: Place(tuple(path), zone) for pk, path, zone in cursor.fetchall()}


def resolution_of(key: str, organization_ids: Sequence[int]) -> dict[int, Resolution]:
    """What is in force of one setting at several organizations; constant queries."""
    resolved = resolver(lines_of(key), now())
    return {pk: resolved(place.path) for pk, place in places_of(organization_ids).items()}


def preload(organization: Organization) -> None:
    """Read all that `Setting.at` needs for an organization: before a role that may not read settings takes over."""
    _place(organization)


def preload_places(organization_ids: Iterable[int]) -> None:
    """Read at once where organizations stand, whose resolutions are asked for one by one."""
    _read_places(_read(), organization_ids)


def preload_many(organization_ids: Sequence[int], group: str) -> None:
    """Read what `Setting.at` needs for the settings of a group at several organizations, in two queries at most.

    In a network that assigned nothing of the group it is one: nobody's place matters then.
    """
    read: _Read | None = memo().get(_MEMO)
    if read is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT version FROM orgs_settingsversion")
            row = cursor.fetchone()
        read = memo()[_MEMO] = _Read(_state(row and row[0]), {})
    if any(key.startswith(f"{group}.") and lines for key, lines in read.lines.items()):
        _read_places(read, organization_ids)


def _read_places(read: _Read, organization_ids: Iterable[int]) -> None:
    unread = {pk for pk in organization_ids if pk not in read.places}
    if unread:
        for pk, place in places_of(sorted(unread)).items():
            read.places[pk] = place


def in_force_at(
    organization_ids: Sequence[int], settings: Sequence[Setting[Any]]
) -> dict[int, dict[str, tuple[Any, Mode, int]]]:
    """By organization and key: the assigned value in force, its mode and where it is assigned; one query.

    The database resolves them (`app.settings_in_force`); a key without a line stands at its default and is left out.
    """
    types = {setting.key: setting.type for setting in settings}
    found: dict[int, dict[str, tuple[Any, Mode, int]]] = {pk: {} for pk in organization_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, key, value::text, mode, source_id"
            " FROM app.settings_in_force(%s, %s, %s)",
            [list(organization_ids), list(types), now()],
        )
        for pk, key, text, mode, source in cursor.fetchall():
            found[pk][key] = (types[key].read(json.loads(text)), Mode(mode), source)
    return found


# Paths are followed upwards, parent by parent: what stands around a place is found by its numbers only in a scan.
_PLACES = """
    WITH RECURSIVE up (place, id, parent_id, height) AS (
        SELECT o.id, o.id, o.parent_id, 0
          FROM orgs_organization o
         WHERE {where}
         UNION ALL
        SELECT up.place, a.id, a.parent_id, up.height + 1
          FROM up
          JOIN orgs_organization a ON a.id = up.parent_id
    ), path (place, ids) AS (
        SELECT place, array_agg(id ORDER BY height DESC) FROM up GROUP BY place
    )
    SELECT o.id, path.ids, o.time_zone{more}
      FROM path
      JOIN orgs_organization o ON o.id = path.place
"""
_PLACES_OF = _PLACES.format(where="o.id = ANY(%s)", more="")
_VERSION = ", (SELECT version FROM orgs_settingsversion)"
_PLACE_AND_VERSION = _PLACES.format(where="o.id = %s", more=_VERSION)
_ROOT_AND_VERSION = _PLACES.format(where="o.tree_id = %s AND o.parent_id IS NULL", more=_VERSION)


def _place(organization: Organization | None) -> tuple[_Read, Place]:
    read: _Read | None = memo().get(_MEMO)
    pk = None if organization is None else organization.pk
    if read is not None and pk in read.places:
        return read, read.places[pk]
    with connection.cursor() as cursor:
        if pk is None:
            cursor.execute(_ROOT_AND_VERSION, [bound_network_id()])
        else:
            cursor.execute(_PLACE_AND_VERSION, [pk])
        row = cursor.fetchone()
    if row is None:
        raise Organization.DoesNotExist(f"There is no organization {pk} in the bound network.")
    found, path, zone, version = row
    if read is None:
        read = memo()[_MEMO] = _Read(_state(version), {})
    read.places[pk] = read.places[found] = Place(tuple(path), zone)
    return read, read.places[pk]


def _read() -> _Read:
    return memo().get(_MEMO) or _place(None)[0]


def _state(version: UUID | None) -> State:
    """What the bound network has in a version; without one nothing was ever assigned."""
    if version is None:
        return _NEW
    network_id = bound_network_id()
    kept = _kept.pop(network_id, None)  # taken out, so that no other thread drops it in between
    if kept is None or kept[0] != version:
        kept = (version, State(_load(), _load_switches()))
    _kept[network_id] = kept
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return kept[1]


_LINE = (
    "pk",
    "organization_id",
    "key",
    "value",
    "how",
    "starts_on",
    "ends_on",
    "reason",
    "by",
    "name",
    "zone",
    "version",
    "lot",
    "waives",
    "granted",
)


def _load() -> Mapping[str, Lines]:
    """Assignments and granted waivers, in one query."""
    assigned = SettingAssignment.objects.annotate(
        how=F("mode"),
        by=F("set_by"),
        name=F("organization__name"),
        zone=F("organization__time_zone"),
        lot=F("batch_id"),
        waives=Value(False),
        granted=Value(None, output_field=BigIntegerField()),
    )
    waived = SettingWaiver.objects.filter(status=SettingWaiver.Status.GRANTED).annotate(
        how=Value(Mode.ENFORCED.value, output_field=CharField()),
        by=F("decided_by"),
        name=F("organization__name"),
        zone=F("organization__time_zone"),
        lot=Value(None, output_field=BigIntegerField()),
        waives=Value(True),
        granted=F("granter_id"),
    )
    lines: dict[str, dict[int, list[Line]]] = {}
    for row in assigned.values(*_LINE).union(waived.values(*_LINE), all=True):
        line = Line(
            id=row["pk"],
            organization_id=row["organization_id"],
            value=row["value"],
            mode=Mode(row["how"]),
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            time_zone=row["zone"],
            waiver=row["waives"],
            organization_name=row["name"],
            reason=row["reason"],
            set_by=row["by"],
            version=row["version"],
            batch_id=row["lot"],
            granter_id=row["granted"],
        )
        lines.setdefault(row["key"], {}).setdefault(line.organization_id, []).append(line)
    return lines


def _load_switches() -> Mapping[str, Switches]:
    found: dict[str, dict[int, Switch]] = {}
    rows = ModuleAssignment.objects.annotate(
        name=F("organization__name"), above=F("organization__parent__name")
    )
    for row in rows.values(
        "module",
        "organization_id",
        "active",
        "reason",
        "set_by",
        "set_at",
        "name",
        "above",
        "version",
        "batch_id",
    ):
        switch = Switch(
            organization_id=row["organization_id"],
            organization_name=row["name"],
            is_on=row["active"],
            reason=row["reason"],
            set_by=row["set_by"],
            set_at=row["set_at"],
            above_name=row["above"] or "",
            version=row["version"],
            batch_id=row["batch_id"],
        )
        found.setdefault(row["module"], {})[switch.organization_id] = switch
    return found
