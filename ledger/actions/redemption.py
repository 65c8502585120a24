"""Redeeming: a patient uses what was bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.actions import Act, action
from core.settings import why
from ledger.actions.breakage import reversed_inputs, reversed_of
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_day, check_sees, register_here
from ledger.models import BreakagePool, Entitlement, EntitlementLine, LedgerEvent, Service
from ledger.permissions import ENTITLEMENT_REDEEM
from ledger.posting import Booked, Movement
from ledger.queries.beneficiary import may_use, user_of
from ledger.queries.breakage import pool_of
from ledger.queries.counter import looked_up_for
from ledger.queries.redeemable import Redeeming, check_redeemable, redeemings
from ledger.rules import events
from ledger.rules.lines import Line
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.settings import MOST_UNITS_AT_ONCE
from ledger.rules.tax import TaxRecord, tax_inputs
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


@action(ENTITLEMENT_REDEEM, audit="entitlement.redeemed")
def redeem(
    act: Act,
    organization: Organization,
    *,
    line: EntitlementLine,
    service: Service | None = None,
    patient: Patient | None = None,
    quantity: int = 1,
    on: date | None = None,
    looked_up: str = "",
    key: str,
) -> LedgerEvent:
    """Redeem units of an entitlement line at an organization; of credit, so many units of a `service`.

    `patient` is who uses it: whose it is, unless another is named whom it is shared with. Who may:
    `entitlement:redeem` there, for a patient whom the actor sees, or whom they found at this counter (`looked_up` is
    what the look-up gave). Effect: the units, or credit for the list price here, are used, the holder recognizes their
    price and owes the tax that is due now, the rule's shares are posted in all books, breakage that was booked too
    high is reversed, and the patient is registered there. Refusals: `not_permitted` (frozen, or credit for other
    services included), `module_off`, `not_redeemable_here`, `entitlement_expired`, `entitlement_exhausted`, `rule_conflict`,
    `no_rule`, `currency_mismatch`, `period_closed`. Audit: `entitlement.redeemed`. The same key and request
    return the first event.
    """
    asked = {"organization": organization.pk, "line": line.pk, "quantity": quantity, "on": day_asked(on)}
    if service is not None:
        asked["service"] = service.pk
    if patient is not None:
        asked["patient"] = patient.pk
    command = Command(LedgerEvent.Kind.REDEMPTION, key, asked)
    first = begin(act, command, entitlement_id=line.entitlement_id)
    if first is not None:
        return first
    hold_standing(organization)
    (redeeming,) = redeemings([line.pk], organization, on, service=service, posting=True)
    entitlement = redeeming.line.entitlement
    check_day(organization, redeeming.on)
    check_quantity(organization, quantity)
    found = looked_up_for(looked_up, act.actor, organization, entitlement)
    user = patient or user_of(entitlement, found)
    if found != user.pk:
        check_sees(act.actor, user)
    _check_user(entitlement, user)
    with rules_refuse():
        check_service(redeeming, service)
        check_redeemable(redeeming, quantity)
        made = redeemed(redeeming, user.pk, quantity, pool_of(entitlement))
    register_here(act.actor, organization, user)
    event = post_command(
        act,
        command,
        organization_id=organization.pk,
        on=redeeming.on,
        lines=made.lines,
        movements=[made.movement],
        booked=made.booked,
        rule_version_id=made.version_id,
        inputs=made.inputs,
    )
    act.about(entitlement)
    performed = redeeming.service
    assert performed is not None
    used = {"entitlement": entitlement.pk, "service": performed.name, "quantity": quantity}
    act.changed({}, used | ({"patient": user.pk} if user.pk != entitlement.patient_id else {}))
    return event


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a redemption posts."""

    lines: tuple[Line, ...]
    movement: Movement
    booked: Booked | None
    version_id: int | None
    inputs: dict[str, Any]


def redeemed(redeeming: Redeeming, user_id: int, quantity: int, pool: BreakagePool | None) -> Redeemed:
    """What redeeming units of a line comes to, with its entitlement and pool as they stand. Raises Refusal."""
    line, entitlement, rulings = redeeming.line, redeeming.line.entitlement, redeeming.rulings
    units = redeeming.units(quantity)
    amount, answer = redeeming.price(quantity)
    step = amount.gross_minor
    holder, servicing = redeeming.party(entitlement.holder_id), redeeming.party(redeeming.organization.pk)
    lines = rulings.rates.exchange(
        events.redemption(holder, servicing, step, answer.distribution, amount.tax_minor), answer.parties
    )
    reversal, booked = reversed_of(pool, holder, step)
    performed, rate = redeeming.service, redeeming.rate
    assert performed is not None
    inputs: dict[str, Any] = {
        **answer.inputs,
        **rulings.rates.inputs,
        "holder": entitlement.holder_id,
        "entitlement": entitlement.pk,
        "patient": user_id,
        "service": performed.code,
        "quantity": quantity,
        "units": units,
        "recognized_minor": step,
        "recognition": line.recognition,
        **reversed_inputs(booked),
        **tax_inputs(
            [TaxRecord(holder.id, performed.pk, rate, quantity, amount, holder.currency)] if rate else []
        ),
    }
    return Redeemed((*lines, *reversal), Movement(line.pk, -units, -step), booked, answer.version_id, inputs)


def _check_user(entitlement: Entitlement, user: Patient) -> None:
    if not may_use(entitlement, user.pk):
        raise refused(RefusalCode.NOT_PERMITTED, may_not_use(user))


def may_not_use(user: Patient) -> str:
    """Why a patient redeems nothing of an entitlement that is not shared with them."""
    return f"{user.full_name} may not use this entitlement. Add them to the people who may, or redeem it for one of those."


def check_service(redeeming: Redeeming, service: Service | None) -> None:
    """Refuse another service than the line's; credit names one."""
    line = redeeming.line
    if service is not None and not line.is_credit and service.pk != line.service_id:
        raise Refusal(RefusalCode.NOT_PERMITTED, f"This is {line.what}, not {service.name}.")
    if line.is_credit and service is None:
        raise Refusal(RefusalCode.NOT_PERMITTED, "Choose the service that the credit is used for.")


def check_quantity(organization: Organization, quantity: int) -> None:
    if quantity < 1:
        raise refused(RefusalCode.NOT_PERMITTED, "Redeem at least one unit.", field="quantity")
    most = MOST_UNITS_AT_ONCE.at(organization)
    if most and quantity > most:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{quantity} units are too many for one redemption; redeem at most {most}. "
            f"{why(MOST_UNITS_AT_ONCE, organization)}",
            field="quantity",
        )
