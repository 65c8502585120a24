"""Waivers: asked for where a value is enforced from above, decided where it is enforced, ended before their day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.clock import now, today_in
from core.errors import Refused, Stale
from core.settings import Setting, setting_of
from orgs.actions.setting import LONGEST_REASON, cleaned, in_words
from orgs.models import Organization, SettingWaiver
from orgs.permissions import SETTING_VIEW, WAIVER_DECIDE, WAIVER_REQUEST
from orgs.queries.access import is_allowed
from orgs.queries.setting import lock_settings, place_of, resolution_at

LONGEST_WAIVER = timedelta(days=366)


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
    enforced from above, no reason, an end before today or after a year, an open request. Audit: what was asked. After
    commit: mail to those who decide.
    """
    lock_settings()
    resolution = resolution_at(organization, setting.key)
    if resolution.locked_by is None:
        raise Refused(
            "not_permitted",
            f"Nothing above {organization.name} enforces “{setting.label}”; change the value itself.",
        )
    stored = cleaned(setting, value)
    today = place_of(organization).today
    first = starts_on or today
    if not reason.strip():
        raise Refused("reason_missing", "Say why the exception is needed.", field="reason")
    if first < today:
        raise Refused("invalid", f"The first day, {locale.day(first)}, has passed.", field="starts_on")
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
    act.emit("waiver.requested", waiver_id=waiver.pk)
    act.about(waiver)
    act.changed(
        {},
        {"key": setting.key, "value": in_words(setting, stored), "until": ends_on, "reason": waiver.reason},
    )
    return waiver


@action(SETTING_VIEW, audit="waiver.decided")
def decide_waiver(
    act: Act, waiver: SettingWaiver, *, grant: bool, note: str = "", version: int
) -> SettingWaiver:
    """Grant or refuse a waiver that was asked for.

    Who may: `waiver:decide` at the organization that enforces the value; it lifts nothing that is enforced above that.
    Refusals: decided already, nothing enforced any more, past its end, a refusal without a note, a stale version.
    Audit: the decision. After commit: mail to whoever asked.
    """
    current = _locked_waiver(waiver, version)
    setting = setting_of(current.key)
    if current.status != SettingWaiver.Status.REQUESTED:
        raise Refused("not_permitted", f"This waiver is {current.get_status_display().lower()} already.")
    enforcer = _check_decides(act, current, setting)
    act.emit("waiver.decided", waiver_id=current.pk)
    if grant and current.ends_on < today_in(current.organization.time_zone):
        raise Refused("not_permitted", f"This waiver would have ended on {locale.day(current.ends_on)}.")
    if not grant and not note.strip():
        raise Refused("reason_missing", "Say why it is refused.", field="note")
    if not grant:
        return _decide(act, current, SettingWaiver.Status.REFUSED, note)
    current.granter_id = enforcer
    return _decide(act, current, SettingWaiver.Status.GRANTED, note)


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


def decides_at(waiver: SettingWaiver) -> int | None:
    """The organization that enforces what a waiver lifts, where deciding is asked for; None: nothing is enforced."""
    locked_by = resolution_at(waiver.organization, waiver.key).locked_by
    return None if locked_by is None else locked_by.organization_id


def may_decide(actor: Actor, waiver: SettingWaiver) -> bool:
    """May the actor grant, refuse or end the waiver: do they decide where the value is enforced?"""
    where = decides_at(waiver)
    return where is not None and is_allowed(actor, WAIVER_DECIDE, where)


def _check_decides(act: Act, waiver: SettingWaiver, setting: Setting[Any]) -> int:
    """Refuse whoever doesn't decide; returns the organization that enforces the value."""
    where = decides_at(waiver)
    if where is None:
        raise Refused(
            "not_permitted", f"“{setting.label}” is not enforced any more; there is nothing to waive."
        )
    if not is_allowed(act.actor, WAIVER_DECIDE, where):
        raise Refused("not_permitted", "Only those who may decide where the value is enforced can do this.")
    return where


def _decide(act: Act, waiver: SettingWaiver, status: str, note: str) -> SettingWaiver:
    old = waiver.status
    waiver.status = status
    waiver.note = note.strip()[:LONGEST_REASON]
    waiver.decided_by_id, waiver.decided_by, waiver.decided_at = act.actor.id, act.actor.label[:200], now()
    waiver.version += 1
    waiver.save()
    act.organization_id = waiver.organization_id
    act.changed({"status": old}, {"status": status, "key": waiver.key, "note": waiver.note})
    return waiver


def _locked_waiver(waiver: SettingWaiver, version: int) -> SettingWaiver:
    lock_settings()
    rows = SettingWaiver.objects.select_for_update(of=("self",)).select_related("organization")
    current = rows.get(pk=waiver.pk)
    if current.version != version:
        raise Stale("waiver")
    return current
