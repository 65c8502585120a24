"""The benchmark's services, packages and rules, made by the product's own actions: they are few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.actors import SystemActor
from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.rule import Terms, activate_rule, draft_rule
from ledger.models import Service
from ledger.rules.allocation import allocate, standalone_weights
from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome
from ledger.rules.terms import Conditions, Event
from network.demo.commerce import PACKAGES, SERVICES
from orgs.models import Organization

RULES: tuple[tuple[str, Kind, dict[str, object]], ...] = (
    ("sub-80", Kind.SUB, {"transfer": {"percent": "80", "basis": "allocated_price"}}),
    ("parent-80", Kind.PARENT, {"transfer": {"percent": "80", "basis": "allocated_price"}}),
    (
        "partner-65",
        Kind.PARTNER,
        {
            "shares": [{"party": "servicing", "percent": "65", "basis": "allocated_price"}],
            "legal_basis": "services performed under the cooperation agreement",
        },
    ),
)


@dataclass(frozen=True)
class Offered:
    """A package on sale: (service, quantity, allocated price) of its lines; no holder: the seller owes the care."""

    id: int
    code: str
    holder_id: int | None
    price_minor: int
    valid_days: int
    lines: tuple[tuple[Service, int, int], ...]


@dataclass(frozen=True)
class Catalog:
    """What is sold and charged: packages, and list prices in minor units by service."""

    packages: list[Offered]
    prices: list[tuple[Service, int]]


def fill_catalog(actor: SystemActor, root: Organization, since: date) -> Catalog:
    """Services priced at the parent, every package twice (held by the parent, held by its seller), rules in force."""
    services = {
        code: add_service(actor, root, code=code, name=name, category=category)
        for code, name, category, _ in SERVICES
    }
    price = {code: Money.parse(text, root.currency) for code, _, _, text in SERVICES}
    for code, service in services.items():
        set_price(actor, root, service=service, price=price[code], starts_on=since)
    for code, kind, outcome in RULES:
        said = read_outcome(outcome, root.currency)
        terms = Terms(Event.REDEMPTION, Conditions(servicing_kind=kind), said, starts_on=since)
        draft = draft_rule(actor, root, code=code, terms=terms)
        activate_rule(actor, draft, seen=draft.version)
    packages = [
        _package(actor, root, services, price, package, holder)
        for package in PACKAGES
        for holder in (root, None)
    ]
    return Catalog(packages, [(services[code], price[code].minor) for code in services])


def _package(
    actor: SystemActor,
    root: Organization,
    services: dict[str, Service],
    price: dict[str, Money],
    given: tuple[str, str, str, int, tuple[tuple[str, int], ...], tuple[str, ...]],
    holder: Organization | None,
) -> Offered:
    code, name, text, days, parts, _ = given
    if holder is None:
        code, name = f"{code}-OWN", f"{name} (seller's own)"
    offer = Offer(
        name=name,
        price=Money.parse(text, root.currency),
        parts=[Part(services[service], quantity, price[service]) for service, quantity in parts],
        valid_days=days,
        holder=holder,
    )
    made = create_package(actor, root, code=code, offer=offer)
    put_on_sale(actor, made, version=made.version)
    weights = standalone_weights({service: (quantity, price[service].minor) for service, quantity in parts})
    allocated = allocate(made.price_minor, weights)
    lines = tuple((services[service], quantity, allocated[service]) for service, quantity in parts)
    return Offered(made.pk, made.code, holder and holder.pk, made.price_minor, days, lines)
