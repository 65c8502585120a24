"""What a draft would have answered for events that were posted: the same deals, matched and distributed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ledger.models import Entitlement, EntitlementLine, LedgerEvent, RuleVersion, Sale, Service
from ledger.queries.answer import Answer, Deal, RememberedRulings
from ledger.queries.exchange import Rates
from ledger.queries.replay import rest_lines
from ledger.queries.rule import RuleBook, rule_book, versions_in_force
from ledger.queries.volume import VolumeKey
from ledger.rules import events
from ledger.rules.distribution import Distribution
from ledger.rules.exchange import exchange_cash, exchange_of, factor_of
from ledger.rules.lines import Line, Organization
from ledger.rules.refusals import Refusal
from ledger.rules.tax import net_charged, tax_due
from ledger.rules.terms import Event, PayerType

#: What is posted for each event that a rule can answer for.
KINDS = {
    Event.SALE: LedgerEvent.Kind.SALE,
    Event.REDEMPTION: LedgerEvent.Kind.REDEMPTION,
    Event.CHARGE: LedgerEvent.Kind.CHARGE,
    Event.SERVICE_REQUEST: LedgerEvent.Kind.VENDOR_BILL,
}
Volumes = Callable[[VolumeKey], int]


@dataclass(frozen=True)
class Priced:
    """A posted event as a deal to be answered, with what it is worth."""

    deal: Deal
    quantity: int
    allocated_minor: int | None
    sale_minor: int | None


class WhatIf(RememberedRulings):
    """The rules that would have answered on one day, had the draft been in force instead of its earlier versions."""

    def __init__(self, draft: RuleVersion, on: date, volumes: Volumes) -> None:
        event = Event(draft.event)
        others = versions_in_force(event, on).exclude(rule=draft.rule_id)
        self.book: RuleBook = rule_book([*others, draft], on)
        self.parties: dict[int, Organization] = {}
        self.posting = False
        self.on = on
        self.rates = Rates(on)
        self._volumes_of = volumes
        self._remember()

    def volume_before(self, key: VolumeKey) -> int:
        return self._volumes_of(key)


@dataclass(frozen=True)
class Given:
    """What would have been posted for one event; a refusal posts nothing."""

    lines: tuple[Line, ...] = ()
    answer: Answer | None = None
    refusal: str = ""


def read_deals(rows: Iterable[LedgerEvent]) -> dict[int, Priced]:
    """Events of one kind as deals, by event, in a few queries."""
    found = list(rows)
    entitlement_of = _entitlements(found)
    sold = {
        row["entitlement_id"]: row
        for row in Sale.objects.filter(entitlement__in=set(entitlement_of.values())).values(
            "entitlement_id", "seller_id", "package__code"
        )
    }
    services = {one.code: one for one in Service.objects.all()}
    units = _units_sold(found, entitlement_of)
    deals: dict[int, Priced] = {}
    for event in found:
        sale: Mapping[str, Any] = sold.get(entitlement_of.get(event.pk, 0), {})
        deals[event.pk] = _READERS[LedgerEvent.Kind(event.kind)](
            event, sale, services, units.get(event.pk, ())
        )
    return deals


def concerned(priced: Priced) -> set[int]:
    """The organizations that have a part in a deal."""
    deal = priced.deal
    return {
        one
        for one in (deal.servicing_id, deal.seller_id, deal.holder_id, deal.ordering_id)
        if one is not None
    }


def give(what_if: WhatIf, event: LedgerEvent, priced: Priced) -> Given:
    """Answer one event anew, and build its lines."""
    try:
        answer = what_if.answer(
            priced.deal,
            quantity=priced.quantity,
            allocated_minor=priced.allocated_minor,
            sale_minor=priced.sale_minor,
        )
        lines = _BUILDERS[LedgerEvent.Kind(event.kind)](what_if, event, answer.distribution)
        homes = {party.id: party.currency for party in answer.parties}
        return Given(exchange_cash(lines, homes, factor_of(exchange_of(event.inputs))), answer)
    except Refusal as refusal:
        return Given(refusal=f"{refusal.code}: {refusal.message}")


def _entitlements(rows: Iterable[LedgerEvent]) -> dict[int, int]:
    """The entitlement of each event that has one: a sale's is found by its event."""
    of = {event.pk: event.inputs["entitlement"] for event in rows if "entitlement" in event.inputs}
    sales = [event.pk for event in rows if event.kind == LedgerEvent.Kind.SALE]
    if sales:
        of |= dict(Entitlement.objects.filter(sale_event__in=sales).values_list("sale_event_id", "pk"))
    return of


