"""The only place that assigns a setting's value at one organization; of many see `setting_many`, of waivers `waiver`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from core import locale
from core.access import require
from core.actions import Act, action
from core.clock import now, start_in
from core.errors import Refused, Stale
from core.setting_types import Picture
from core.settings import NETWORK_WIDE, Mode, Setting, why
from orgs.actions.logo import keep_logo
from orgs.models import Organization, SettingAssignment
from orgs.permissions import SETTING_VIEW
from orgs.queries.logo import is_logo
from orgs.queries.setting import Place, lines_of, lock_settings, place_of, resolution_at
from orgs.queries.whatif import overrides_recommended
from orgs.rules.cascade import Resolution

LONGEST_REASON = 500


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
    act: Act,
    organization: Organization,
    *,
    setting: Setting[Any],
    new: NewValue,
    seen: str | None = None,
    picture: bytes | None = None,
) -> SettingAssignment:
    """Give a setting a value at an organization.

    Who may: the permission of the setting's group there. `seen` is what the person saw assigned there (`seen_at`),
    `picture` the one that the value is the digest of, unless it was uploaded before.
    Refusals: a value, kind or mode that the setting doesn't take, a value enforced above, overriding a recommended
    value or enforcing one without a reason, dates in the past, a change in the meantime. Audit: old and new value.
    """
    require(act.actor, setting.permission, organization)
    _check_takes(setting, organization, new.mode)
    if picture is not None:
        keep_logo(organization, picture, by=act.actor.label)
    stored = cleaned(setting, new.value)
    lock_settings()
    place = place_of(organization)
    _check_dates(new, place.today)
    if seen is not None and seen != seen_at(organization, setting):
        raise Stale("setting")
    resolution = resolution_at(organization, setting.key, _beginning(new, place))
    if resolution.locked_by is not None:
        raise _locked(setting, organization)
    check_reason(resolution, organization, setting, new)
    old = resolution.here
    made = _write(act, organization, setting, stored, new, place.today)
    act.about(made)
    act.changed(
        {"key": None, "value": old and in_words(setting, old.value), "mode": old and old.mode.value},
        {
            "key": setting.key,
            "value": in_words(setting, stored),
            "mode": new.mode.value,
            "reason": made.reason,
            "starts_on": made.starts_on,
            "ends_on": made.ends_on,
        },
    )
    return made


@action(SETTING_VIEW, audit="setting.inherited")
def inherit_setting(
    act: Act, organization: Organization, *, setting: Setting[Any], seen: str | None = None
) -> None:
    """Return to inheriting: what is assigned at the organization, today or later, counts no longer.

    Who may: the permission of the setting's group there. Refused when nothing is assigned. Audit: the old value.
    """
    require(act.actor, setting.permission, organization)
    lock_settings()
    if seen is not None and seen != seen_at(organization, setting):
        raise Stale("setting")
    old = resolution_at(organization, setting.key).here
    if not _end(organization.pk, setting.key, place_of(organization).today):
        raise Refused("not_permitted", f"{organization.name} has no value of its own for “{setting.label}”.")
    act.about(organization)
    act.changed(
        {"value": old and in_words(setting, old.value), "mode": old and old.mode.value},
        {"key": setting.key, "value": None, "mode": None},
    )


def check_reason(
    resolution: Resolution, organization: Organization, setting: Setting[Any], new: NewValue
) -> None:
    """Refuse a value without a reason where it overrides a recommended one or is enforced."""
    if new.reason.strip():
        return
    if overrides_recommended(resolution, cleaned(setting, new.value)):
        above = resolution.inherited
        assert above is not None
        raise Refused(
            "reason_missing",
            f"{above.organization_name} recommends {in_words(setting, above.value)}. Say why {organization.name} "
            "differs.",
            field="reason",
        )
    if new.mode == Mode.ENFORCED:
        raise Refused(
            "reason_missing", "An enforced value binds others; say why it is needed.", field="reason"
        )


def seen_at(organization: Organization, setting: Setting[Any]) -> str:
    """What is assigned at an organization, in a word that a form carries to notice a change in the meantime."""
    lines = lines_of(setting.key).get(organization.pk, ())
    return " ".join(sorted(f"{line.id}.{line.version}" for line in lines if not line.waiver))


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
        raise no_mode(setting, mode)


def no_mode(setting: Setting[Any], mode: Mode) -> Refused:
    """The refusal of a mode that the setting doesn't take."""
    known = ", ".join(one.value for one in setting.modes)
    return Refused("invalid", f"“{setting.label}” can't be {mode.value}; choose {known}.", field="mode")


def cleaned(setting: Setting[Any], value: Any) -> Any:
    """The value as it is stored, or a refusal beside the field `value`."""
    try:
        stored = setting.type.store(setting.type.clean(value))
    except (ValueError, TypeError) as error:
        raise Refused("invalid", str(error), field="value") from None
    if isinstance(setting.type, Picture) and stored and not is_logo(stored):
        raise Refused("invalid", f"No picture {stored[:8]}… was uploaded in this network.", field="value")
    return stored


def _check_dates(new: NewValue, today: date) -> None:
    first = new.starts_on or today
    if first < today:
        raise Refused(
            "invalid",
            f"The first day, {locale.day(first)}, has passed; what was in force stays.",
            field="starts_on",
        )
    if new.ends_on is not None and new.ends_on < first:
        raise Refused(
            "invalid",
            f"The last day, {locale.day(new.ends_on)}, is before the first, {locale.day(first)}.",
            field="ends_on",
        )


def _beginning(new: NewValue, place: Place) -> datetime | None:
    """The moment from which the value is to count; None: now."""
    if new.starts_on is None or new.starts_on == place.today:
        return None
    return start_in(place.time_zone, new.starts_on)


def _locked(setting: Setting[Any], organization: Organization) -> Refused:
    return Refused("policy_enforced", why(setting, organization), field="value")


def in_words(setting: Setting[Any], stored: Any) -> str:
    """A stored value as people read it."""
    return setting.show(setting.type.read(stored))


def _write(
    act: Act, organization: Organization, setting: Setting[Any], stored: Any, new: NewValue, today: date
) -> SettingAssignment:
    """Write one assignment: an open end replaces what was to come, a dated one lies over what stands."""
    first = new.starts_on or today
    rows = SettingAssignment.objects.filter(organization=organization, key=setting.key)
    if new.ends_on is None:
        rows.filter(starts_on__gt=first).delete()
    else:
        go_on_after(rows, first, new.ends_on)
    values = values_of(act, stored, new.mode, new.reason, new.ends_on)
    made, _ = rows.update_or_create(
        starts_on=first,
        defaults={**values, "version": F("version") + 1},
        create_defaults={"organization": organization, "key": setting.key, "starts_on": first, **values},
    )
    return made


def go_on_after(rows: QuerySet[SettingAssignment], first: date, last: date) -> None:
    """What began on the first day and is laid over until the last goes on the day after, where nothing else begins."""
    under = rows.filter(Q(ends_on=None) | Q(ends_on__gt=last), starts_on=first).first()
    day_after = last + timedelta(days=1)
    if under is not None and not rows.filter(starts_on=day_after).exists():
        under.pk, under.starts_on = None, day_after
        under.save(force_insert=True)


def values_of(act: Act, stored: Any, mode: Mode, reason: str, ends_on: date | None) -> dict[str, Any]:
    """The columns of an assignment by the actor, now."""
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
