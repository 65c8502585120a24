"""What a change of a setting would do, before anybody makes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from core.actors import Actor
from core.clock import day_in, now
from core.settings import Mode, Setting
from orgs.models import Organization
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.queries.setting import Place, lines_of, places_of
from orgs.rules.cascade import Line, Lines, Resolution, resolver


class Outcome(StrEnum):
    """What applying a value to an organization comes to."""

    CHANGES = "changes"
    SAME = "same"
    LOCKED = "locked"
    REASON = "reason"
    NOT_APPLICABLE = "not_applicable"
    NOT_PERMITTED = "not_permitted"
    NOT_ACTIVE = "not_active"


@dataclass(frozen=True)
class Change:
    """What is asked for: a value with its mode, or (mode None) the return to inheriting."""

    setting: Setting[Any]
    value: Any = None
    mode: Mode | None = None
    reason: str = ""

    access_organization_id = None  # permission is asked at each organization that it is applied to

    @property
    def stored(self) -> Any:
        return self.setting.type.store(self.value)


@dataclass(frozen=True)
class Planned:
    """What the change comes to at one organization."""

    organization: Organization
    outcome: Outcome
    now: Resolution
    place: Place


@dataclass(frozen=True)
class Effect:
    """What changing one organization's value does to it and below: who gets another value, who is overruled."""

    changed: list[tuple[Organization, Any, Any]]
    overruled: list[Organization]
    unchanged: int


def plan(actor: Actor, change: Change, organizations: Iterable[Organization]) -> list[Planned]:
    """What a change comes to at each of some organizations; constant queries."""
    rows = list(organizations)
    places = places_of([row.pk for row in rows])
    permitted = set(
        organizations_for(actor, change.setting.permission)
        .filter(pk__in=[row.pk for row in rows])
        .values_list("pk", flat=True)
    )
    resolved = resolver(lines_of(change.setting.key), now())
    found = {row.pk: resolved(places[row.pk].path) for row in rows}
    return [_planned(change, row, places[row.pk], found[row.pk], row.pk in permitted) for row in rows]


def fingerprint(change: Change, planned: Iterable[Planned]) -> str:
    """What a dry run said, as a digest that a form carries to notice a change in the meantime."""
    told = sorted(
        (one.organization.pk, one.outcome.value, one.now.here and (one.now.here.id, one.now.here.version))
        for one in planned
    )
    value = None if change.mode is None else (change.stored, change.mode.value)
    return sha256(repr((change.setting.key, value, told)).encode()).hexdigest()


def effect_of(change: Change, organization: Organization) -> Effect:
    """What a change at one organization would do there and below; one query over the subtree."""
    before, moment = lines_of(change.setting.key), now()
    after = _with(change, before, organization, moment)
    was, becomes = resolver(before, moment), resolver(after, moment)
    changed, overruled, unchanged = [], [], 0
    for row, path in _below(organization):
        if row.kind not in change.setting.kinds:
            continue
        old, new = was(path), becomes(path)
        if _value(change.setting, old) != _value(change.setting, new):
            changed.append((row, _value(change.setting, old), _value(change.setting, new)))
        else:
            unchanged += 1
        if new.is_conflict and not old.is_conflict and row.pk != organization.pk:
            overruled.append(row)
    return Effect(changed, overruled, unchanged)


def _planned(change: Change, row: Organization, place: Place, now: Resolution, permitted: bool) -> Planned:
    return Planned(row, _outcome(change, row, now, permitted), now, place)


def _outcome(change: Change, row: Organization, now: Resolution, permitted: bool) -> Outcome:
    if row.kind not in change.setting.kinds:
        return Outcome.NOT_APPLICABLE
    if not permitted:
        return Outcome.NOT_PERMITTED
    if row.status == Organization.Status.ARCHIVED:
        return Outcome.NOT_ACTIVE
    if change.mode is None:
        return Outcome.CHANGES if now.here else Outcome.SAME
    if now.locked_by is not None:
        is_same = now.line is not None and now.line.value == change.stored
        return Outcome.SAME if is_same else Outcome.LOCKED
    if now.here is not None and (now.here.value, now.here.mode) == (change.stored, change.mode):
        return Outcome.SAME
    if overrides_recommended(now, change.stored) and not change.reason.strip():
        return Outcome.REASON
    return Outcome.CHANGES


def overrides_recommended(now: Resolution, stored: Any) -> bool:
    """Would the value override another one that is recommended above?"""
    above = now.inherited
    return above is not None and above.mode == Mode.RECOMMENDED and above.value != stored


def _with(change: Change, lines: Lines, organization: Organization, moment: datetime) -> Lines:
    """The lines as they would be after the change."""
    kept: Mapping[int, Sequence[Line]] = {
        **lines,
        organization.pk: [line for line in lines.get(organization.pk, ()) if line.waiver],
    }
    if change.mode is None:
        return kept
    new = Line(
        id=0,
        organization_id=organization.pk,
        value=change.stored,
        mode=change.mode,
        starts_on=day_in(organization.time_zone, moment),
        ends_on=None,
        time_zone=organization.time_zone,
    )
    return {**kept, organization.pk: [*kept[organization.pk], new]}


def _value(setting: Setting[Any], resolution: Resolution) -> Any:
    return setting.default if resolution.line is None else setting.type.read(resolution.line.value)


def _below(organization: Organization) -> Iterator[tuple[Organization, tuple[int, ...]]]:
    """The organization and everything below it that isn't archived, each with the path to it."""
    (start,) = places_of([organization.pk]).values()
    paths = {organization.parent_id: start.path[:-1]}
    for row in tree.subtree(organization):
        paths[row.pk] = (*paths[row.parent_id], row.pk)
        if row.status != Organization.Status.ARCHIVED:
            yield row, paths[row.pk]
