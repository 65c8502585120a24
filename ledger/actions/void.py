"""Voiding: what was posted by mistake is reversed, never deleted."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from core import locale
from core.access import require
from core.actions import Act, action
from core.clock import today_in
from core.settings import why
from ledger.actions.command import Command, begin, check_reason, day_asked, post_command, refused
from ledger.actions.place import check_day
from ledger.models import Entitlement, LedgerEvent
from ledger.permissions import BILL_CREATE, ENTITLEMENT_VOID, JOURNAL_POST
from ledger.posting import reversal_of
from ledger.queries.volume import taken_off
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import VOID_OWN, VOID_WINDOW_DAYS
from orgs.queries.organization import hold_standing

Kind = LedgerEvent.Kind


@action(ENTITLEMENT_VOID, audit="event.voided")
def void(act: Act, event: LedgerEvent, *, reason: str, on: date | None = None, key: str) -> LedgerEvent:
    """Void a redemption, charge, vendor bill, refund or journal, or a sale while nothing of it was used.

    Who may: `entitlement:void` where it happened; besides, `bill:create` there for a vendor's bill, and
    `journal:post` at every organization of a journal. Effect: its exact opposite, effective on `on` (today),
    units come back. Refusals: `not_permitted` (a void, a sale in use, a date before the original or after the void
    window, one's own posting where somebody else has to void it, no reason),
    `already_reversed`, `period_closed`. Audit: `event.voided` with the reason. The same key and request return
    the first void.
    """
    entitlement = _entitlement_of(event)
    command = Command(Kind.VOID, key, {"event": event.pk, "reason": reason.strip(), "on": day_asked(on)})
    first = begin(act, command, entitlement_id=entitlement.pk if entitlement else None)
    if first is not None:
        return first
    day = on or today_in(event.organization.time_zone)
    check_reason(reason)
    _check_may(act, event)
    _check_voidable(act, event, entitlement, day)
    lines, movements = reversal_of(event.pk)
    voided = post_command(
        act,
        command,
        organization_id=event.organization_id,
        on=day,
        lines=lines,
        movements=movements,
        rule_version_id=event.rule_version_id,
        inputs={"voids": event.key, "kind": event.kind, "reason": reason.strip(), **taken_off(event.inputs)},
        voids_id=event.pk,
    )
    act.changed({}, {"voids": event.pk, "kind": event.kind, "reason": reason.strip()})
    return voided


def _entitlement_of(event: LedgerEvent) -> Entitlement | None:
    """The one entitlement that an event moved, if any."""
    return Entitlement.objects.filter(lines__movements__event=event).first()


def _check_may(act: Act, event: LedgerEvent) -> None:
    if event.kind == Kind.VENDOR_BILL:
        require(act.actor, BILL_CREATE, event)
    elif event.kind == Kind.JOURNAL:
        for line in event.lines.select_related("organization").distinct("organization"):
            require(act.actor, JOURNAL_POST, line)


def _check_voidable(act: Act, event: LedgerEvent, entitlement: Entitlement | None, on: date) -> None:
    """Refuse in the order of precedence: what can't be voided at all, then what has been voided."""
    if event.kind == Kind.VOID:
        raise refused(RefusalCode.NOT_PERMITTED, "A void is not voided. Post what was meant anew.")
    if on < event.effective_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This took place on {locale.day(event.effective_on)}; it can't be voided as of "
            f"{locale.day(on)}, before it. Choose that day or a later one.",
            field="on",
        )
    _check_open(event)
    check_day(event.organization, on)
    _check_policies(act, event, on)
    voided = LedgerEvent.objects.filter(voids=event).first()
    in_use = entitlement is not None and entitlement.lines.filter(left_units__lt=F("quantity")).exists()
    if event.kind == Kind.SALE and in_use and voided is None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            "Some of this sale has been redeemed or refunded. Void those first, or refund what is left.",
        )
    if voided is not None:
        raise refused(
            RefusalCode.ALREADY_REVERSED,
            f"This was voided on {locale.day(voided.effective_on)} by {voided.actor_label} already.",
        )


def _check_open(event: LedgerEvent) -> None:
    """Refuse to post in the books of an organization that is archived, or is being archived."""
    lines = event.lines.select_related("organization").order_by("organization").distinct("organization")
    places = [line.organization for line in lines]
    hold_standing(*places)
    closed = next((one for one in places if one.status == "archived"), None)
    if closed is not None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{closed.name} is archived and nothing is posted in its books any more. Reactivate it first.",
        )


def _check_policies(act: Act, event: LedgerEvent, on: date) -> None:
    """Refuse what the organization leaves to others, or lets nobody void any more."""
    here = event.organization
    window, passed = VOID_WINDOW_DAYS.at(here), (on - event.effective_on).days
    if window and passed > window:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This took place {locale.number(passed)} {'day' if passed == 1 else 'days'} before, on {locale.day(event.effective_on)}; "
            f"that is too long ago to be voided. {why(VOID_WINDOW_DAYS, here)}",
            field="on",
        )
    own = act.actor.id is not None and (act.actor.kind, act.actor.id) == (event.actor_kind, event.actor_id)
    if own and not VOID_OWN.at(here):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"You posted this yourself; somebody else has to void it. {why(VOID_OWN, here)}",
        )
