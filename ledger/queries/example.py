"""The beginning of a worked example: what the rule names as it is here, and one event that it answers for."""

from __future__ import annotations

from core.clock import today_in
from core.money import Money
from ledger.models import Service
from ledger.queries.catalog import list_prices
from ledger.queries.party import parties_by_code
from ledger.rules.lines import Kind, Organization
from ledger.rules.matching import places_hold
from ledger.rules.stored import codes_in
from ledger.rules.terms import Event, Rule
from orgs.queries import tree

UNITS = 10
LOOKED_AT = 200
_STEPS = {
    Event.SALE: ("sale: {{id: S1, on: {day}, package: {package}, patient: Asha, at: {at}}}",),
    Event.REDEMPTION: (
        "sale: {{id: S1, on: {day}, package: {package}, patient: Asha, at: {root}}}",
        "redeem: {{id: R1, on: {day}, sale: S1, service: {service}, quantity: 1, at: {at}}}",
    ),
    Event.CHARGE: (
        "charge: {{id: C1, on: {day}, service: {service}, quantity: 1, patient: Asha, at: {at}}}",
    ),
    Event.SERVICE_REQUEST: (
        'vendor_bill: {{id: B1, on: {day}, vendor: {at}, at: {root}, service: {service}, amount: "100.00"}}',
    ),
}


def starter(rule: Rule) -> str:
    """An example that runs; what should come of it is for its author to say."""
    root = tree.root()
    at = _where(rule)
    needed = parties_by_code({root.code, at, *codes_in(rule.when, rule.outcome)})
    service, category, price = _service(rule)
    package = rule.when.package or "PACK"
    day = today_in(root.time_zone).isoformat()
    steps = [
        step.format(day=day, package=package, service=service, at=at, root=root.code)
        for step in _STEPS[rule.event]
    ]
    whole = Money(price.minor * UNITS, price.currency)
    return "\n".join(
        [
            f"name: {at}, one unit",
            f"currency: {root.currency}",
            "organizations:",
            *(f"  - {_organization(one)}" for one in sorted(needed.values(), key=lambda one: len(one.path))),
            "services:",
            f'  - {{code: {service}, list_price: "{price.decimal()}"{category}}}',
            "packages:",
            f'  - {{code: {package}, price: "{whole.decimal()}", holder: {root.code},',
            f"     lines: [{{service: {service}, quantity: {UNITS}}}]}}",
            "steps:",
            *(f"  - {step}" for step in steps),
            "expect:  # what should come of it: debit +, credit -",
            f'  - balance: {{organization: {root.code}, account: due_to, amount: "0.00"}}',
            "",
        ]
    )


def _where(rule: Rule) -> str:
    """An organization at which the rule answers."""
    if rule.when.servicing:
        return rule.when.servicing
    nodes = tree.subtree(tree.root())[:LOOKED_AT]
    parties = parties_by_code(node.code for node in nodes)
    places = (one for one in parties.values() if places_hold(rule, one)[0])
    fitting = sorted(places, key=lambda one: (one.kind is Kind.THIRD_PARTY, len(one.path), one.code))
    elsewhere = [one for one in fitting if len(one.path) > 1]
    return (elsewhere or fitting or list(parties.values()))[0].code


def _service(rule: Rule) -> tuple[str, str, Money]:
    """A service that the rule answers for, its category as the example says it, and its list price."""
    root = tree.root()
    rows = Service.objects.filter(status=Service.Status.ACTIVE).order_by("code")
    when = rule.when
    wanted = {"code": when.service} if when.service else {"category": when.category} if when.category else {}
    service = rows.filter(**wanted).first()
    category = when.category or (service.category if service else "")
    shown = f', category: "{category}"' if category else ""
    if service is None:
        return when.service or "SERVICE", shown, Money(10_000, root.currency)
    prices = list_prices([service.pk], [root.pk], today_in(root.time_zone))
    return service.code, shown, prices.get(service.pk, Money(10_000, root.currency))


def _organization(party: Organization) -> str:
    under = f", under: {party.path[-2]}" if len(party.path) > 1 else ""
    return f"{{code: {party.code}, kind: {party.kind}{under}, currency: {party.currency}}}"
