"""Refunding what has not been used, as the policy of its package says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core import locale
from core.access import allowed
from core.actions import Act, action
from core.money import Money, decimals_of
from core.settings import why
from ledger.actions.breakage import reversed_excess, reversed_inputs
from ledger.actions.command import (
    Command,
    begin,
    check_reason,
    day_asked,
    post_command,
    refused,
    rules_refuse,
)
from ledger.actions.place import check_day, day_for
from ledger.models import Entitlement, EntitlementLine, EntitlementMovement, LedgerEvent
from ledger.permissions import ENTITLEMENT_REFUND, REFUND_APPROVE
from ledger.posting import Movement
from ledger.queries.answer import party_facts
from ledger.queries.entitlement import entitlements_for
from ledger.queries.exchange import Rates
from ledger.queries.party import parties_of
from ledger.queries.refund import (
    never_refunded,
    not_elsewhere,
    paid_out,
    refunded_whole,
    too_late_to_refund,
)
from ledger.queries.tax_back import given_back
from ledger.rules import events
from ledger.rules.recognition import recognition_step
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import REFUND_APPROVAL_ABOVE
from ledger.rules.tax import tax_inputs
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Units:
    """So many units of one entitlement line."""

    line: EntitlementLine
    quantity: int


@action(ENTITLEMENT_REFUND, audit="entitlement.refunded")
def refund(
    act: Act,
    organization: Organization,
    *,
    entitlement: Entitlement,
    units: Sequence[Units] | None = None,
    reason: str,
    on: date | None = None,
    key: str,
) -> LedgerEvent:
    """Refund unused units, paid out at an organization; all that remains without `units`.

    Who may: `entitlement:refund` there, for an entitlement that the actor sees. Effect: the units are gone, the
    holder's liability shrinks by their price, and as much of it and of the tax that the sale took on it is paid as the
    package's policy says; the rest is the holder's modification revenue, and the tax on it stays due. Another organization than the holder pays out and is owed it. Refusals:
    `not_permitted` (no reason, a package that is not refunded, a part of what is refunded only whole, a date before
    the sale or after the refund window, a third party), `over_refund`, `approval_required` (more than the organization's limit, without
    `refund:approve` there), `currency_mismatch`, `period_closed`. Audit: `entitlement.refunded` with the reason. The same key and request
    return the first event.
    """
    asked = {
        "organization": organization.pk,
        "entitlement": entitlement.pk,
        "units": None if units is None else [[each.line.pk, each.quantity] for each in units],
        "reason": reason.strip(),
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.REFUND, key, asked)
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    day = day_for(organization, on, entitlement.starts_on)
    check_reason(reason)
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don't see this entitlement.")
    _check_place(organization, entitlement)
    _check_date(organization, entitlement, day)
    taken = _taken(entitlement, units)
    steps = [
        recognition_step(line.total_minor, line.quantity, line.used_units, line.booked_minor, quantity)
        for line, quantity in taken
    ]
    _check_whole(entitlement, taken)
    with rules_refuse():
        parties = parties_of([entitlement.holder_id, organization.pk], day)
        holder, paid_at = parties[entitlement.holder_id], parties[organization.pk]
        given = given_back(
            [(line, quantity, step) for (line, quantity), step in zip(taken, steps, strict=True)]
        )
        paid = paid_out(entitlement, given.gross_minor)
        tax = given.records(paid.amount_minor)
        tax_back = -sum(record.amount.tax_minor for record in tax)
        rates = Rates(day)
        lines = rates.exchange(
            events.refund(holder, paid_at, steps, paid.amount_minor, tax_back), [holder, paid_at]
        )
    reversal, booked = reversed_excess(entitlement, holder, sum(steps))
    _check_approval(act, organization, entitlement, paid.amount_minor)
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=day,
        lines=(*lines, *reversal),
        movements=[
            Movement(line.pk, -quantity, -step) for (line, quantity), step in zip(taken, steps, strict=True)
        ],
        booked=booked,
        inputs={
            "parties": party_facts([holder, paid_at]),
            **rates.inputs,
            "holder": entitlement.holder_id,
            "entitlement": entitlement.pk,
            "reason": reason.strip(),
            "policy": paid.policy,
            "paid_minor": paid.amount_minor,
            "arithmetic": list(paid.arithmetic),
            "units": [
                {
                    "service": line.code,
                    "quantity": quantity,
                    "amount_minor": step,
                    "recognition": line.recognition,
                }
                for (line, quantity), step in zip(taken, steps, strict=True)
            ],
            **reversed_inputs(booked),
            **tax_inputs(tax),
        },
    )
    act.about(entitlement)
    told = {line.what: quantity for line, quantity in taken}
    act.changed({}, {"units": told, "amount_minor": paid.amount_minor, "reason": reason.strip()})
    act.emit("sale.credited", event_id=event.pk)
    return event


def _check_place(organization: Organization, entitlement: Entitlement) -> None:
    if not organization.keeps_books:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{organization.name} is a third party and pays out no refund. Choose an organization that keeps books.",
            field="organization",
        )
    hold_standing(organization, entitlement.holder)
    closed = next((one for one in (organization, entitlement.holder) if one.status == "archived"), None)
    if closed is not None:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{closed.name} is archived and nothing is posted in its books any more. Reactivate it first.",
            field="organization",
        )
    if organization.status != "active" and organization.pk != entitlement.holder_id:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{organization.name} is {organization.status} and pays out no refund of others.",
            field="organization",
        )
    if never := never_refunded(entitlement):
        raise refused(RefusalCode.NOT_PERMITTED, never)
    if organization.pk != entitlement.holder_id and (no := not_elsewhere(entitlement)):
        raise refused(RefusalCode.NOT_PERMITTED, no, field="organization")


def _check_date(organization: Organization, entitlement: Entitlement, on: date) -> None:
    check_day(organization, on)
    if on < entitlement.starts_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This was sold on {locale.day(entitlement.starts_on)}; it can't be refunded as of {locale.day(on)}.",
            field="on",
        )
    if too_late := too_late_to_refund(entitlement, on):
        raise refused(RefusalCode.NOT_PERMITTED, too_late, field="on")


def _check_whole(entitlement: Entitlement, taken: Sequence[tuple[EntitlementLine, int]]) -> None:
    """Refuse a part where the policy settles with all that was used, and so with all that remains."""
    whole = {line.pk: line.left_units for line in entitlement.lines.all() if line.left_units}
    if refunded_whole(entitlement) and {line.pk: quantity for line, quantity in taken} != whole:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{entitlement.package.name} is refunded only whole: what was used is charged at its list price. "
            "Refund all that remains.",
            field="quantity",
        )


def _check_approval(
    act: Act, organization: Organization, entitlement: Entitlement, amount_minor: int
) -> None:
    """Refuse more than the limit to whoever may not approve it; parts of one entitlement count together."""
    limit = REFUND_APPROVAL_ABOVE.at(organization).scaleb(decimals_of(organization.currency))
    if not limit or allowed(act.actor, REFUND_APPROVE, organization):
        return
    before = _refunded_minor(entitlement)
    if before + amount_minor > limit:
        earlier = f", with {Money(before, entitlement.currency)} before it," if before else ""
        raise refused(
            RefusalCode.APPROVAL_REQUIRED,
            f"A refund of {Money(amount_minor, entitlement.currency)}{earlier} needs somebody who may approve refunds "
            f"at {organization.name}. Ask a finance officer to pay it out. {why(REFUND_APPROVAL_ABOVE, organization)}",
        )


def _refunded_minor(entitlement: Entitlement) -> int:
    """What has been refunded of an entitlement, and not voided."""
    rows = EntitlementMovement.objects.filter(
        entitlement_line__entitlement=entitlement, event__kind=LedgerEvent.Kind.REFUND
    )
    refunds = LedgerEvent.objects.filter(pk__in=rows.values("event_id"), voided_by=None)
    return sum(
        one.inputs.get("paid_minor", sum(part["amount_minor"] for part in one.inputs["units"]))
        for one in refunds
    )


def _taken(entitlement: Entitlement, units: Sequence[Units] | None) -> list[tuple[EntitlementLine, int]]:
    """Lines with the units to refund; refused when that is nothing, or more than is left (`over_refund`)."""
    lines = {
        line.pk: line for line in entitlement.lines.select_related("service", "entitlement").order_by("pk")
    }
    if units is None:
        taken = [(line, line.left_units) for line in lines.values() if line.left_units]
        if not taken:
            raise refused(RefusalCode.OVER_REFUND, "Nothing is left on this entitlement to refund.")
        return taken
    if not units or any(each.quantity < 1 for each in units):
        raise refused(RefusalCode.NOT_PERMITTED, "Refund at least one unit.", field="quantity")
    if len({each.line.pk for each in units}) < len(units) or any(each.line.pk not in lines for each in units):
        raise refused(RefusalCode.NOT_PERMITTED, "Name each service of the entitlement once.")
    for each in units:
        line = lines[each.line.pk]
        if each.quantity > line.left_units:
            raise refused(
                RefusalCode.OVER_REFUND,
                f"{each.quantity} of {line.what} can't be refunded: {line.left_units} of {line.quantity} "
                "are left.",
                field="quantity",
            )
    return [(lines[each.line.pk], each.quantity) for each in units]