def _units_sold(
    rows: Iterable[LedgerEvent], entitlement_of: Mapping[int, int]
) -> dict[int, tuple[tuple[int, int], ...]]:
    """What each sale sold, as (service, quantity)."""
    sale_of = {entitlement_of[event.pk]: event.pk for event in rows if event.kind == LedgerEvent.Kind.SALE}
    units: dict[int, list[tuple[int, int]]] = {}
    if sale_of:
        lines = EntitlementLine.objects.filter(entitlement__in=sale_of).order_by("pk")
        for entitlement_id, service_id, quantity in lines.values_list(
            "entitlement_id", "service_id", "quantity"
        ):
            units.setdefault(sale_of[entitlement_id], []).append((service_id, quantity))
    return {event_id: tuple(sold) for event_id, sold in units.items()}


def _redemption(
    event: LedgerEvent, sale: Mapping[str, Any], services: Mapping[str, Service], units: Any
) -> Priced:
    inputs, service = event.inputs, services[event.inputs["service"]]
    deal = Deal(
        event=Event.REDEMPTION,
        on=event.effective_on,
        servicing_id=event.organization_id,
        seller_id=sale["seller_id"],
        holder_id=inputs["holder"],
        service=service.code,
        category=service.category,
        package=sale["package__code"],
        units=((service.pk, inputs["quantity"]),),
        part=Fraction(inputs["rest"]["credit_minor"], inputs["rest"]["price_minor"])
        if "rest" in inputs
        else Fraction(1),
    )
    return Priced(deal, inputs["quantity"], inputs["recognized_minor"] - tax_due(inputs), None)


def _sale(
    event: LedgerEvent, sale: Mapping[str, Any], services: Any, units: tuple[tuple[int, int], ...]
) -> Priced:
    deal = Deal(
        event=Event.SALE,
        on=event.effective_on,
        servicing_id=event.organization_id,
        seller_id=event.organization_id,
        holder_id=event.inputs["holder"],
        package=event.inputs["package"],
        units=units,
    )
    return Priced(deal, event.inputs["quantity"], None, _sold_for(event))


def _charge(event: LedgerEvent, sale: Any, services: Mapping[str, Service], units: Any) -> Priced:
    inputs, service = event.inputs, services[event.inputs["service"]]
    deal = Deal(
        event=Event.CHARGE,
        on=event.effective_on,
        servicing_id=event.organization_id,
        service=service.code,
        category=service.category,
        units=((service.pk, inputs["quantity"]),),
    )
    return Priced(deal, inputs["quantity"], net_charged(inputs), None)


def _bill(event: LedgerEvent, sale: Any, services: Mapping[str, Service], units: Any) -> Priced:
    inputs, service = event.inputs, services[event.inputs["service"]]
    deal = Deal(
        event=Event.SERVICE_REQUEST,
        on=event.effective_on,
        servicing_id=inputs["parties"][inputs["vendor"]]["id"],
        ordering_id=event.organization_id,
        service=service.code,
        category=service.category,
        units=((service.pk, 1),),
        payer_type=PayerType.ORGANIZATION,
    )
    return Priced(deal, 1, None, None)


def _sold_for(event: LedgerEvent) -> int:
    inputs = event.inputs
    allocated = sum(int(part["amount_minor"]) for part in inputs["allocated"])
    return allocated - int(inputs.get("tax_later_minor", 0))


def _redemption_lines(what_if: WhatIf, event: LedgerEvent, given: Distribution | None) -> tuple[Line, ...]:
    holder, servicing = what_if.party(event.inputs["holder"]), what_if.party(event.organization_id)
    redeemed = events.redemption(
        holder, servicing, event.inputs["recognized_minor"], given, tax_due(event.inputs)
    )
    return (*redeemed, *rest_lines(event.inputs, servicing))


def _sale_lines(what_if: WhatIf, event: LedgerEvent, given: Distribution | None) -> tuple[Line, ...]:
    holder, seller = what_if.party(event.inputs["holder"]), what_if.party(event.organization_id)
    allocated = [part["amount_minor"] for part in event.inputs["allocated"]]
    return events.sale(holder, seller, allocated, given, tax_due(event.inputs))


def _charge_lines(what_if: WhatIf, event: LedgerEvent, given: Distribution | None) -> tuple[Line, ...]:
    servicing, inputs = what_if.party(event.organization_id), event.inputs
    return events.charge(servicing, net_charged(inputs), given, tax_due(inputs))


def _bill_lines(what_if: WhatIf, event: LedgerEvent, given: Distribution | None) -> tuple[Line, ...]:
    inputs = event.inputs
    vendor = what_if.party(inputs["parties"][inputs["vendor"]]["id"])
    return events.vendor_bill(what_if.party(event.organization_id), vendor, inputs["billed_minor"], given)


_READERS = {
    LedgerEvent.Kind.REDEMPTION: _redemption,
    LedgerEvent.Kind.SALE: _sale,
    LedgerEvent.Kind.CHARGE: _charge,
    LedgerEvent.Kind.VENDOR_BILL: _bill,
}
_BUILDERS = {
    LedgerEvent.Kind.REDEMPTION: _redemption_lines,
    LedgerEvent.Kind.SALE: _sale_lines,
    LedgerEvent.Kind.CHARGE: _charge_lines,
    LedgerEvent.Kind.VENDOR_BILL: _bill_lines,
}
