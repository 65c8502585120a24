"""What of the catalog and the rules can be recreated in another Parent Account: by code, without places or patients."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Max

from core.actors import Actor
from core.clock import today_in
from core.content_package import Item, Part, content_parts
from core.errors import Refused
from core.money import Money
from ledger.actions.catalog import add_service, edit_service, set_price
from ledger.actions.package import Offer, create_package, edit_package
from ledger.actions.package import Part as OfferPart
from ledger.actions.rule import Terms, draft_rule, edit_draft, write_examples
from ledger.actions.tax import add_tax_code, add_tax_rate
from ledger.models import Package, RuleVersion, Service, TaxCode
from ledger.queries.catalog import list_prices
from ledger.queries.rule import rule_book
from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome, write_outcome
from ledger.rules.stored import codes_in
from ledger.rules.terms import Conditions, Dates, Event, PayerType
from orgs.queries import tree
from orgs.queries.organization import ids_by_code

Status = RuleVersion.Status


def service_items() -> list[Item]:
    """Active services with their list price at the parent organization."""
    root = tree.root()
    active = Service.objects.filter(status=Service.Status.ACTIVE)
    services = list(active.select_related("tax_code").order_by("code"))
    prices = list_prices([one.pk for one in services], [root.pk], today_in(root.time_zone))
    return [
        Item(
            one.code,
            one.name,
            {
                "category": one.category,
                "price": _money(prices.get(one.pk)),
                **({"tax_code": one.tax_code.code} if one.tax_code else {}),
            },
        )
        for one in services
    ]


def service_problem(item: Item) -> str:
    return _other_currency(item.data["price"])


def take_service(actor: Actor, item: Item) -> None:
    root, category = tree.root(), item.data["category"]
    tax_code = _tax_code(item)
    service = Service.objects.filter(code=item.code).first()
    if service is None:
        service = add_service(
            actor, root, code=item.code, name=item.name, category=category, tax_code=tax_code
        )
    elif (service.name, service.category, service.tax_code) != (item.name, category, tax_code):
        service = edit_service(
            actor,
            service,
            name=item.name,
            category=category,
            tax_code=tax_code,
            version=service.version,
        )
    today = today_in(root.time_zone)
    wanted = _read_money(item.data["price"])
    if wanted is not None and list_prices([service.pk], [root.pk], today).get(service.pk) != wanted:
        set_price(actor, root, service=service, price=wanted, starts_on=today)


def _tax_code(item: Item) -> TaxCode | None:
    code = item.data.get("tax_code")
    if not code:
        return None
    found = TaxCode.objects.filter(code=code).first()
    if found is None:
        raise Refused("not_permitted", f"{item.name} needs the tax code {code}; take it over, too.")
    return found


def tax_code_items() -> list[Item]:
    """Active tax codes with all their rates."""
    rows = TaxCode.objects.filter(status=TaxCode.Status.ACTIVE).order_by("code").prefetch_related("rates")
    return [
        Item(
            one.code,
            one.name,
            {
                "method": one.method,
                "rates": sorted(
                    [rate.starts_on.isoformat(), f"{rate.percent.normalize():f}"] for rate in one.rates.all()
                ),
            },
        )
        for one in rows
    ]


def tax_code_problem(item: Item) -> str:
    there = TaxCode.objects.filter(code=item.code).first()
    if there is None or there.method == item.data["method"]:
        return ""
    return f"It is {TaxCode.Method(item.data['method']).label.lower()}; here it is {there.get_method_display().lower()}."


def take_tax_code(actor: Actor, item: Item) -> None:
    """A code that is there takes only the rates that begin after its last one: what is posted names the others."""
    rates = [(date.fromisoformat(day), Decimal(percent)) for day, percent in item.data["rates"]]
    code = TaxCode.objects.filter(code=item.code).first()
    if code is None:
        since, percent = rates.pop(0) if rates else (None, None)
        code = add_tax_code(
            actor,
            tree.root(),
            code=item.code,
            name=item.name,
            method=item.data["method"],
            percent=percent,
            starts_on=since,
        )
    last = code.rates.aggregate(last=Max("starts_on"))["last"]
    for since, percent in rates:
        if last is None or since > last:
            code.refresh_from_db()
            add_tax_rate(actor, code, percent=percent, starts_on=since, version=code.version)


def package_items() -> list[Item]:
    """Packages that are not withdrawn; where they are sold and redeemed is for each Parent Account to say."""
    rows = Package.objects.exclude(status=Package.Status.WITHDRAWN).order_by("code")
    return [
        Item(
            one.code,
            one.name,
            {
                "price": _money(one.price),
                "valid_days": one.valid_days,
                "refund": one.refund,
                "refund_fee_minor": one.refund_fee_minor,
                "expiry": one.expiry,
                "breakage_percent": str(one.breakage_percent.normalize()) if one.breakage_percent else None,
                "use": one.use,
                "most_people": one.most_people,
                "held_by_parent": one.holder is not None and one.holder.parent_id is None,
                "lines": sorted(
                    [line.code, line.quantity, line.standalone_minor]
                    for line in one.lines.all()
                    if line.service
                ),
                "credit": sorted(
                    [line.category, line.quantity] for line in one.lines.all() if line.is_credit
                ),
            },
        )
        for one in rows.select_related("holder").prefetch_related("lines__service")
    ]


def package_problem(item: Item) -> str:
    return _other_currency(item.data["price"])


def take_package(actor: Actor, item: Item) -> None:
    data, root = item.data, tree.root()
    services = {one.code: one for one in Service.objects.filter(code__in=[line[0] for line in data["lines"]])}
    missing = sorted({line[0] for line in data["lines"]} - services.keys())
    if missing:
        raise Refused("not_permitted", f"{item.name} needs the service {missing[0]}; take it over, too.")
    price = _read_money(data["price"])
    assert price is not None
    offer = Offer(
        name=item.name,
        price=price,
        parts=[
            OfferPart(services[code], quantity, Money(minor, price.currency))
            for code, quantity, minor in data["lines"]
        ]
        + [OfferPart.credit(Money(minor, price.currency), category) for category, minor in data["credit"]],
        valid_days=data["valid_days"],
        holder=root if data["held_by_parent"] else None,
        refund=data["refund"],
        refund_fee=Money(data["refund_fee_minor"], price.currency),
        expiry=data["expiry"],
        breakage_percent=Decimal(data["breakage_percent"]) if data["breakage_percent"] else None,
        use=data["use"],
        most_people=data["most_people"],
    )
    there = Package.objects.filter(code=item.code).first()
    if there is None:
        create_package(actor, root, code=item.code, offer=offer)
    else:
        edit_package(actor, there, offer=offer, version=there.version)


def rule_items() -> list[Item]:
    """The newest version of every rule that is active or a draft; organizations by their codes."""
    rows = (
        RuleVersion.objects.exclude(status=Status.ENDED)
        .select_related("rule")
        .order_by("rule__code", "-number")
    )
    newest: dict[str, RuleVersion] = {}
    for row in rows:
        newest.setdefault(row.rule.code, row)
    return [
        Item(
            rule.code,
            rule.code,
            {
                "event": rule.event.value,
                "when": _written(rule.when),
                "outcome": write_outcome(rule.outcome),
                "priority": rule.priority,
                **({"examples": newest[rule.code].examples} if newest[rule.code].examples else {}),
            },
        )
        for rule in rule_book(newest.values()).rules
    ]


def rule_problem(item: Item) -> str:
    terms = _terms(item)
    named = codes_in(terms.when, terms.outcome)
    unknown = sorted(named - ids_by_code(named).keys())
    if unknown:
        return f"It names the organization {unknown[0]}, which isn't in this Parent Account."
    currency = terms.outcome.currency
    mine = tree.root().currency
    return (
        f"Its amounts are in {currency}; this Parent Account keeps {mine}."
        if currency not in (None, mine)
        else ""
    )


def take_rule(actor: Actor, item: Item) -> None:
    """As a draft: somebody else activates it, as every rule."""
    draft = RuleVersion.objects.filter(rule__code=item.code, status=Status.DRAFT).first()
    if draft is None:
        draft = draft_rule(actor, tree.root(), code=item.code, terms=_terms(item))
    else:
        draft = edit_draft(actor, draft, terms=_terms(item), seen=draft.version)
    examples = item.data.get("examples", "")
    if draft.examples != examples:
        write_examples(actor, draft, examples=examples, seen=draft.version)


def _written(when: Conditions) -> dict[str, Any]:
    given = {name: getattr(when, name) for name in Conditions.__dataclass_fields__}
    dates = given.pop("dates")
    data: dict[str, Any] = {name: str(value) for name, value in given.items() if value is not None}
    if dates:
        data["first_on"] = dates.first_on.isoformat() if dates.first_on else None
        data["last_on"] = dates.last_on.isoformat() if dates.last_on else None
    return data


def _terms(item: Item) -> Terms:
    when: dict[str, Any] = dict(item.data["when"])
    days = [
        date.fromisoformat(text) if text else None
        for text in (when.pop("first_on", None), when.pop("last_on", None))
    ]
    words: tuple[tuple[str, type[StrEnum]], ...] = (
        ("seller_kind", Kind),
        ("servicing_kind", Kind),
        ("payer_type", PayerType),
    )
    when |= {name: kind(when[name]) for name, kind in words if name in when}
    conditions = Conditions(**when, dates=Dates(*days) if any(days) else None)
    outcome = read_outcome(item.data["outcome"], str(item.data["outcome"].get("currency", "")))
    return Terms(Event(item.data["event"]), conditions, outcome, item.data["priority"])


def _money(price: Money | None) -> list[Any] | None:
    return None if price is None else [price.currency, price.minor]


def _read_money(stored: list[Any] | None) -> Money | None:
    return None if stored is None else Money(stored[1], stored[0])


def _other_currency(stored: list[Any] | None) -> str:
    mine = tree.root().currency
    if stored is None or stored[0] == mine:
        return ""
    return f"It is priced in {stored[0]}; this Parent Account keeps {mine}."


for _part in (
    Part("tax_codes", "Tax codes", 15, tax_code_items, tax_code_problem, take_tax_code),
    Part("services", "Services and prices", 20, service_items, service_problem, take_service),
    Part("packages", "Packages", 30, package_items, package_problem, take_package),
    Part("rules", "Transactional rules", 40, rule_items, rule_problem, take_rule),
):
    content_parts.add(_part.code, _part)
