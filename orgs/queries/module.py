"""Reads of modules and EMR profiles: what is on, and who switched it off where.

What is switched is read with the settings (`orgs/queries/setting.py`) and kept in memory under their version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, Q, QuerySet

from core.actors import Actor, UserActor
from core.modules import Module, Off, everything, module_of, needed_by
from core.permissions import is_known
from core.tenancy import memo
from orgs.models import ModuleBatch, Organization
from orgs.permissions import MODULE_EDIT, MODULE_VIEW
from orgs.queries.access import organizations_for
from orgs.queries.setting import RANGES, place_of, places_of, switches
from orgs.rules.switching import Switch, first_off


class ModuleSwitches:
    """The kernel asks here what is on."""

    def off_at(self, organization: Any, code: str) -> Off | None:
        return off_at(organization, code)

    def off_at_all(
        self, actor: Actor, permission: str, code: str, places: tuple[int, ...]
    ) -> tuple[Off, str] | None:
        if not _is_off_anywhere(code):
            return None
        if places:
            rows = list(Organization.objects.filter(pk__in=places).order_by("lft"))
        elif _on_at_some(organizations_for(actor, permission), code).exists():
            return None
        else:
            rows = list(organizations_for(actor, permission).order_by("lft")[:1])
        offs = [(off_at(row, code), row.name) for row in rows]
        first, name = offs[0] if offs else (None, "")
        return (first, name) if first is not None and all(off for off, _ in offs) else None

    def on_somewhere(self, actor: Actor, pairs: list[tuple[str, str]]) -> list[bool]:
        """One query at most, and none where nothing of it is off."""
        asked = {pair for pair in pairs if _is_off_anywhere(pair[1])}
        if not asked:
            return [True for _ in pairs]
        asking = partial(_asked_at_once, actor, sorted(asked))
        # A page asks several times, as its parts are rendered on their own.
        answers = (
            actor.remember(f"modules:{sorted(asked)}", asking) if isinstance(actor, UserActor) else asking()
        )
        return [answers.get(pair, True) for pair in pairs]


@dataclass(frozen=True)
class Standing:
    """A module at an organization: why it is off (None: on), and what was switched there itself."""

    module: Module
    off: Off | None
    here: Switch | None

    @property
    def word(self) -> str:
        """on, off (switched off here), above (off at one above), or needs (something that it requires is off)."""
        if self.off is None:
            return "on"
        if self.here is not None and not self.here.is_on:
            return "off"
        return "above" if self.off.cause == self.module else "needs"


def off_at(organization: Organization, code: str) -> Off | None:
    """Why a module is off at an organization; None where it is on."""
    if not _is_off_anywhere(code):
        return None
    place = place_of(organization)
    return _off(code, place.path, place.time_zone)


def standings_at(
    organization_ids: Sequence[int], modules: Iterable[Module]
) -> dict[int, dict[str, Standing]]:
    """Modules at several organizations, by id and code; two queries at most, whatever is asked."""
    asked, switched = list(modules), switches()
    empty = {module.code: Standing(module, None, None) for module in asked}
    if not any(switched.values()):
        return dict.fromkeys(organization_ids, empty)
    return {
        pk: {
            module.code: Standing(
                module,
                _off(module.code, place.path, place.time_zone),
                switched.get(module.code, {}).get(pk),
            )
            for module in asked
        }
        for pk, place in places_of(organization_ids).items()
    }


def in_force_at(organization_ids: Sequence[int], codes: Sequence[str]) -> dict[int, dict[str, bool]]:
    """By organization and module: is it on? One query; the database resolves it (`app.modules_in_force`)."""
    needed = {code: needed_by(code) for code in codes}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, module, is_on FROM app.modules_in_force(%s, %s)",
            [list(organization_ids), sorted({one for of in needed.values() for one in of})],
        )
        on = {(pk, code): is_on for pk, code, is_on in cursor.fetchall()}
    return {pk: {code: all(on[pk, one] for one in needed[code]) for code in codes} for pk in organization_ids}


def switchable_for(actor: Actor) -> QuerySet[Organization]:
    """Where an actor may switch modules: below organizations where they may, and at the root where they may there."""
    mine = organizations_for(actor, MODULE_EDIT)
    return Organization.objects.filter(
        Q(parent__in=mine.order_by().values("pk")) | Q(parent=None, pk__in=mine.order_by().values("pk"))
    ).exclude(kind="third_party")


def batches_for(actor: Actor) -> QuerySet[ModuleBatch]:
    """One's own changes; everybody's for whoever sees the modules of the parent organization."""
    rows = ModuleBatch.objects.all()
    if organizations_for(actor, MODULE_VIEW).filter(parent=None).exists():
        return rows
    return rows.filter(made_by_id=actor.id)


def switched_anywhere(codes: Iterable[str]) -> Mapping[str, Mapping[int, Switch]]:
    """What is switched of some modules, by module and organization."""
    every = switches()
    return {code: every.get(code, {}) for code in codes}


def _is_off_anywhere(code: str) -> bool:
    switched = switches()
    return bool(switched) and any(
        not one.is_on for needed in needed_by(code) for one in switched.get(needed, {}).values()
    )


def _off(code: str, path: Sequence[int], zone: str) -> Off | None:
    found = first_off(path, needed_by(code), switches())
    if found is None:
        return None
    cause, switch = found
    return Off(
        module=module_of(code),
        cause=module_of(cause),
        organization_id=switch.organization_id,
        organization_name=switch.organization_name,
        set_by=switch.set_by,
        since=switch.set_at.astimezone(ZoneInfo(zone)).date(),
        reason=switch.reason,
        ask_at=switch.above_name or switch.organization_name,
    )


def _on_at_some(rows: QuerySet[Organization], code: str) -> QuerySet[Organization]:
    """Those of some organizations at which a module is on."""
    every, ranges = switches(), _ranges()
    off = Q(pk__in=[])
    for needed in needed_by(code):
        for pk, one in every.get(needed, {}).items():
            if not one.is_on and pk in ranges:
                off |= Q(lft__range=ranges[pk])
    return rows.exclude(off)


def _ranges() -> dict[int, tuple[int, int]]:
    """What lies below each organization that switched something, read once a binding."""
    known: dict[int, tuple[int, int]] | None = memo().get(RANGES)
    if known is None:
        at = {pk for of_module in switches().values() for pk in of_module}
        rows = Organization.objects.filter(pk__in=at).values_list("pk", "lft", "rght")
        known = memo()[RANGES] = {pk: (lft, rght) for pk, lft, rght in rows}
    return known


def _asked_at_once(actor: Actor, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    asked = {
        f"on_{number}": Exists(_on_at_some(organizations_for(actor, permission), code))
        for number, (permission, code) in enumerate(pairs)
    }
    row = Organization.objects.filter(parent=None).order_by().values(**asked).first() or {}
    return {pair: bool(row.get(f"on_{number}")) for number, pair in enumerate(pairs)}


def known_codes() -> set[str]:
    """The codes that are declared: what a release took out is kept and not shown."""
    return {module.code for module in everything()}


def asks(module: Module) -> list[str]:
    """The permissions by which people use a module, as far as they are declared."""
    return [code for code in module.permissions if is_known(code)]
