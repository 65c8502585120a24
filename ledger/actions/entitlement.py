"""Changing an entitlement: to another patient, to a later end, or to a pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.clock import today_in
from core.settings import why
from ledger.actions.beneficiary import share_on
from ledger.actions.command import Command, begin, check_reason, post_command, refused
from ledger.actions.place import check_sees, day_for
from ledger.models import Entitlement, LedgerEvent
from ledger.permissions import ENTITLEMENT_CHANGE
from ledger.posting import ChangedEntitlement
from ledger.queries.entitlement import days_frozen, entitlements_for, transfers_of
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import EXTENSION_DAYS, FREEZE_DAYS, MOST_TRANSFERS
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from patients.models import Patient

Kind = LedgerEvent.Kind


@action(ENTITLEMENT_CHANGE, audit="entitlement.transferred")
def transfer_entitlement(
    act: Act, entitlement: Entitlement, *, patient: Patient, reason: str, key: str
) -> LedgerEvent:
    """Give what is left of an entitlement to another patient, for nothing.

    Who may: `entitlement:change` at the holder, for two patients whom the actor sees. Effect: it is the other
    patient's, with the same end; who else used it goes on only where the other patient was one of them. Refusals: `not_permitted` (no reason, the same patient, void or expired, oftener than
    the holder allows), `entitlement_exhausted`, `period_closed`. Audit: `entitlement.transferred`. The same key and
    request return the first event.
    """
    command = _command(Kind.TRANSFER, key, entitlement, {"patient": patient.pk, "reason": reason.strip()})
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    current = _changeable(act, entitlement, reason)
    check_sees(act.actor, patient)
    if patient.pk == current.patient_id:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement is {patient.full_name}\u2019s already.",
            field="patient",
        )
    _check_left(current)
    most = MOST_TRANSFERS.at(current.holder)
    if transfers_of(current) >= most:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{current.package.name} was transferred as often as it may be. {why(MOST_TRANSFERS, current.holder)}",
        )
    share_on(current, patient, reason)
    event = _post(act, command, current, replace(_as_it_is(current), patient_id=patient.pk), reason)
    act.changed({"patient": current.patient_id}, {"patient": patient.pk, "reason": reason.strip()})
    return event


@action(ENTITLEMENT_CHANGE, audit="entitlement.extended")
def extend_entitlement(
    act: Act, entitlement: Entitlement, *, expires_on: date, reason: str, key: str
) -> LedgerEvent:
    """Make an entitlement usable until a later day.

    Who may: `entitlement:change` at the holder. It may have passed its last day, but not have been expired in the
    books. Refusals: `not_permitted` (no reason, no later day, without an end, void, later than the holder allows),
    `entitlement_exhausted`, `period_closed`. Audit: `entitlement.extended`. The same key and request return the first
    event.
    """
    asked = {"expires_on": expires_on.isoformat(), "reason": reason.strip()}
    command = _command(Kind.EXTENSION, key, entitlement, asked)
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    current = _changeable(act, entitlement, reason)
    _check_left(current)
    if current.expires_on is None:
        raise refused(RefusalCode.NOT_PERMITTED, "This entitlement can be used without end.")
    if expires_on <= current.expires_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"It can be used until {locale.day(current.expires_on)}; choose a later day.",
            field="expires_on",
        )
    most, today = EXTENSION_DAYS.at(current.holder), today_in(current.holder.time_zone)
    if most and (expires_on - max(current.expires_on, today)).days > most:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{locale.day(expires_on)} is too late. {why(EXTENSION_DAYS, current.holder)}",
            field="expires_on",
        )
    event = _post(act, command, current, replace(_as_it_is(current), expires_on=expires_on), reason)
    act.changed({"expires_on": current.expires_on}, {"expires_on": expires_on, "reason": reason.strip()})
    return event


@action(ENTITLEMENT_CHANGE, audit="entitlement.frozen")
def freeze_entitlement(
    act: Act, entitlement: Entitlement, *, frozen_on: date, frozen_until: date, reason: str, key: str
) -> LedgerEvent:
    """Pause an entitlement from a day to a day, both included: it is not used in between, and ends so much later.

    Who may: `entitlement:change` at the holder. Refusals: `not_permitted` (no reason, in the past, frozen already, past
    its last day, more days in all than the holder allows, void), `entitlement_exhausted`, `period_closed`. Audit:
    `entitlement.frozen`. The same key and request return the first event.
    """
    asked = {"from": frozen_on.isoformat(), "until": frozen_until.isoformat(), "reason": reason.strip()}
    command = _command(Kind.FREEZE, key, entitlement, asked)
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    current = _changeable(act, entitlement, reason)
    _check_left(current)
    _check_freeze(current, frozen_on, frozen_until)
    days = (frozen_until - frozen_on).days + 1
    later = current.expires_on + timedelta(days=days) if current.expires_on else None
    frozen = replace(_as_it_is(current), expires_on=later, frozen_on=frozen_on, frozen_until=frozen_until)
    event = _post(act, command, current, frozen, reason)
    act.changed(
        {"expires_on": current.expires_on},
        {"expires_on": later, "from": frozen_on, "until": frozen_until, "reason": reason.strip()},
    )
    return event


@action(ENTITLEMENT_CHANGE, audit="entitlement.freeze_ended")
def end_freeze(act: Act, entitlement: Entitlement, *, reason: str, key: str) -> LedgerEvent:
    """End a freeze today, or call it off before it began; the end moves back by the days that are left of it.

    Who may: `entitlement:change` at the holder. Refusals: `not_permitted` (no reason, not frozen, the freeze is over).
    Audit: `entitlement.freeze_ended`. The same key and request return the first event.
    """
    command = _command(Kind.FREEZE, key, entitlement, {"ends": True, "reason": reason.strip()})
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    current = _changeable(act, entitlement, reason)
    today = today_in(current.holder.time_zone)
    if current.frozen_on is None or current.frozen_until is None or current.frozen_until < today:
        raise refused(RefusalCode.NOT_PERMITTED, "This entitlement isn\u2019t frozen.")
    last = max(today, current.frozen_on) - timedelta(days=1)
    given_back = (current.frozen_until - last).days
    earlier = current.expires_on - timedelta(days=given_back) if current.expires_on else None
    began = last >= current.frozen_on
    thawed = replace(
        _as_it_is(current),
        expires_on=earlier,
        frozen_on=current.frozen_on if began else None,
        frozen_until=last if began else None,
    )
    event = _post(act, command, current, thawed, reason)
    act.changed(
        {"expires_on": current.expires_on, "until": current.frozen_until},
        {"expires_on": earlier, "until": thawed.frozen_until, "reason": reason.strip()},
    )
    return event


def _command(kind: Kind, key: str, entitlement: Entitlement, asked: Mapping[str, Any]) -> Command:
    return Command(kind, key, {"entitlement": entitlement.pk, **asked})


def _changeable(act: Act, entitlement: Entitlement, reason: str) -> Entitlement:
    """The entitlement as it is now, where the actor sees it and its holder stands."""
    check_reason(reason)
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don\u2019t see this entitlement.")
    current = Entitlement.objects.select_related("holder", "package", "patient").get(pk=entitlement.pk)
    hold_standing(current.holder)
    if current.status == Entitlement.Status.VOID:
        raise refused(RefusalCode.NOT_PERMITTED, "The sale was voided; nothing is left to change.")
    return current


def _check_left(entitlement: Entitlement) -> None:
    if not entitlement.lines.filter(left_units__gt=0).exists():
        raise refused(RefusalCode.ENTITLEMENT_EXHAUSTED, "Nothing is left of this entitlement.")


def _check_freeze(entitlement: Entitlement, frozen_on: date, frozen_until: date) -> None:
    holder = entitlement.holder
    today = today_in(holder.time_zone)
    if frozen_on < today:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{locale.day(frozen_on)} has passed; freeze from today on.",
            field="frozen_on",
        )
    if frozen_until < frozen_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"The freeze would end before {locale.day(frozen_on)}; choose a later last day.",
            field="frozen_until",
        )
    if entitlement.frozen_until is not None and entitlement.frozen_until >= today:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"It is frozen until {locale.day(entitlement.frozen_until)} already. End that freeze first.",
        )
    if entitlement.expires_on is not None and frozen_on > entitlement.expires_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"It can be used until {locale.day(entitlement.expires_on)}; a freeze begins before it ends.",
            field="frozen_on",
        )
    most = FREEZE_DAYS.at(holder)
    days = (frozen_until - frozen_on).days + 1
    before = days_frozen(entitlement)
    if before + days > most:
        told = f"{locale.counted(days, 'day')} of freeze are too many"
        told += f", with {locale.counted(before, 'day')} before" if before else ""
        raise refused(RefusalCode.NOT_PERMITTED, f"{told}. {why(FREEZE_DAYS, holder)}", field="frozen_until")


def _as_it_is(entitlement: Entitlement) -> ChangedEntitlement:
    return ChangedEntitlement(
        entitlement.pk,
        entitlement.patient_id,
        entitlement.expires_on,
        entitlement.frozen_on,
        entitlement.frozen_until,
    )


def _post(
    act: Act, command: Command, entitlement: Entitlement, changed: ChangedEntitlement, reason: str
) -> LedgerEvent:
    event = post_command(
        act,
        command,
        organization_id=entitlement.holder_id,
        on=day_for(entitlement.holder, None, entitlement.starts_on),
        lines=(),
        changed=changed,
        inputs={
            "holder": entitlement.holder_id,
            "entitlement": entitlement.pk,
            "reason": reason.strip(),
            "before": _plain(_as_it_is(entitlement)),
            "after": _plain(changed),
        },
    )
    act.about(entitlement)
    return event


def _plain(state: ChangedEntitlement) -> dict[str, Any]:
    days = {
        name: day.isoformat() if (day := getattr(state, name)) else None
        for name in ("expires_on", "frozen_on", "frozen_until")
    }
    return {"patient": state.patient_id, **days}
