"""Voiding: what was posted by mistake is reversed, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import F

from core import locale
from core.access import require
from core.actions import Act, action
from core.settings import why
from ledger.actions.breakage import reversed_excess, reversed_inputs
from ledger.actions.command import Command, begin, check_reason, day_asked, post_command, refused
from ledger.actions.place import check_day, day_for
from ledger.models import Entitlement, EntitlementLine, LedgerEvent
from ledger.permissions import BILL_CREATE, ENTITLEMENT_VOID, JOURNAL_POST, UNCLAIMED_PAY
from ledger.posting import Movement, reversal_of
from ledger.queries.answer import party_facts
from ledger.queries.party import parties_of
from ledger.queries.volume import taken_off
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import VOID_OWN, VOID_WINDOW_DAYS
from ledger.rules.tax import opposite
from orgs.queries.organization import hold_standing

Kind = LedgerEvent.Kind

#: What is not voided -> what to do instead.
NOT_VOIDED = {
    Kind.VOID: "A void is not voided. Post what was meant anew.",
    Kind.EXPIRY: "An expiry is not voided. Sell the patient what they may still use, at no price if you like.",
    Kind.BREAKAGE: "Breakage is not voided. Run it again with what is expected now.",
    Kind.TRANSFER: "A transfer is not voided. Transfer the entitlement back.",
    Kind.EXTENSION: "An extension is not voided. Set the day that is meant by another one.",
    Kind.FREEZE: "A freeze is not voided. End it.",
    Kind.SETTLEMENT: "A settlement is not voided. Report the payment that failed on its run.",
    Kind.REVALUATION: "A revaluation is not voided. Run it again with the rates that are right.",
}


@action(ENTITLEMENT_VOID, audit="event.voided")
def void(act: Act, event: LedgerEvent, *, reason: str, on: date | None = None, key: str) -> LedgerEvent:
    """Void a redemption, charge, vendor bill, refund, payment of unclaimed property or journal, or a sale while nothing of
    it was used.

    Who may: `entitlement:void` where it happened; besides, `bill:create` there for a vendor's bill, `unclaimed:pay`
    for a payment of unclaimed property, and `journal:post` at every organization of a journal. Effect: its exact opposite, effective on `on` (today),
    units come back. Refusals: `not_permitted` (a void, a sale in use, a date before the original or after the void
    window, one's own posting where somebody else has to void it, no reason),
    `already_reversed`, `period_closed`. Audit: `event.voided` with the reason. The same key and request return
    the first void.
    """
    entitlement = _entitlement_of(event)
    asked = {"event": event.pk, "reason": reason.strip(), "on": day_asked(on)}
    command = Command(Kind.VOID, key, asked, touches_two_pools=event.kind == Kind.UPGRADE)
    first = begin(act, command, entitlement_id=entitlement.pk if entitlement else None)
    if first is not None:
        return first
    day = day_for(event.organization, on, event.effective_on)
    check_reason(reason)
    _check_may(act, event)
    _check_voidable(act, event, entitlement, day)
    lines, movements, booked = reversal_of(event.pk)
    if entitlement is not None:
        _release_breakage(act, event, entitlement, movements, day)
    voided = post_command(
        act,
        command,
        organization_id=event.organization_id,
        on=day,
        lines=lines,
        movements=movements,
        booked=booked,
        rule_version_id=event.rule_version_id,
        inputs={
            "voids": event.key,
            "kind": event.kind,
            "reason": reason.strip(),
            **taken_off(event.inputs),
            **opposite(event.inputs, event.pk if event.kind in (Kind.SALE, Kind.UPGRADE) else None),
        },
        voids_id=event.pk,
    )
    act.changed({}, {"voids": event.pk, "kind": event.kind, "reason": reason.strip()})
    if event.kind in (Kind.SALE, Kind.UPGRADE):
        act.emit("sale.credited", event_id=voided.pk)
    return voided


def _entitlement_of(event: LedgerEvent) -> Entitlement | None:
    """The entitlement that an event sold, or else moved, if any."""
    moved = Entitlement.objects.filter(lines__movements__event=event).order_by("-pk")
    return moved.select_related("holder").first()


def _in_use(event: LedgerEvent, entitlement: Entitlement | None) -> bool:
    """Whether something of what an event sold was used."""
    return entitlement is not None and entitlement.lines.filter(left_units__lt=F("quantity")).exists()


def _release_breakage(
    act: Act, event: LedgerEvent, entitlement: Entitlement, movements: Sequence[Movement], on: date
) -> None:
    """Give back the breakage that would exceed what is open after the void, which itself is an exact opposite.

    What an upgrade gave comes back to the pool of its own package, so it is left out unless that is the same.
    """
    alike = EntitlementLine.objects.filter(
        entitlement__holder=entitlement.holder_id, entitlement__package=entitlement.package_id
    )
    own = set(
        alike.filter(pk__in=[move.entitlement_line_id for move in movements]).values_list("pk", flat=True)
    )
    taken = -sum(move.amount_minor for move in movements if move.entitlement_line_id in own)
    holder = parties_of([entitlement.holder_id], on)[entitlement.holder_id]
    reversal, booked = reversed_excess(entitlement, holder, taken)
    if booked is None:
        return
    asked = {"released_for": event.pk}
    post_command(
        act,
        Command(Kind.BREAKAGE, f"breakage released for the void of {event.pk}", asked),
        organization_id=entitlement.holder_id,
        on=on,
        lines=reversal,
        booked=booked,
        inputs={
            "parties": party_facts([holder]),
            "released_for": event.key,
            **reversed_inputs(booked),
        },
    )


def _check_may(act: Act, event: LedgerEvent) -> None:
    if event.kind == Kind.VENDOR_BILL:
        require(act.actor, BILL_CREATE, event)
    elif event.kind == Kind.UNCLAIMED_PAYMENT:
        require(act.actor, UNCLAIMED_PAY, event)
    elif event.kind == Kind.JOURNAL:
        for line in event.lines.select_related("organization").distinct("organization"):
            require(act.actor, JOURNAL_POST, line)


def _check_voidable(act: Act, event: LedgerEvent, entitlement: Entitlement | None, on: date) -> None:
    """Refuse in the order of precedence: what can't be voided at all, then what has been voided."""
    if event.kind in NOT_VOIDED:
        raise refused(RefusalCode.NOT_PERMITTED, NOT_VOIDED[Kind(event.kind)])
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
    if event.kind in (Kind.SALE, Kind.UPGRADE) and _in_use(event, entitlement) and voided is None:
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
