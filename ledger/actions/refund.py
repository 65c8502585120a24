"""Refunding what has not been used, at its allocated price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.actions import Act, action
from core.clock import today_in
from ledger.actions.command import (
    Command,
    begin,
    check_reason,
    day_asked,
    post_command,
    refused,
    rules_refuse,
)
from ledger.models import Entitlement, EntitlementLine, LedgerEvent, Package
from ledger.permissions import ENTITLEMENT_REFUND
from ledger.posting import Movement
from ledger.queries.answer import party_facts
from ledger.queries.entitlement import entitlements_for
from ledger.queries.party import parties_of
from ledger.rules import events
from ledger.rules.recognition import recognition_step
from ledger.rules.refusals import RefusalCode

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
    """Refund unused units at their allocated price, paid out at an organization; all that remains without `units`.

    Who may: `entitlement:refund` there, for an entitlement that the actor sees. Effect: the units are gone, the
    holder's liability shrinks by their price; another organization than the holder pays out and is owed it.
    Refusals: `not_permitted` (no reason, a package that is not refunded, a date before the sale, a third party), `over_refund`,
    `currency_mismatch`, `period_closed`. Audit: `entitlement.refunded` with the reason. The same key and request
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
    day = on or today_in(organization.time_zone)
    check_reason(reason)
    if not entitlements_for(act.actor).filter(pk=entitlement.pk).exists():
        raise refused(RefusalCode.NOT_PERMITTED, "You don't see this entitlement.")
    _check_place(organization, entitlement, day)
    taken = _taken(entitlement, units)
    steps = [
        recognition_step(line.total_minor, line.quantity, line.used_units, line.booked_minor, quantity)
        for line, quantity in taken
    ]
    with rules_refuse():
        parties = parties_of([entitlement.holder_id, organization.pk])
        holder, paid_at = parties[entitlement.holder_id], parties[organization.pk]
        lines = events.refund(holder, paid_at, steps)
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=day,
        lines=lines,
        movements=[
            Movement(line.pk, -quantity, -step) for (line, quantity), step in zip(taken, steps, strict=True)
        ],
        inputs={
            "parties": party_facts([holder, paid_at]),
            "holder": entitlement.holder_id,
            "entitlement": entitlement.pk,
            "reason": reason.strip(),
            "units": [
                {"service": line.service.code, "quantity": quantity, "amount_minor": step}
                for (line, quantity), step in zip(taken, steps, strict=True)
            ],
        },
    )
    act.about(entitlement)
    told = {line.service.name: quantity for line, quantity in taken}
    act.changed({}, {"units": told, "amount_minor": sum(steps), "reason": reason.strip()})
    return event


def _check_place(organization: Organization, entitlement: Entitlement, on: date) -> None:
    if not organization.keeps_books:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{organization.name} is a third party and pays out no refund. Choose an organization that keeps books.",
            field="organization",
        )
    if entitlement.package.refund == Package.Refund.NONE:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{entitlement.package.name} is not refunded, as its policy says."
        )
    if on < entitlement.starts_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This was sold on {entitlement.starts_on.isoformat()}; it can't be refunded as of {on.isoformat()}.",
            field="on",
        )


def _taken(entitlement: Entitlement, units: Sequence[Units] | None) -> list[tuple[EntitlementLine, int]]:
    """Lines with the units to refund; refused when that is nothing, or more than is left (`over_refund`)."""
    lines = {line.pk: line for line in entitlement.lines.select_related("service").order_by("pk")}
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
                f"{each.quantity} of {line.service.name} can't be refunded: {line.left_units} of {line.quantity} "
                "are left.",
                field="quantity",
            )
    return [(lines[each.line.pk], each.quantity) for each in units]
