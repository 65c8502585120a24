"""Redeeming: a patient uses what was bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from core.access import require
from core.actions import Act, action
from core.actors import Actor
from core.money import Money
from core.settings import why
from ledger.actions.breakage import reversed_inputs, reversed_of
from ledger.actions.command import Command, begin, day_asked, post_command, refused, rules_refuse
from ledger.actions.place import check_day, check_method, check_sees, register_here
from ledger.actions.receipt import write_charge_receipt
from ledger.actions.sale import Payment
from ledger.models import BreakagePool, Entitlement, EntitlementLine, LedgerEvent, Service
from ledger.permissions import CHARGE_CREATE, ENTITLEMENT_REDEEM
from ledger.posting import Booked, Movement
from ledger.queries.beneficiary import may_use, user_of
from ledger.queries.breakage import pool_of
from ledger.queries.counter import looked_up_for
from ledger.queries.part_payment import PartPayment, part_payment
from ledger.queries.redeemable import Redeeming, check_redeemable, redeemings
from ledger.rules import events
from ledger.rules.lines import Line
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.settings import MOST_UNITS_AT_ONCE
from ledger.rules.tax import Taxed, TaxRecord, tax_inputs
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient


@dataclass(frozen=True)
class Rest:
    """How a patient pays what credit leaves of a price: by `method`, but for what `others` pay.

    `credit` is how much credit is used at most; without it, all there is.
    """

    method: str
    others: tuple[Payment, ...] = ()
    credit: Money | None = None

    @property
    def asked(self) -> list[Any]:
        others = [[one.method, str(one.amount)] for one in self.others]
        return [self.method, others, str(self.credit) if self.credit else ""]

    def payments(self, due: Money) -> list[Payment]:
        """The ways to pay that sum to what is due."""
        first = due - sum((one.amount for one in self.others), Money(0, due.currency))
        return [*([Payment(self.method, first)] if first.minor > 0 else []), *self.others]


@action(ENTITLEMENT_REDEEM, audit="entitlement.redeemed")
def redeem(
    act: Act,
    organization: Organization,
    *,
    line: EntitlementLine,
    service: Service | None = None,
    patient: Patient | None = None,
    quantity: int = 1,
    rest: Rest | None = None,
    on: date | None = None,
    looked_up: str = "",
    key: str,
) -> LedgerEvent:
    """Redeem units of an entitlement line at an organization; of credit, so many units of a `service`.

    `patient` is who uses it: whose it is, unless another is named whom it is shared with. With a `rest`, credit pays a
    part of the price and the patient what is left of it. Who may: `entitlement:redeem` there, and `charge:create` for
    a rest, for a patient whom the actor sees, or whom they found at this counter (`looked_up` is what the look-up
    gave). Effect: the units, or credit for the list price here, are used, the holder recognizes their price and owes
    the tax that is due now, the rule's shares are posted in all books, breakage that was booked too high is reversed,
    the organization takes the rest as a fee for service and owes the tax on it, and the patient is registered there.
    Refusals: `not_permitted` (frozen, credit for other services, payments, a rest that a rule has a say in included),
    `module_off`, `not_sellable_here`, `not_redeemable_here`, `entitlement_expired`, `entitlement_exhausted`,
    `rule_conflict`, `no_rule`, `currency_mismatch`, `period_closed`. Audit: `entitlement.redeemed`. The same key and
    request return the first event.
    """
    asked = {"organization": organization.pk, "line": line.pk, "quantity": quantity, "on": day_asked(on)}
    if service is not None:
        asked["service"] = service.pk
    if patient is not None:
        asked["patient"] = patient.pk
    if rest is not None:
        asked["rest"] = rest.asked
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
    if rest is not None:
        _check_rest(act.actor, redeeming, rest)
    with rules_refuse():
        check_service(redeeming, service)
        check_redeemable(redeeming, quantity, in_part=rest is not None)
        paid = part_payment(redeeming, quantity, rest.credit) if rest else None
    payments = _payments(rest, paid) if rest and paid else []
    with rules_refuse():
        made = redeemed(redeeming, user.pk, quantity, pool_of(entitlement), paid, payments)
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
    if payments:
        write_charge_receipt(act, event, user.pk)
    act.about(entitlement)
    performed = redeeming.service
    assert performed is not None
    used = {"entitlement": entitlement.pk, "service": performed.name, "quantity": quantity}
    if paid is not None and payments:
        used |= {"credit": str(paid.credit), "paid": str(paid.rest)}
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


def redeemed(
    redeeming: Redeeming,
    user_id: int,
    quantity: int,
    pool: BreakagePool | None,
    paid: PartPayment | None = None,
    payments: Sequence[Payment] = (),
) -> Redeemed:
    """What redeeming units of a line comes to, with its entitlement and pool as they stand. Raises Refusal."""
    line, entitlement, rulings = redeeming.line, redeeming.line.entitlement, redeeming.rulings
    units = paid.credit.minor if paid else redeeming.units(quantity)
    amount, answer = redeeming.price(quantity, units)
    step = amount.gross_minor
    holder, servicing = redeeming.party(entitlement.holder_id), redeeming.party(redeeming.organization.pk)
    beside = paid.taxed if paid else Taxed(0, 0)
    lines = rulings.rates.exchange(
        (
            *events.redemption(holder, servicing, step, answer.distribution, amount.tax_minor),
            *events.rest(servicing, beside.base_minor, beside.tax_minor),
        ),
        answer.parties,
    )
    reversal, booked = reversed_of(pool, holder, step)
    performed, rate = redeeming.service, redeeming.rate
    assert performed is not None
    taxes = (
        TaxRecord(holder.id, performed.pk, rate, quantity, amount, holder.currency) if rate else None,
        paid.record(servicing.id, performed.pk, quantity) if paid else None,
    )
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
        **(paid.inputs([(one.method, one.amount) for one in payments]) if paid else {}),
        **tax_inputs(record for record in taxes if record),
    }
    return Redeemed((*lines, *reversal), Movement(line.pk, -units, -step), booked, answer.version_id, inputs)


def _check_rest(actor: Actor, redeeming: Redeeming, rest: Rest) -> None:
    """Refuse a part payment of what is no credit, ways to pay that are none here, and who may not charge."""
    here, line = redeeming.organization, redeeming.line
    require(actor, CHARGE_CREATE, here)
    if not line.is_credit:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{line.what} is redeemed by the unit; nothing is left to pay."
        )
    if rest.credit is not None and (
        rest.credit.minor <= 0 or rest.credit.currency != line.entitlement.currency
    ):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Use some of the credit, in {line.entitlement.currency}, or charge the service without it.",
            field="credit",
        )
    for method, field in ((rest.method, "method"), *((one.method, "second_method") for one in rest.others)):
        check_method(here, method, field=field)


def _payments(rest: Rest, paid: PartPayment) -> list[Payment]:
    """How the rest is paid: what is said to be paid otherwise is a part of it."""
    amounts = [one.amount for one in rest.others]
    if any(one.currency != paid.rest.currency for one in amounts):
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"The rest is paid in {paid.rest.currency} here.",
            field="second_amount",
        )
    if any(one.minor <= 0 for one in amounts) or sum(one.minor for one in amounts) > paid.rest.minor:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"Credit pays {paid.credit.format()}, and {paid.rest.format()} is left to pay. Correct the amounts.",
            field="second_amount",
        )
    return rest.payments(paid.rest)


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
