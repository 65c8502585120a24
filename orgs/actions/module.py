"""The only place that writes what is switched on and off at organizations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import F

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.clock import now
from core.errors import Refused
from core.modules import Module, that_need
from core.tenancy import forget
from orgs.models import ModuleAssignment, ModuleBatch, Organization
from orgs.permissions import MODULE_EDIT
from orgs.queries.module import switchable_for
from orgs.queries.setting import lock_settings, preload_places, switches

MOST_AT_ONCE = 10_000
LONGEST_REASON = 500


@dataclass(frozen=True)
class Switching:
    """Modules to be switched off, or on again, and why."""

    modules: tuple[Module, ...]
    is_on: bool
    reason: str = ""

    @property
    def access_organization_id(self) -> None:
        """Asked anywhere first; each organization is asked when it is switched."""


@dataclass(frozen=True)
class Step:
    """One module at one organization that would be switched."""

    organization: Organization
    module: Module


def steps_of(actor: Actor, switching: Switching, organizations: Sequence[Organization]) -> list[Step]:
    """What would change: where the actor may, the module applies, and it isn't switched so already. One query."""
    mine = set(
        switchable_for(actor).filter(pk__in=[one.pk for one in organizations]).values_list("pk", flat=True)
    )
    switched = switches()
    return [
        Step(organization, module)
        for organization in organizations
        if organization.pk in mine and organization.status != Organization.Status.ARCHIVED
        for module in switching.modules
        if organization.kind in module.kinds
        and _is_on_here(switched.get(module.code, {}).get(organization.pk)) != switching.is_on
    ]


def goes_off_too(switching: Switching) -> list[Module]:
    """What needs the modules that are switched off, and so goes off with them."""
    found = {one.code: one for module in switching.modules for one in that_need(module.code)}
    return [one for one in found.values() if one not in switching.modules]


@action(MODULE_EDIT, audit="modules.switched")
def switch_modules(
    act: Act, switching: Switching, *, organizations: Sequence[Organization], expected: str | None = None
) -> ModuleBatch:
    """Switch modules off at organizations, or on again; nothing is deleted by it.

    Who may: `module:edit` at the organization above each (at the root itself for the root); the others are left as
    they are. `expected` is what the person saw would change (`fingerprint`). Refusals: no module, nothing changes, no reason to switch
    off, something changed in the meantime, switching on what is off at the organization above or lacks what it
    requires. Audit: one line with modules and organizations; `undo_switch` takes it back.
    """
    if not switching.modules:
        raise Refused("invalid", "Choose at least one module.", field="modules")
    if len(organizations) > MOST_AT_ONCE:
        raise Refused(
            "invalid", f"At most {locale.number(MOST_AT_ONCE)} organizations at once.", field="organizations"
        )
    reason = switching.reason.strip()[:LONGEST_REASON]
    if not switching.is_on and not reason:
        raise Refused("reason_missing", "Say why it is switched off; its people read it.", field="reason")
    lock_settings()
    steps = steps_of(act.actor, switching, organizations)
    if not steps:
        word = "on" if switching.is_on else "off"
        raise Refused(
            "nothing_to_do",
            f"Nothing would change: it is {word} there already, doesn’t apply, or isn’t yours to switch. Modules are "
            "switched by whoever may at the organization above.",
            field="organizations",
        )
    if expected is not None and expected != fingerprint(steps):
        raise Refused("stale", "Something changed since the preview. Look again before you apply it.")
    batch = ModuleBatch.objects.create(
        what=_what(switching, steps),
        reason=reason,
        before=_before(steps),
        made_by_id=act.actor.id,
        made_by=act.actor.label[:200],
        made_at=now(),
    )
    _write(act, steps, batch, is_on=switching.is_on, reason=reason)
    forget()  # what follows asks what is off now
    if switching.is_on:
        _refuse_dead_switches(steps)
    act.about(batch)
    act.changed(
        {},
        {
            "what": batch.what,
            "reason": reason,
            "modules": sorted({step.module.code for step in steps}),
            "organizations": sorted({step.organization.pk for step in steps}),
        },
    )
    return batch


@action(MODULE_EDIT, audit="modules.undone")
def undo_switch(act: Act, batch: ModuleBatch) -> int:
    """Take a change back, where nobody switched the module since; says how many switches that were.

    Who may: whoever may switch modules at every organization of it. Refusals: undone already, nothing left to undo,
    an organization that isn't theirs.
    """
    lock_settings()
    current = ModuleBatch.objects.select_for_update().get(pk=batch.pk)
    if current.undone_at is not None:
        raise Refused("not_permitted", f"{current.undone_by} took this back already.")
    rows = {(row.organization_id, row.module): row for row in current.assignments.select_for_update()}
    mine = set(switchable_for(act.actor).filter(pk__in=[pk for pk, _ in rows]).values_list("pk", flat=True))
    other = next((pk for pk, _ in rows if pk not in mine), None)
    if other is not None:
        name = Organization.objects.values_list("name", flat=True).get(pk=other)
        raise Refused(
            "not_permitted", f"{name} isn’t yours to switch; ask whoever may at the organization above."
        )
    if not rows:
        raise Refused("not_permitted", "Every one of these was switched again since.")
    _restore(rows, current.before)
    current.undone_at, current.undone_by = now(), act.actor.label[:200]
    current.save(update_fields=["undone_at", "undone_by"])
    act.changed({}, {"what": current.what, "undone": len(rows), "kept": len(current.before) - len(rows)})
    return len(rows)


