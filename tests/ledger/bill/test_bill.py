"""Taking a vendor's bill."""

from __future__ import annotations

from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Refused
from core.money import Money
from ledger.actions.bill import bill_vendor
from ledger.actions.period import close_period
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def bill(market, vendor="X", at="P", amount="120.00", actor=SYSTEM, **request):
    money = amount if isinstance(amount, Money) else usd(amount)
    request = {"effective_on": DAY, "key": new_key()} | request
    return bill_vendor(
        actor,
        market.world[at],
        vendor=market.world[vendor],
        service=market.services["LAB"],
        amount=money,
        **request,
    )


def refused(market, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        bill(market, **request)
    return refusal.value


def test_a_third_party_is_a_cost_and_a_payable(market):
    market.redeem(market.sell(), "LAB")
    bill(market)
    assert market.balance("P", "vendor_cost", "X") == "120.00"
    assert market.balance("P", "accounts_payable", "X") == "-120.00"
    assert market.balance("P", "contract_liability") == "-712.50"


def test_a_partner_is_owed_in_both_books(market):
    bill(market, vendor="Q", at="S")
    assert market.balance("S", "partner_share_cost", "Q") == "120.00"
    assert market.balance("Q", "service_revenue", "S") == "-120.00"


def test_a_rule_names_another_payer_and_a_share(market):
    share = Share("S", percent=Fraction(10), basis=Basis.LIST_PRICE, legal_basis="sampling performed")
    market.add_rule(
        "parent-pays",
        Event.SERVICE_REQUEST,
        Conditions(servicing="X"),
        outcome=Outcome(payer="parent", shares=(share,)),
    )
    bill(market, at="S")
    assert market.balance("P", "accounts_payable", "X") == "-120.00"
    assert market.balance("P", "due_to", "S") == "-25.00"
    assert market.balance("S", "accounts_payable") == "0.00"


def test_a_bill_of_zero_is_recorded_without_an_entry(market):
    event = bill(market, amount="0.00")
    assert (event.line_count, event.kind) == (0, "vendor_bill")


def test_refusals(market):
    assert refused(market, at="X").code == "not_permitted"
    assert refused(market, vendor="P").code == "not_permitted"
    assert refused(market, amount="-1.00").code == "not_permitted"
    assert refused(market, amount=Money(100, "EUR")).code == "currency_mismatch"
    close_period(SYSTEM, market.world["P"], month=DAY)
    assert refused(market).code == "period_closed"


def test_the_same_key_returns_the_first(market):
    assert bill(market, key="order-1").pk == bill(market, key="order-1").pk
    assert market.balance("P", "accounts_payable") == "-120.00"
    assert refused(market, key="order-1", amount="121.00").code == "idempotency_conflict"


def test_who_may(market):
    for persona in ("parent_desk", "auditor", "local_admin"):
        with pytest.raises(PermissionDenied):
            bill(market, actor=market.world.actor(persona))
    assert bill(market, actor=market.world.actor("vendor_manager")).pk
