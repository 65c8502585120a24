"""The only place that writes settings' values: assignments, changes of many at once, waivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q

from core.access import require
from core.actions import Act, action
from core.actors import Actor
from core.clock import now, today_in
from core.errors import Refused, Stale
from core.settings import NETWORK_WIDE, Mode, Setting, setting_of, why
from orgs.models import Organization, SettingAssignment, SettingBatch, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE, WAIVER_REQUEST
from orgs.queries.access import is_allowed
from orgs.queries.setting import forget, lines_of, resolution_at
from orgs.queries.whatif import Change, Outcome, Planned, overrides_recommended, plan

MOST_AT_ONCE = 10_000
LONGEST_REASON = 500
LONGEST_WAIVER = timedelta(days=366)


@dataclass(frozen=True)
class NewValue:
    """A value to be assigned; `starts_on` None: today at the organization; `ends_on` is the last day."""

    value: Any
    mode: Mode = Mode.DEFAULT
    reason: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@action(SETTING_VIEW, audit="setting.assigned")
def assign_setting(
    act: Act, organization: Organization, *, setting: Setting[Any], new: NewValue, seen: str | None = None
) -> SettingAssignment:
    """Give a setting a value at an organization.

    Who may: the permission of the setting's group there. `seen` is what the person saw assigned there (`seen_at`).
    Refusals: a value, kind or mode that the setting doesn't take, a value enforced above, overriding a recommended
    value or enforcing one without a reason, dates in the past, a change in the meantime. Audit: old and new value.
    """
    require(act.actor, setting.permission, organization)
    _check_takes(setting, organization, new.mode)
    stored = _cleaned(setting, new.value)
    today = today_in(organization.time_zone)
    _check_dates(new, today)
    if seen is not None and seen != seen_at(organization, setting):
        raise Stale("setting")
    resolution = resolution_at(organization, setting.key, new.starts_on)
    if resolution.locked_by is not None:
        raise _locked(setting, organization)
    if not new.reason.strip() and overrides_recommended(resolution, stored):
        above = resolution.inherited
        assert above is not None
        raise Refused(
            "reason_missing",
            f"{above.organization_name} recommends {_shown(setting, above.value)}. Say why {organization.name} "
            "differs.",
            field="reason",
        )
    if not new.reason.strip() and new.mode == Mode.ENFORCED:
        raise Refused(
            "reason_missing", "An enforced value binds others; say why it is needed.", field="reason"
        )
    old = resolution.here
    made = _write(act, organization, setting, stored, new, today)
    act.about(made)
    act.changed(
        {"key": None, "value": old and _shown(setting, old.value), "mode": old and old.mode.value},
        {
            "key": setting.key,
            "value": _shown(setting, stored),
            "mode": new.mode.value,
            "reason": made.reason,
            "starts_on": made.starts_on,
            "ends_on": made.ends_on,
        },
    )
    forget()
    return made


@action(SETTING_VIEW, audit="setting.inherited")
def inherit_setting(
    act: Act, organization: Organization, *, setting: Setting[Any], seen: str | None = None
) -> None:
    """Return to inheriting: what is assigned at the organization, today or later, counts no longer.

    Who may: the permission of the setting's group there. Refused when nothing is assigned. Audit: the old value.
    """
    require(act.actor, setting.permission, organization)
    if seen is not None and seen != seen_at(organization, setting):
        raise Stale("setting")
    old = resolution_at(organization, setting.key).here
    if not _end(organization.pk, setting.key, today_in(organization.time_zone)):
        raise Refused("not_permitted", f"{organization.name} has no value of its own for “{setting.label}”.")
    act.about(organization)
    act.changed(
        {"value": old and _shown(setting, old.value), "mode": old and old.mode.value},
        {"key": setting.key, "value": None, "mode": None},
    )
    forget()


@action(SETTING_VIEW, audit="settings.applied")
def apply_to_many(act: Act, change: Change, *, organizations: Sequence[Organization]) -> SettingBatch:
    """Assign one value at many organizations, or return them to inheriting, where the dry run says it changes.

    Who may: whoever may change the setting at them; the others are left as they are. Refusals: nothing changes, a
    value or mode that the setting doesn't take, an enforced value without a reason. Audit: one line with the
    organizations; `undo_batch` takes it back.
    """
    if len(organizations) > MOST_AT_ONCE:
        raise Refused("invalid", f"At most {MOST_AT_ONCE:,} organizations at once.", field="organizations")
    setting = change.setting
    if change.mode is not None:
        _cleaned(setting, change.value)
        if change.mode not in setting.modes:
            raise _no_mode(setting, change.mode)
        if change.mode == Mode.ENFORCED and not change.reason.strip():
            raise Refused("reason_missing", "An enforced value binds others; say why.", field="reason")
    chosen = [one for one in plan(act.actor, change, organizations) if one.outcome == Outcome.CHANGES]
    if not chosen:
        raise Refused("nothing_to_do", "Nothing would change; see the dry run for the reasons.")
    batch = SettingBatch.objects.create(
        key=setting.key,
        what=_what(change, len(chosen)),
        before=_before([one.organization.pk for one in chosen], setting.key),
        made_by_id=act.actor.id,
        made_by=act.actor.label[:200],
        made_at=now(),
    )
    _write_many(act, change, chosen, batch)
    act.about(batch)
    act.changed(
        {}, {"key": setting.key, "what": batch.what, "organizations": [one.organization.pk for one in chosen]}
    )
    forget()
    return batch


@action(SETTING_VIEW, audit="settings.undone")
def undo_batch(act: Act, batch: SettingBatch) -> int:
    """Take a change of many back, where nobody changed the value since; says at how many organizations.

    Who may: whoever may change the setting at every one of them. Refusals: undone already, nothing left to undo.
    """
    current = SettingBatch.objects.select_for_update().get(pk=batch.pk)
    if current.undone_at is not None:
        raise Refused("not_permitted", f"{current.undone_by} took this back already.")
    setting = setting_of(current.key)
    since = Q(batch__isnull=True) | ~Q(batch=current)
    touched = {one["organization"] for one in current.before}
    changed_since = set(
        SettingAssignment.objects.filter(
            since, key=current.key, organization_id__in=touched, set_at__gte=current.made_at
        ).values_list("organization_id", flat=True)
    )
    mine = touched - changed_since
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
        {}, {"key": current.key, "what": current.what, "undone_at": len(mine), "kept": len(changed_since)}
    )
    forget()
    return len(mine)


@action(WAIVER_REQUEST, audit="waiver.requested")
def request_waiver(
    act: Act,
    organization: Organization,
    *,
    setting: Setting[Any],
    value: Any,
    reason: str,
    ends_on: date,
    starts_on: date | None = None,
) -> SettingWaiver:
    """Ask for an exception to an enforced value, for an organization and what is below it, until a day.

    Who may: `waiver:request` there. A person who may decide there grants it by `decide_waiver`. Refusals: nothing is
    enforced from above, no reason, an end before today or after a year, an open request. Audit: what was asked.
    """
    resolution = resolution_at(organization, setting.key)
    if resolution.locked_by is None:
        raise Refused(
            "not_permitted",
            f"Nothing above {organization.name} enforces “{setting.label}”; change the value itself.",
        )
    stored = _cleaned(setting, value)
    today = today_in(organization.time_zone)
    first = starts_on or today
    if not reason.strip():
        raise Refused("reason_missing", "Say why the exception is needed.", field="reason")
    if first < today:
        raise Refused("invalid", f"The first day, {first}, has passed.", field="starts_on")
    if not first <= ends_on <= first + LONGEST_WAIVER:
        raise Refused(
            "invalid", "A waiver ends on its first day or later, and within a year.", field="ends_on"
        )
    if SettingWaiver.objects.filter(
        organization=organization, key=setting.key, status=SettingWaiver.Status.REQUESTED
    ).exists():
        raise Refused("duplicate", "A waiver was asked for already and waits for an answer.")
    waiver = SettingWaiver.objects.create(
        organization=organization,
        key=setting.key,
        value=stored,
        reason=reason.strip()[:LONGEST_REASON],
        starts_on=first,
        ends_on=ends_on,
        requested_by_id=act.actor.id,
        requested_by=act.actor.label[:200],
        requested_at=now(),
    )
    act.about(waiver)
    act.changed(
        {}, {"key": setting.key, "value": _shown(setting, stored), "until": ends_on, "reason": waiver.reason}
    )
    return waiver


@action(SETTING_VIEW, audit="waiver.decided")
def decide_waiver(
    act: Act, waiver: SettingWaiver, *, grant: bool, note: str = "", version: int
) -> SettingWaiver:
    """Grant or refuse a waiver that was asked for.

    Who may: `waiver:decide` at the organization that enforces the value. Refusals: decided already, nothing enforced
    any more, past its end, a refusal without a note, a stale version. Audit: the decision.
    """
    current = _locked_waiver(waiver, version)
    setting = setting_of(current.key)
    if current.status != SettingWaiver.Status.REQUESTED:
        raise Refused("not_permitted", f"This waiver is {current.get_status_display().lower()} already.")
    _check_decides(act, current, setting)
    if grant and current.ends_on < today_in(current.organization.time_zone):
        raise Refused("not_permitted", f"This waiver would have ended on {current.ends_on}.")
    if not grant and not note.strip():
        raise Refused("reason_missing", "Say why it is refused.", field="note")
    return _decide(
        act, current, SettingWaiver.Status.GRANTED if grant else SettingWaiver.Status.REFUSED, note
    )


@action(SETTING_VIEW, audit="waiver.ended")
def end_waiver(act: Act, waiver: SettingWaiver, *, note: str, version: int) -> SettingWaiver:
    """End a granted waiver before its day. Who may: `waiver:decide` where the value is enforced. Needs a note."""
    current = _locked_waiver(waiver, version)
    if current.status != SettingWaiver.Status.GRANTED:
        raise Refused("not_permitted", "Only a granted waiver can be ended.")
    if not note.strip():
        raise Refused("reason_missing", "Say why it ends.", field="note")
    _check_decides(act, current, setting_of(current.key))
    return _decide(act, current, SettingWaiver.Status.ENDED, note)


def seen_at(organization: Organization, setting: Setting[Any]) -> str:
    """What is assigned at an organization, in a word that a form carries to notice a change in the meantime."""
    lines = lines_of(setting.key).get(organization.pk, ())
    return " ".join(sorted(f"{line.id}.{line.version}" for line in lines if not line.waiver))


def decides_at(waiver: SettingWaiver) -> int | None:
    """The organization that enforces what a waiver lifts, where deciding is asked for; None: nothing is enforced."""
    locked_by = resolution_at(waiver.organization, waiver.key).locked_by
    return None if locked_by is None else locked_by.organization_id


def may_decide(actor: Actor, waiver: SettingWaiver) -> bool:
    """May the actor grant, refuse or end the waiver: do they decide where the value is enforced?"""
    where = decides_at(waiver)
    return where is not None and is_allowed(actor, WAIVER_DECIDE, where)


def _check_decides(act: Act, waiver: SettingWaiver, setting: Setting[Any]) -> None:
    where = decides_at(waiver)
    if where is None:
        raise Refused(
            "not_permitted", f"“{setting.label}” is not enforced any more; there is nothing to waive."
        )
    if not is_allowed(act.actor, WAIVER_DECIDE, where):
        raise Refused("not_permitted", "Only those who may decide where the value is enforced can do this.")


def _decide(act: Act, waiver: SettingWaiver, status: str, note: str) -> SettingWaiver:
    old = waiver.status
    waiver.status = status
    waiver.note = note.strip()[:LONGEST_REASON]
    waiver.decided_by_id, waiver.decided_by, waiver.decided_at = act.actor.id, act.actor.label[:200], now()
    waiver.version += 1
    waiver.save()
    act.organization_id = waiver.organization_id
    act.changed({"status": old}, {"status": status, "key": waiver.key, "note": waiver.note})
    forget()
    return waiver


def _locked_waiver(waiver: SettingWaiver, version: int) -> SettingWaiver:
    rows = SettingWaiver.objects.select_for_update(of=("self",)).select_related("organization")
    current = rows.get(pk=waiver.pk)
    if current.version != version:
        raise Stale("waiver")
    return current


def _check_takes(setting: Setting[Any], organization: Organization, mode: Mode) -> None:
    if organization.kind not in setting.kinds:
        where = (
            "It is set at the parent organization, for the whole network."
            if setting.kinds == NETWORK_WIDE
            else f"It applies to: {', '.join(sorted(setting.kinds)).replace('_', ' ')}."
        )
        raise Refused(
            "not_applicable",
            f"“{setting.label}” doesn't apply to {organization.name}, a "
            f"{organization.get_kind_display().lower()}. {where}",
        )
    if mode not in setting.modes:
        raise _no_mode(setting, mode)


def _no_mode(setting: Setting[Any], mode: Mode) -> Refused:
    known = ", ".join(one.value for one in setting.modes)
    return Refused("invalid", f"“{setting.label}” can't be {mode.value}; choose {known}.", field="mode")


def _cleaned(setting: Setting[Any], value: Any) -> Any:
    try:
        return setting.type.store(setting.type.clean(value))
    except (ValueError, TypeError) as error:
        raise Refused("invalid", str(error), field="value") from None


def _check_dates(new: NewValue, today: date) -> None:
    first = new.starts_on or today
    if first < today:
        raise Refused(
            "invalid", f"The first day, {first}, has passed; what was in force stays.", field="starts_on"
        )
    if new.ends_on is not None and new.ends_on < first:
        raise Refused(
            "invalid", f"The last day, {new.ends_on}, is before the first, {first}.", field="ends_on"
        )


def _locked(setting: Setting[Any], organization: Organization) -> Refused:
    return Refused("policy_enforced", why(setting, organization), field="value")


def _shown(setting: Setting[Any], stored: Any) -> str:
    return setting.show(setting.type.read(stored))


def _write(
    act: Act, organization: Organization, setting: Setting[Any], stored: Any, new: NewValue, today: date
) -> SettingAssignment:
    """Write one assignment: an open end replaces what was to come, a dated one lies over what stands."""
    first = new.starts_on or today
    rows = SettingAssignment.objects.filter(organization=organization, key=setting.key)
    if new.ends_on is None:
        rows.filter(starts_on__gt=first).delete()
    values = _values(act, stored, new.mode, new.reason, new.ends_on)
    made, _ = rows.update_or_create(
        starts_on=first,
        defaults={**values, "version": F("version") + 1},
        create_defaults={"organization": organization, "key": setting.key, "starts_on": first, **values},
    )
    return made


def _values(act: Act, stored: Any, mode: Mode, reason: str, ends_on: date | None) -> dict[str, Any]:
    return {
        "value": stored,
        "mode": mode.value,
        "reason": reason.strip()[:LONGEST_REASON],
        "ends_on": ends_on,
        "set_by_id": act.actor.id,
        "set_by": act.actor.label[:200],
        "set_at": now(),
        "batch": None,
    }


def _end(organization_id: int, key: str, today: date) -> int:
    """End what is assigned at an organization; says how many assignments that were."""
    rows = SettingAssignment.objects.filter(organization_id=organization_id, key=key)
    gone, _ = rows.filter(starts_on__gte=today).delete()
    still = rows.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    return int(gone) + still.update(ends_on=today - timedelta(days=1))


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
    values = _values(act, change.stored, change.mode, change.reason, None) | {"batch": batch}
    SettingAssignment.objects.bulk_create(
        SettingAssignment(organization_id=pk, key=change.setting.key, starts_on=days[pk], **values)
        for pk in ids
    )


_KEPT = ("value", "mode", "reason", "starts_on", "ends_on", "set_by_id", "set_by", "set_at")


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


def _restored(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _KEPT}


def _what(change: Change, count: int) -> str:
    places = f"{count} organization{'s' if count != 1 else ''}"
    if change.mode is None:
        return f"{change.setting.label}: back to inheriting at {places}"[:300]
    return f"{change.setting.label}: {change.setting.show(change.value)} ({change.mode.value}) at {places}"[
        :300
    ]