def fingerprint(steps: Sequence[Step]) -> str:
    """What would change, as a digest that a form carries to notice a change in the meantime."""
    switched = switches()
    told = " ".join(
        sorted(
            f"{step.organization.pk}.{step.module.code}.{getattr(found, 'version', 0)}"
            for step in steps
            for found in (switched.get(step.module.code, {}).get(step.organization.pk),)
        )
    )
    return sha256(told.encode()).hexdigest()


def _is_on_here(switch: Any) -> bool:
    return switch is None or switch.is_on


def _refuse_dead_switches(steps: Sequence[Step]) -> None:
    """Refuse switching on what stays off: what its parent doesn't have, or what lacks something that it requires."""
    preload_places(step.organization.pk for step in steps)
    for step in steps:
        off = step.module.off_at(step.organization)
        if off is not None:
            raise Refused(
                "module_off",
                f"{step.module.label} would stay off at {step.organization.name}, which has only what its parent has. "
                f"{off.sentence(step.organization.name)}",
                field="modules",
            )


def _write(act: Act, steps: Sequence[Step], batch: ModuleBatch, *, is_on: bool, reason: str) -> None:
    """Write what is switched: set-based, whatever the number of organizations."""
    values = {
        "active": is_on,
        "reason": reason,
        "set_by_id": act.actor.id,
        "set_by": act.actor.label[:200],
        "set_at": now(),
        "batch": batch,
    }
    rows = _rows(steps)
    there = ModuleAssignment.objects.filter(pk__in=[row.pk for row in rows])
    there.update(version=F("version") + 1, **values)
    known = {(row.organization_id, row.module) for row in rows}
    ModuleAssignment.objects.bulk_create(
        ModuleAssignment(organization_id=step.organization.pk, module=step.module.code, **values)
        for step in steps
        if (step.organization.pk, step.module.code) not in known
    )


def _rows(steps: Sequence[Step]) -> list[ModuleAssignment]:
    wanted = {(step.organization.pk, step.module.code) for step in steps}
    rows = ModuleAssignment.objects.select_for_update().filter(
        organization_id__in={pk for pk, _ in wanted}, module__in={code for _, code in wanted}
    )
    return [row for row in rows.order_by("pk") if (row.organization_id, row.module) in wanted]


_KEPT = ("active", "reason", "set_by_id", "set_by", "set_at")


def _before(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """What stood at each step, as JSON from which it can be written again; `row` None: nothing."""
    rows = {(row.organization_id, row.module): row for row in _rows(steps)}
    found = []
    for step in steps:
        row = rows.get((step.organization.pk, step.module.code))
        kept = row and {name: getattr(row, name) for name in _KEPT} | {"set_at": row.set_at.isoformat()}
        found.append({"organization": step.organization.pk, "module": step.module.code, "row": kept})
    return found


def _restore(rows: Mapping[tuple[int, str], ModuleAssignment], before: Sequence[dict[str, Any]]) -> None:
    """Write again what stood before, of those rows that are still there: one DELETE and one UPDATE."""
    was = {
        rows[key].pk: one["row"]
        for one in before
        for key in [(one["organization"], one["module"])]
        if key in rows
    }
    ModuleAssignment.objects.filter(pk__in=[pk for pk, row in was.items() if row is None]).delete()
    kept = {pk: row for pk, row in was.items() if row is not None}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orgs_moduleassignment m SET active = v.active, reason = v.reason, set_by_id = v.set_by_id,"
            " set_by = v.set_by, set_at = v.set_at, batch_id = NULL, version = m.version + 1"
            " FROM unnest(%s::bigint[], %s::boolean[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[])"
            " v(id, active, reason, set_by_id, set_by, set_at) WHERE m.id = v.id",
            [list(kept), *([row[name] for row in kept.values()] for name in _KEPT)],
        )


def _what(switching: Switching, steps: Sequence[Step]) -> str:
    labels = list(dict.fromkeys(step.module.label for step in steps))
    names = list(dict.fromkeys(step.organization.name for step in steps))
    where = names[0] if len(names) == 1 else f"{locale.number(len(names))} organizations"
    many = f"{', '.join(labels[:4])}{f' and {len(labels) - 4} more' if len(labels) > 4 else ''}"
    return f"{many}: switched {'on' if switching.is_on else 'off'} at {where}"[:300]
