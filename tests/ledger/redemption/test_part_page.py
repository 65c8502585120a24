"""The counter takes a part from the credit and the rest from the patient, and says beforehand how much of each."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.money import Money
from ledger.models import EntitlementLine, LedgerEvent
from ledger.rules.settings import MAY_CHARGE
from orgs.actions.setting import NewValue, assign_setting
from tests.ledger.market import SYSTEM, usd
from tests.ledger.redemption.test_credit import buy, credit, left


@pytest.fixture
def sale(market):
    """500.00 of credit for 450.00."""
    return buy(market, credit(market, "500.00", "450.00"))


@pytest.fixture
def counter(market, sale, browse):
    """The form of the credit at P, and the price that it is told while it is typed."""
    args = [market.world["P"].pk, EntitlementLine.objects.get(entitlement=sale.entitlement_id).pk]

    class Counter:
        url = reverse("counter-redeem", args=args)

        def send(self, persona="parent_desk", **typed):
            data = {"service": market.services["CONSULT"].pk, "quantity": "2", "_key": "k"} | typed
            return market.world.post(browse(persona), self.url, data)

        def told(self, persona="parent_desk", **typed) -> dict:
            data = {"service": market.services["CONSULT"].pk, "quantity": "2"} | typed
            page = browse(persona).get(reverse("counter-redeem-price", args=args), data)
            assert page.status_code == 200
            return {name: page.context.get(name) for name in ("price", "given", "to_pay", "problem")}

    return Counter()


def test_the_rest_is_paid_in_two_ways(market, sale, counter):
    assert counter.send(method="card", second_method="cash", second_amount="100.00").status_code == 302
    assert left(sale) == 0
    assert market.balance("P", "cash") == "750.00"
    assert LedgerEvent.objects.latest("pk").inputs["rest"]["payments"] == [
        {"method": "card", "amount_minor": 20000},
        {"method": "cash", "amount_minor": 10000},
    ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, None),
        ({"credit": "100.00"}, "method"),
        ({"second_method": "cash", "second_amount": "1.00"}, "method"),
        ({"method": "card", "second_method": "cash"}, "second_amount"),
        ({"method": "card", "second_method": "cash", "second_amount": "300.01"}, "second_amount"),
        ({"method": "card", "credit": "0.00"}, "credit"),
        ({"method": "card", "credit": "a lot"}, "credit"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sale, counter, typed, field):
    page = counter.send(**typed)
    assert page.status_code == 422
    assert page.context["form"].errors.get(field or "__all__")
    assert page.context["form"].data.get("method", "") == typed.get("method", "")
    assert left(sale) == 500_00


def test_it_says_what_each_pays(counter):
    told = counter.told()
    assert (told["price"], told["given"], told["to_pay"]) == (usd("800.00"), usd("-500.00"), usd("300.00"))
    assert counter.told(credit="120.50")["to_pay"] == usd("679.50")
    assert counter.told(quantity="1")["to_pay"] == usd("0.00")


def test_it_is_what_is_then_paid(market, counter):
    told = counter.told(credit="0.01")
    assert counter.send(credit="0.01", method="cash").status_code == 302
    assert Money.parse(market.balance("P", "cash"), "USD") == told["to_pay"] + usd("450.00")


@pytest.mark.parametrize(
    "typed", [{"service": ""}, {"service": "x"}, {"quantity": "0"}, {"credit": "1,2,3x"}]
)
def test_what_cannot_be_read_has_no_price(counter, typed):
    assert counter.told(**typed)["price"] is None


def test_where_nothing_is_charged_credit_pays_it_all(market, sale, counter, browse):
    assign_setting(SYSTEM, market.world["P"], setting=MAY_CHARGE, new=NewValue(False))
    form = browse("parent_desk").get(counter.url).context["form"]
    assert list(form.fields) == ["service", "quantity"]
    assert "of the credit is left" in counter.told()["problem"]
    assert counter.send(method="cash").status_code == 422
    assert counter.send(quantity="1", method="cash").status_code == 302
    assert (left(sale), market.balance("P", "cash")) == (100_00, "450.00")


def test_units_have_no_rest(market, browse):
    line = market.line(market.sell(), "PHYSIO")
    url = reverse("counter-redeem", args=[market.world["P"].pk, line.pk])
    assert list(browse("parent_desk").get(url).context["form"].fields) == ["quantity"]
