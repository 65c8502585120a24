"""Credit: an amount paid ahead, used at the list price of whatever is performed."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Refused
from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.redemption import redeem
from ledger.actions.refund import refund
from ledger.actions.sale import Payment, sell_package
from ledger.actions.void import void
from ledger.models import EntitlementLine
from ledger.queries.explain import explain
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS
from ledger.queries.verify import verify_ledger
from ledger.rules.report import Compare, Scope, month_of
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def credit(market, amount: str, price: str, **offer):
    """A package of credit for care, held by the parent."""
    made = create_package(
        SYSTEM,
        market.world["P"],
        code=f"CREDIT-{amount}",
        offer=Offer(
            name="Credit",
            price=usd(price),
            parts=[Part.credit(usd(amount), "care")],
            valid_days=None,
            holder=market.world["P"],
            **offer,
        ),
    )
    return put_on_sale(SYSTEM, made, version=made.version)


def buy(market, package, quantity: int = 1):
    due = Money(package.price_minor * quantity, "USD")
    return sell_package(
        SYSTEM, market.world["P"], patient=market.patient, package=package, quantity=quantity,
        payments=[Payment("cash", due)], on=DAY, key=new_key(),
    )  # fmt: skip


def use(market, sale, service: str | None, quantity: int = 1, at: str = "P"):
    line = EntitlementLine.objects.get(entitlement=sale.entitlement_id)
    chosen = market.services[service] if service else None
    return redeem(
        SYSTEM, market.world[at], line=line, service=chosen, quantity=quantity, on=DAY, key=new_key()
    )


def left(sale) -> int:
    return EntitlementLine.objects.get(entitlement=sale.entitlement_id).left_units


@pytest.fixture
def sale(market):
    """1,000.00 of credit for 900.00."""
    return buy(market, credit(market, "1000.00", "900.00"))


def test_it_is_used_at_list_price_and_recognized_in_proportion(market, sale):
    event = use(market, sale, "PHYSIO", 3, at="S")
    assert left(sale) == 670_00
    assert market.balance("P", "service_revenue") == "-297.00"
    assert market.balance("S", "intercompany_revenue") == "-237.60"  # 80 %
    assert explain(event).reckoned == (
        "900.00 x 330.00 of 1,000.00 of credit used = 297.00, less 0.00 before = 297.00",
    )
    assert list(verify_ledger()) == []


def test_what_is_left_of_it_is_refunded(market, sale):
    use(market, sale, "CONSULT")
    refund(SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="moved", on=DAY, key=new_key())
    assert market.balance("P", "cash") == "360.00"
    assert market.balance("P", "contract_liability") == "0.00"


def test_clawed_back_it_costs_what_was_used(market):
    sale = buy(market, credit(market, "1000.00", "900.00", refund="list_price_clawback"))
    use(market, sale, "CONSULT")
    refund(SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="moved", on=DAY, key=new_key())
    assert market.balance("P", "cash") == "400.00"
    assert market.balance("P", "modification_revenue") == "-40.00"


@pytest.mark.parametrize(
    ("service", "quantity", "code", "words"),
    [
        (None, 1, "not_permitted", "Choose the service"),
        ("CONSULT", 3, "entitlement_exhausted", "This costs"),
        ("FREE", 1, "not_permitted", "costs nothing at Harbor Health"),
        ("TAXI", 1, "not_permitted", "This credit is for care"),
    ],
)
def test_what_it_is_not_used_for(market, sale, service, quantity, code, words):
    market.add_service("FREE", "0.00")
    taxi = add_service(SYSTEM, market.world["P"], code="TAXI", name="Taxi", category="transport")
    set_price(SYSTEM, market.world["P"], service=taxi, price=usd("10.00"), starts_on=date(2020, 1, 1))
    market.services["TAXI"] = taxi
    with pytest.raises(Refused, match=words) as refused:
        use(market, sale, service, quantity)
    assert refused.value.code == code
    assert left(sale) == 1_000_00


def test_more_of_it_than_can_be_kept_is_refused(market):
    package = credit(market, "900000000000.00", "900.00")
    with pytest.raises(Refused, match="too large") as refused:
        buy(market, package, 10_000)
    assert refused.value.code == "not_permitted"


def test_utilization_counts_services_and_not_the_credit_that_they_took(market, sale):
    def units() -> list[object]:
        ask = Ask(SYSTEM, market.world["P"], Scope.SUBTREE, month_of(DAY), Compare.NOTHING)
        tables = KINDS["utilization"].build(ask).tables
        return [tables[0].lines[-1].cells[0].value, tables[0].are_figures] if tables else []

    event = use(market, sale, "PHYSIO", 3, at="S")
    use(market, sale, "CONSULT", at="P")
    assert units() == [4, [True, True, True]]
    void(SYSTEM, event, reason="Wrong day", on=DAY, key="v")
    assert units() == [1, [True, True, True]]
