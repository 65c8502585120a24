"""What moving organizations would do, before anybody does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from django.db.models import Q

from core.actors import Actor
from core.clock import now, today_in
from core.registries import MovedNode, MoveEffect, move_effects, named
from core.settings import all_settings
from orgs.models import Membership, Organization
from orgs.permissions import MEMBERSHIP_VIEW, ORGANIZATION_VIEW
from orgs.queries import tree
from orgs.queries.access import organizations_for, where
from orgs.queries.setting import lines_by_key
from orgs.rules.cascade import resolver
from orgs.rules.roles import ROLES

SHOWN = 12


@dataclass(frozen=True)
class People:
    """Who would reach what they don't reach now, or the other way round: sentences, and how many aren't shown."""

    count: int
    shown: tuple[str, ...]

    @property
    def hidden(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True)
class SettingChange:
    """A setting that would have another value at some of the organizations."""

    label: str
    old: str
    new: str
    at: str


@dataclass(frozen=True)
class MovePreview:
    """Everything that a move would change, for the page that asks before it."""

    target: Organization
    count: int
    gained: People
    lost: People
    settings: tuple[SettingChange, ...]
    effects: tuple[MoveEffect, ...]

    @property
    def is_quiet(self) -> bool:
        return not (self.gained.count or self.lost.count or self.settings or self.effects)

    @property
    def fingerprint(self) -> str:
        """Says which preview somebody has seen: another one has another."""
        said = (self.target.pk, self.count, self.gained, self.lost, self.settings, self.effects)
        return sha256(repr(said).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class _Node:
    """An organization that would move, with its path of ids before and after."""

    row: Organization
    old: tuple[int, ...]
    new: tuple[int, ...]


def preview(actor: Actor, organizations: Sequence[Organization], to: Organization) -> MovePreview:
    """What moving some organizations with everything below them under another would change; constant queries."""
    paths = tree.paths_to([*(one.pk for one in organizations), to.pk])
    nodes = list(_moved(organizations, paths, to))
    rows = {step.pk: step for path in paths.values() for step in path} | {
        node.row.pk: node.row for node in nodes
    }
    gained, lost = _people(actor, organizations, paths, to)
    seen = set(
        organizations_for(actor, ORGANIZATION_VIEW)
        .filter(pk__in=[node.row.pk for node in nodes])
        .values_list("pk", flat=True)
    )
    moved = [
        MovedNode(
            node.row.pk,
            node.row.code,
            node.row.name,
            node.row.kind,
            tuple(rows[pk].code for pk in node.old),
            tuple(rows[pk].code for pk in node.new),
            node.row.pk in seen,
        )
        for node in nodes
    ]
    effects = tuple(effect for ask in move_effects for effect in ask(actor, moved))
    return MovePreview(to, len(nodes), gained, lost, tuple(_settings(nodes, moved)), effects)


def _moved(
    organizations: Sequence[Organization], paths: Mapping[int, list[Organization]], to: Organization
) -> Iterator[_Node]:
    """Everything that would move and isn't archived, in one query."""
    inside = Q(pk__in=[])
    for one in organizations:
        inside |= Q(tree_id=one.tree_id, lft__range=(one.lft, one.rght))
    above = tuple(step.pk for step in paths[to.pk])
    tops = {one.pk: tuple(step.pk for step in paths[one.pk]) for one in organizations}
    known: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for row in Organization.objects.filter(inside).order_by("lft"):
        if row.pk in tops:
            known[row.pk] = tops[row.pk], (*above, row.pk)
        else:
            assert row.parent_id is not None
            old, new = known[row.parent_id]
            known[row.pk] = (*old, row.pk), (*new, row.pk)
        if row.status != Organization.Status.ARCHIVED:
            yield _Node(row, *known[row.pk])


def _people(
    actor: Actor,
    organizations: Sequence[Organization],
    paths: Mapping[int, list[Organization]],
    to: Organization,
) -> tuple[People, People]:
    """Who gains and who loses a role at one of the organizations: roles with everything below, above them."""
    ids = {step.pk for path in paths.values() for step in path}
    held: dict[int, set[tuple[int, str]]] = defaultdict(set)
    said: dict[tuple[int, str], str] = {}
    rows = Membership.objects.filter(organization__in=ids, scope="subtree").select_related(
        "user", "organization"
    )
    seen = set(rows.filter(where(actor, MEMBERSHIP_VIEW, "organization")).values_list("pk", flat=True))
    for row in rows.order_by("user__name", "pk"):
        if not _is_live(row, today_in(to.time_zone)):
            continue
        key = row.user_id, row.role
        held[row.organization_id].add(key)
        if row.pk in seen:
            role = ROLES[row.role].label if row.role in ROLES else row.role
            said.setdefault(key, f"{row.user.name}, {role} at {row.organization.name} and everything below")
    gained: set[tuple[int, str]] = set()
    lost: set[tuple[int, str]] = set()
    after = set().union(*(held[step.pk] for step in paths[to.pk]))
    for one in organizations:
        before = set().union(*(held[step.pk] for step in paths[one.pk][:-1]))
        gained |= after - before - held[one.pk]
        lost |= before - after - held[one.pk]
    return _named(gained, said), _named(lost, said)


def _is_live(row: Membership, today: date) -> bool:
    return row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)


def _named(found: set[tuple[int, str]], said: Mapping[tuple[int, str], str]) -> People:
    names = sorted(said[key] for key in found if key in said)
    return People(len(found), tuple(names[:SHOWN]))


def _settings(nodes: Sequence[_Node], moved: Sequence[MovedNode]) -> Iterator[SettingChange]:
    """Effective values that would be others, grouped by setting and by what they were and would be."""
    lines, moment = lines_by_key(), now()
    for setting in all_settings():
        own = lines.get(setting.key)
        if not own:
            continue
        resolved = resolver(own, moment)
        changed: dict[tuple[str, str], list[MovedNode]] = defaultdict(list)
        for node, said in zip(nodes, moved, strict=True):
            if node.row.kind not in setting.kinds:
                continue
            before, after = resolved(node.old).line, resolved(node.new).line
            if before is after:
                continue
            old, new = _shown(setting, before), _shown(setting, after)
            if old != new:
                changed[old, new].append(said)
        for (old, new), places in changed.items():
            yield SettingChange(setting.label, old, new, named(places))


def _shown(setting: Any, line: Any) -> str:
    return str(setting.show(setting.default if line is None else setting.type.read(line.value)))
