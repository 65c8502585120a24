"""A market in the cast's network: the reference services, packages, rules and a patient, made by the actions.

CHECKUP, 900.00: consultation (stand-alone 400), lab (250), five physiotherapy (110 each), held by the parent;
allocated 300.00 / 187.50 / 412.50. COURSE, 500.00: five physiotherapy, held by the seller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import count

from django.db.models import Sum

from core.actors import SystemActor
from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.redemption import redeem
from ledger.actions.rule import Terms, activate_rule, draft_rule
from ledger.actions.sale import Payment, sell_package
from ledger.models import (
    Entitlement,
    EntitlementLine,
    JournalLine,
    LedgerEvent,
    Package,
    RuleVersion,
    Sale,
    Service,
)
from ledger.rules.lines import Kind
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from patients.actions.details import Details
from patients.actions.patient import register_patient
from tests.cast import Cast

SYSTEM = SystemActor.of("test")
DAY = date(2026, 1, 10)
PERCENT_80 = Share("servicing", percent=Fraction(80), basis=Basis.ALLOCATED_PRICE)
PERCENT_70 = Share(
    "servicing", percent=Fraction(70), basis=Basis.ALLOCATED_PRICE, legal_basis="services performed"
)
_keys = count(1)


def usd(text: str) -> Money:
    return Money.parse(text, "USD", signed=True)


def new_key() -> str:
    return f"key-{next(_keys)}"


@dataclass
class Market:
    world: Cast
    services: dict[str, Service] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    patient: object = None

    def add_service(self, code: str, price: str) -> Service:
        root = self.world["P"]
        service = add_service(SYSTEM, root, code=code, name=code.title(), category="care")
        set_price(SYSTEM, root, service=service, price=usd(price), starts_on=date(2020, 1, 1))
        self.services[code] = service
        return service

    def add_package(self, code: str, price: str, parts: dict[str, tuple[int, str]], **offer) -> Package:
        made = create_package(
            SYSTEM,
            self.world["P"],
            code=code,
            offer=Offer(
                name=code.title(),
                price=usd(price),
                parts=[
                    Part(self.services[service], quantity, usd(unit))
                    for service, (quantity, unit) in parts.items()
                ],
                **({"valid_days": 365} | offer),
            ),
        )
        self.packages[code] = put_on_sale(SYSTEM, made, version=made.version)
        return self.packages[code]

    def add_rule(
        self, code: str, event: Event = Event.REDEMPTION, when: Conditions | None = None, **terms
    ) -> RuleVersion:
        said = Terms(event, when or Conditions(), **terms)
        draft = draft_rule(SYSTEM, self.world["P"], code=code, terms=said)
        return activate_rule(SYSTEM, draft, seen=draft.version)

    def sell(self, package: str = "CHECKUP", at: str = "P", **order) -> Sale:
        offer = self.packages[package]
        quantity, discount = order.get("quantity", 1), order.get("discount")
        due = offer.price_minor * quantity - (discount.minor if discount else 0)
        order.setdefault("payments", [Payment("cash", Money(due, "USD"))] if due > 0 else [])
        actor = order.pop("actor", SYSTEM)
        order = {"on": DAY, "patient": self.patient, "key": new_key()} | order
        return sell_package(actor, self.world[at], package=offer, **order)

    def line(self, sale: Sale, service: str) -> EntitlementLine:
        return EntitlementLine.objects.get(entitlement=sale.entitlement_id, service__code=service)

    def redeem(self, sale: Sale, service: str, quantity: int = 1, at: str = "P", **request) -> LedgerEvent:
        actor = request.pop("actor", SYSTEM)
        request = {"on": DAY, "key": new_key()} | request
        return redeem(actor, self.world[at], line=self.line(sale, service), quantity=quantity, **request)

    def left(self, sale: Sale, service: str) -> int:
        return self.line(sale, service).left_units

    def entitlement(self, sale: Sale) -> Entitlement:
        return Entitlement.objects.get(pk=sale.entitlement_id)

    def balance(self, at: str, account: str, counterparty: str | None = None) -> str:
        rows = JournalLine.objects.filter(organization=self.world[at], account__code=account)
        if counterparty:
            rows = rows.filter(counterparty=self.world[counterparty])
        return Money(rows.aggregate(total=Sum("amount_minor"))["total"] or 0, "USD").decimal()

    def register(self, given_name: str, at: str = "P"):
        details = Details(given_name=given_name, family_name="Rao", birth_date=date(1990, 5, 4))
        return register_patient(SYSTEM, self.world[at], details=details, confirmed=True)


def open_market(world: Cast) -> Market:
    """The services, packages and rules of the module's docstring, and Asha, who is known at P."""
    market = Market(world)
    for code, price in (("CONSULT", "400.00"), ("LAB", "250.00"), ("PHYSIO", "110.00")):
        market.add_service(code, price)
    parts = {"CONSULT": (1, "400.00"), "LAB": (1, "250.00"), "PHYSIO": (5, "110.00")}
    market.add_package("CHECKUP", "900.00", parts, holder=world["P"])
    market.add_package("COURSE", "500.00", {"PHYSIO": (5, "110.00")})
    market.add_rule("sub-80", when=Conditions(servicing_kind=Kind.SUB), outcome=Outcome(transfer=PERCENT_80))
    market.add_rule("partner-70", when=Conditions(servicing="Q"), outcome=Outcome(shares=(PERCENT_70,)))
    market.patient = market.register("Asha")
    return market
