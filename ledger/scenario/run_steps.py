"""The steps of a scenario as the product's own actions; the runner is a second person where one is wanted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db.models import Q

from core.errors import Refused
from core.money import Money
from ledger.actions.beneficiary import add_beneficiary
from ledger.actions.bill import bill_vendor
from ledger.actions.breakage import run_breakage
from ledger.actions.charge import charge
from ledger.actions.command import rules_refuse
from ledger.actions.exchange import enter_rates
from ledger.actions.expiry import expire
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import close_period
from ledger.actions.redemption import Rest, redeem
from ledger.actions.refund import Units, refund
from ledger.actions.revaluation import revalue
from ledger.actions.rule import Terms, activate_rule, draft_rule
from ledger.actions.sale import Order, Payer, Payment, sell_package
from ledger.actions.top_up import order_of, top_up_entitlement
from ledger.actions.void import void
from ledger.models import EntitlementLine, Package, Sale, Service
from ledger.queries.exchange import Rates
from ledger.rules.netting import bilateral, positions
from ledger.rules.quoted import Quoted
from ledger.rules.recognition import recognize
from ledger.rules.refusals import Refusal
from ledger.rules.split import split
from ledger.scenario import schema
from ledger.scenario.run_world import FIRST, SECOND, World
from orgs.queries import tree


def run_step(step: schema.Command | schema.Arithmetic, world: World) -> None:
    """Take one step; raises Refused as the product does."""
    _STEPS[type(step)](step, world)


def register_step(kind: type, take: Callable[[Any, World], None]) -> None:
    """Let an app above take steps of a kind; it calls this when it is ready."""
    _STEPS[kind] = take


def _sale(step: schema.Sale, world: World) -> None:
    package = world.packages[step.package]
    seller, discount = world.organizations[step.at], Money(step.discount_minor, package.currency)
    order = Order(seller, Package.objects.get(pk=package.pk), step.quantity, discount, (), step.on)
    with rules_refuse():
        paid = Money(order.due_minor, package.currency)
    with suppress(Refusal):  # without a rate the sale says itself what stands in its way
        paid = Rates(step.on).convert(paid, seller.currency)
    sale = sell_package(
        FIRST,
        seller,
        patient=world.patient(step.patient),
        package=package,
        payments=[Payment("cash", paid)] if paid.minor > 0 else [],
        quantity=step.quantity,
        discount=discount,
        on=step.on,
        payer=Payer("the company") if package.use == Package.Use.COMPANY else Payer(),
        key=step.id,
    )
    if step.id not in world.sales:
        for name in step.shared_with:
            add_beneficiary(
                FIRST, seller, entitlement=sale.entitlement, patient=world.patient(name), reason="shared"
            )
    world.sales[step.id] = sale
    world.events[step.id] = sale.event


def _top_up(step: schema.TopUp, world: World) -> None:
    first = world.sales[step.sale].entitlement
    units = {step.service: step.quantity}
    seller, discount = world.organizations[step.at], Money(step.discount_minor, first.currency)
    paid = Money(0, first.currency)
    with suppress(Refusal, ValueError):  # the top-up says itself what stands in its way
        paid = order_of(seller, first, units, discount=discount, on=step.on).asked
    sale = top_up_entitlement(
        FIRST,
        seller,
        entitlement=first,
        units=units,
        payments=[Payment("cash", paid)] if paid.minor > 0 else [],
        discount=discount,
        on=step.on,
        key=step.id,
    )
    world.sales[step.id] = sale
    world.events[step.id] = sale.event


def _line(sale: Sale, service: Service) -> EntitlementLine:
    """The line of a service, or the credit that is for it."""
    of_service = Q(service=service.pk)
    credit = Q(service=None, category__in=("", service.category))
    line = sale.entitlement.lines.filter(of_service | credit).order_by("service").first()
    if line is None:
        raise Refused("not_permitted", f"The sale has no {service.code}.")
    return line


def _redeem(step: schema.Redeem, world: World) -> None:
    line = _line(world.sales[step.sale], world.services[step.service])
    rest = None
    if step.rest is not None:
        credit = step.credit_minor
        most = None if credit is None else Money(credit, line.entitlement.currency)
        rest = Rest(step.rest, credit=most)
    world.events[step.id] = redeem(
        FIRST,
        world.organizations[step.at],
        line=line,
        service=world.services[step.service],
        patient=world.patient(step.patient) if step.patient else None,
        quantity=step.quantity,
        rest=rest,
        on=step.on,
        key=step.id,
    )


def _void(step: schema.Void, world: World) -> None:
    event = world.events.get(step.of)
    if event is None:
        raise Refused("not_permitted", f"{step.of} posted nothing that could be voided.")
    world.events[step.id] = void(SECOND, event, reason=f"void of {step.of}", on=step.on, key=step.id)


def _refund(step: schema.Refund, world: World) -> None:
    sale = world.sales[step.sale]
    units = None
    if step.service is not None and step.quantity is not None:
        units = [Units(_line(sale, world.services[step.service]), step.quantity)]
    world.events[step.id] = refund(
        SECOND,
        world.organizations[step.at] if step.at else sale.holder,
        entitlement=sale.entitlement,
        units=units,
        reason=f"refund of {step.sale}",
        on=step.on,
        key=step.id,
    )


def _expire(step: schema.Expire, world: World) -> None:
    entitlement = world.sales[step.sale].entitlement
    world.events[step.id] = expire(SECOND, entitlement, on=step.on, key=step.id)


def _breakage(step: schema.Breakage, world: World) -> None:
    """Of one package, at everybody who owes its care: its holder, or each who sold it."""
    package = world.packages[step.package]
    holders = {sale.holder_id: sale.holder for sale in world.sales.values() if sale.package_id == package.pk}
    if package.holder is not None or not holders:
        holder = package.holder or tree.root()
        holders = {holder.pk: holder}
    for number, holder in enumerate(holders.values()):
        world.events[step.id] = run_breakage(
            SECOND,
            holder,
            package=package,
            expected_percent=step.expected_percent,
            on=step.on,
            key=f"{step.id} at {holder.code}" if number else step.id,
        )


def _charge(step: schema.Charge, world: World) -> None:
    world.events[step.id] = charge(
        FIRST,
        world.organizations[step.at],
        patient=world.patient(step.patient),
        service=world.services[step.service],
        quantity=step.quantity,
        on=step.on,
        key=step.id,
    )


def _vendor_bill(step: schema.VendorBill, world: World) -> None:
    ordering = world.organizations[step.at]
    world.events[step.id] = bill_vendor(
        FIRST,
        ordering,
        vendor=world.organizations[step.vendor],
        service=world.services[step.service],
        amount=Money(step.amount_minor, ordering.currency),
        effective_on=step.on,
        key=step.id,
    )


def _journal(step: schema.Journal, world: World) -> None:
    postings = [
        Posting(
            world.organizations[line.organization],
            line.account,
            Money(line.amount_minor, line.currency),
            world.organizations[line.counterparty] if line.counterparty else None,
        )
        for line in step.lines
    ]
    world.events[step.id] = post_journal(
        SECOND,
        postings[0].organization if postings else tree.root(),
        postings=postings,
        reason=f"journal {step.id}",
        on=step.on,
        key=step.id,
    )


def _rate(step: schema.Rate, world: World) -> None:
    quoted = Quoted(step.base, step.quote, step.on, step.value, "the scenario")
    enter_rates(FIRST, tree.root(), quoted=[quoted])


def _revalue(step: schema.Revalue, world: World) -> None:
    asked = [world.organizations[step.organization]] if step.organization else world.organizations.values()
    for one in asked:
        if one.keeps_books:
            revalue(SECOND, one, on=step.on, key=f"{step.id} {one.code}")


def _close(step: schema.Close, world: World) -> None:
    if step.organization is None:
        close_period(SECOND, tree.root(), month=step.month)
    else:
        close_period(SECOND, world.organizations[step.organization], month=step.month, below=False)


def _rule(step: schema.ActivateRule, world: World) -> None:
    said = step.rule
    terms = Terms(said.event, said.when, said.outcome, said.priority)
    version = draft_rule(FIRST, tree.root(), code=said.code, terms=terms)
    activate_rule(SECOND, version, seen=version.version)


def _split(step: schema.SplitStep, world: World) -> None:
    world.results[step.id] = split(step.amount_minor, step.weights)


def _recognize(step: schema.RecognizeStep, world: World) -> None:
    world.results[step.id] = tuple(recognize(step.amount_minor, step.estimates))


def _net_positions(step: schema.NetPositionsStep, world: World) -> None:
    if step.method is schema.NettingMethod.BILATERAL:
        world.results[step.id] = {
            f"{each.payer}->{each.receiver}": each.amount_minor for each in bilateral(step.owed)
        }
    else:
        world.results[step.id] = positions(step.owed)


_STEPS: dict[type, Callable[[Any, World], None]] = {
    schema.Sale: _sale,
    schema.TopUp: _top_up,
    schema.Redeem: _redeem,
    schema.Void: _void,
    schema.Refund: _refund,
    schema.Expire: _expire,
    schema.Breakage: _breakage,
    schema.Charge: _charge,
    schema.VendorBill: _vendor_bill,
    schema.Journal: _journal,
    schema.Rate: _rate,
    schema.Revalue: _revalue,
    schema.Close: _close,
    schema.ActivateRule: _rule,
    schema.SplitStep: _split,
    schema.RecognizeStep: _recognize,
    schema.NetPositionsStep: _net_positions,
}
