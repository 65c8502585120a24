"""One value for many organizations: the dry run is `queries.whatif`, here it is written, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from core import locale
from core.access import require
from core.actions import Act, action
from core.clock import now
from core.errors import Refused
from core.settings import Mode, setting_of
from orgs.actions.setting import cleaned, no_mode, values_of
from orgs.models import Organization, SettingAssignment, SettingBatch
from orgs.permissions import SETTING_VIEW
from orgs.queries.setting import lock_settings
from orgs.queries.whatif import Change, Outcome, Planned, fingerprint, plan

MOST_AT_ONCE = 10_000


@action(SETTING_VIEW, audit="settings.applied")
def apply_to_many(
    act: Act, change: Change, *, organizations: Sequence[Organization], expected: str | None = None
) -> SettingBatch:
    """Assign one value at many organizations, or return them to inheriting, where the dry run says it changes.

    Who may: whoever may change the setting at them; the others are left as they are. `expected` is the dry run that the
    person saw (`fingerprint`). Refusals: nothing changes, a value or mode that the setting doesn't take, an enforced
    value without a reason, another dry run by now. Audit: one line with the organizations; `undo_batch` takes it back.
    """
    if len(organizations) > MOST_AT_ONCE:
        raise Refused(
            "invalid", f"At most {locale.number(MOST_AT_ONCE)} organizations at once.", field="organizations"
        )
    setting = change.setting
    if change.mode is not None:
        cleaned(setting, change.value)
        if change.mode not in setting.modes:
            raise no_mode(setting, change.mode)
        if change.mode == Mode.ENFORCED and not change.reason.strip():
            raise Refused("reason_missing", "An enforced value binds others; say why.", field="reason")
    lock_settings()
    planned = plan(act.actor, change, organizations)
    if expected is not None and expected != fingerprint(change, planned):
        raise Refused("stale", "Something changed since the dry run. Look again before you apply it.")
    chosen = [one for one in planned if one.outcome == Outcome.CHANGES]
    if not chosen:
        raise Refused("nothing_to_do", "Nothing would change; see the dry run for the reasons.")
    batch = SettingBatch.objects.create(
        key=setting.key,
        what=_what(change, len(chosen)),
        before=_before([one.organization.pk for one in chosen], setting.key),
        inherits=change.mode is None,
        made_by_id=act.actor.id,
        made_by=act.actor.label[:200],
        made_at=now(),
    )
    _write_many(act, change, chosen, batch)
    act.about(batch)
    act.changed(
        {}, {"key": setting.key, "what": batch.what, "organizations": [one.organization.pk for one in chosen]}
    )
    return batch


@action(SETTING_VIEW, audit="settings.undone")
def undo_batch(act: Act, batch: SettingBatch) -> int:
    """Take a change of many back, where nobody changed the value since; says at how many organizations.

    Who may: whoever may change the setting at every one of them. Refusals: undone already, nothing left to undo.
    """
    lock_settings()
    current = SettingBatch.objects.select_for_update().get(pk=batch.pk)
    if current.undone_at is not None:
        raise Refused("not_permitted", f"{current.undone_by} took this back already.")
    setting = setting_of(current.key)
    touched = {one["organization"] for one in current.before}
    mine = touched & _as_it_left_them(current, touched)
    for organization in Organization.objects.filter(pk__in=mine):
        require(act.actor, setting.permission, organization)
    if not mine:
        raise Refused("not_permitted", "Every one of these values was changed again since.")
    SettingAssignment.objects.filter(key=current.key, organization_id__in=mine).delete()
    SettingAssignment.objects.bulk_create(
        SettingAssignment(organization_id=one["organization"], key=current.key, **_restored(row))
        for one in current.before
        if one["organization"] in mine
        for row in one["rows"]
    )
    current.undone_at, current.undone_by = now(), act.actor.label[:200]
    current.save(update_fields=["undone_at", "undone_by"])
    act.changed(
        {}, {"key": current.key, "what": current.what, "undone_at": len(mine), "kept": len(touched - mine)}
    )
    return len(mine)


def _write_many(act: Act, change: Change, chosen: Sequence[Planned], batch: SettingBatch) -> None:
    ids = [one.organization.pk for one in chosen]
    rows = SettingAssignment.objects.filter(organization_id__in=ids, key=change.setting.key)
    days = {one.organization.pk: one.place.today for one in chosen}
    for day in set(days.values()):  # at most two, around the world three
        here = rows.filter(organization_id__in=[pk for pk in ids if days[pk] == day])
        here.filter(starts_on__gte=day).delete()
        here.filter(Q(ends_on=None) | Q(ends_on__gte=day)).update(ends_on=day - timedelta(days=1))
    if change.mode is None:
        return
    values = values_of(act, change.stored, change.mode, change.reason, None) | {"batch": batch}
    SettingAssignment.objects.bulk_create(
        SettingAssignment(organization_id=pk, key=change.setting.key, starts_on=days[pk], **values)
        for pk in ids
    )


_KEPT = ("value", "mode", "reason", "starts_on", "ends_on", "set_by_id", "set_by", "set_at", "batch_id")


def _before(ids: Sequence[int], key: str) -> list[dict[str, Any]]:
    """What stands at some organizations, as JSON from which it can be written again."""
    rows: dict[int, list[dict[str, Any]]] = {pk: [] for pk in ids}
    for row in SettingAssignment.objects.filter(organization_id__in=ids, key=key):
        values = {name: getattr(row, name) for name in _KEPT}
        dates = {
            name: values[name] and values[name].isoformat() for name in ("starts_on", "ends_on", "set_at")
        }
        rows[row.organization_id].append(values | dates)
    return [{"organization": pk, "rows": rows[pk]} for pk in ids]


def _as_it_left_them(batch: SettingBatch, touched: Collection[int]) -> set[int]:
    """The organizations at which nobody has assigned, dated or ended a value since the batch."""
    rows = SettingAssignment.objects.filter(key=batch.key, organization_id__in=touched)
    newer = rows.filter(~Q(batch=batch) | Q(batch=None), set_at__gte=batch.made_at)
    left = set(touched) - set(newer.values_list("organization_id", flat=True))
    if batch.inherits:
        return left
    standing = rows.filter(batch=batch, ends_on=None)
    return left & set(standing.values_list("organization_id", flat=True))


def _restored(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _KEPT}


def _what(change: Change, count: int) -> str:
    places = f"{count} organization{'s' if count != 1 else ''}"
    if change.mode is None:
        return f"{change.setting.label}: back to inheriting at {places}"[:300]
    return f"{change.setting.label}: {change.setting.show(change.value)} ({change.mode.value}) at {places}"[
        :300
    ]
