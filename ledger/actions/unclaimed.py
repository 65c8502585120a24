"""Unclaimed property: what is held for its owner or the state, and its payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.clock import today_in
from core.money import Money
from core.settings import why
from ledger.actions.command import Command, begin, day_asked, post_command, refused
from ledger.actions.place import check_day
from ledger.models import LedgerEvent, UnclaimedItem
from ledger.permissions import UNCLAIMED_PAY
from ledger.queries.answer import party_facts
from ledger.queries.party import parties_of
from ledger.rules import events
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import DORMANCY_MONTHS
from ledger.rules.unclaimed import Payee, due_on
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization

LONGEST_REFERENCE = 120


@action(UNCLAIMED_PAY, audit="unclaimed.paid")
def pay_unclaimed(
    act: Act,
    holder: Organization,
    *,
    items: Sequence[UnclaimedItem],
    payee: Payee,
    reference: str,
    on: date | None = None,
    key: str,
) -> LedgerEvent:
    """Pay what a holder keeps as unclaimed property to the state, or to the patient whose it is.

    Who may: `unclaimed:pay` at the holder. Effect: one payment of all the items, in the holder's cash. Refusals:
    `not_permitted` (nothing chosen, another holder's, paid already, not due to the state yet, several patients, no
    reference, a day before it was held or too far back), `currency_mismatch` (items of several currencies),
    `period_closed`. Audit: `unclaimed.paid`. The same key and request return the first event.
    """
    chosen = sorted(items, key=lambda one: one.event_id)
    asked = {
        "items": [one.event_id for one in chosen],
        "payee": str(payee),
        "reference": reference.strip(),
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.UNCLAIMED_PAYMENT, key, asked)
    first = begin(act, command)
    if first is not None:
        return first
    day = on or today_in(holder.time_zone)
    hold_standing(holder)
    _check_said(reference, chosen, holder)
    check_day(holder, day)
    current = list(
        UnclaimedItem.objects.select_related("entitlement", "event")
        .filter(pk__in=[one.pk for one in chosen])
        .order_by("event")
    )
    _check_items(current, holder, payee, day)
    party = parties_of([holder.pk], day)[holder.pk]
    total = Money(sum(one.amount_minor for one in current), holder.currency)
    event = post_command(
        act,
        command,
        organization_id=holder.pk,
        on=day,
        lines=events.unclaimed_payment(party, [one.amount_minor for one in current]),
        inputs={
            "parties": party_facts([party]),
            "holder": holder.pk,
            "payee": str(payee),
            "reference": reference.strip(),
            "items": [
                {
                    "event": one.event_id,
                    "entitlement": one.entitlement.code,
                    "dormant_on": one.dormant_on.isoformat(),
                    "amount_minor": one.amount_minor,
                }
                for one in current
            ],
        },
    )
    act.about(holder)
    act.changed({}, {"payee": str(payee), "items": len(current), "total": str(total), "on": day.isoformat()})
    return event


def _check_said(reference: str, chosen: Sequence[UnclaimedItem], holder: Organization) -> None:
    if not chosen:
        raise refused(RefusalCode.NOT_PERMITTED, "Choose what is paid.")
    if not 0 < len(reference.strip()) <= LONGEST_REFERENCE or "\0" in reference:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Say by which reference the payment is found again, in at most {LONGEST_REFERENCE} characters.",
            field="reference",
        )
    if any(one.holder_id != holder.pk for one in chosen):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Not all of this is held by {holder.name}. A payment is of what one organization holds.",
        )


def _check_items(current: Sequence[UnclaimedItem], holder: Organization, payee: Payee, on: date) -> None:
    """Refuse what was paid, is held in another currency, isn't due, or isn't one patient's."""
    for one in current:
        code = one.entitlement.code
        if not one.is_held:
            raise refused(RefusalCode.NOT_PERMITTED, f"What was held of {code} has been paid already.")
        if one.currency != holder.currency:
            raise refused(
                RefusalCode.CURRENCY_MISMATCH,
                f"{one.amount} of {code} is held in another currency than {holder.name} keeps. Post a journal entry.",
            )
        if on < one.event.effective_on:
            raise refused(
                RefusalCode.NOT_PERMITTED,
                f"{code} is held since {locale.day(one.event.effective_on)}. Choose that day or a later one.",
                field="on",
            )
    if payee is Payee.PATIENT and len({one.patient_id for one in current}) > 1:
        raise refused(RefusalCode.NOT_PERMITTED, "A payment to a patient is of what was one patient's.")
    if payee is Payee.STATE:
        _check_due(current, holder, on)


def _check_due(current: Sequence[UnclaimedItem], holder: Organization, on: date) -> None:
    months = DORMANCY_MONTHS.at(holder)
    early = next((one for one in current if due_on(one.dormant_on, months) > on), None)
    if early is not None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{early.entitlement.code} is due to the state on {locale.day(due_on(early.dormant_on, months))}; until then "
            f"only the patient is paid. {why(DORMANCY_MONTHS, holder)}",
            field="on",
        )
