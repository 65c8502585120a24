"""Charges and top-ups, too, are told what they come to while they are typed, as they then ask."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.urls import reverse

from core.clock import today_in
from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.queries.top_up import package_lines
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from tests.ledger.market import SYSTEM, usd

SHOWN = ("price", "taxes", "discount", "to_pay", "note", "problem", "here")


def shown(page) -> dict:
    assert page.status_code == 200
    return {name: page.context.get(name) for name in SHOWN}


class TestCharge:
    @pytest.fixture
    def asked(self, spa, browse):
        def ask(code: str = "SPA", at: str = "P", **typed) -> dict:
            args = [spa.market.world[at].pk, spa.market.patient.pk]
            typed = {"service": spa.market.services[code].pk if code else "", "quantity": 1} | typed
            return shown(browse("administrator").get(reverse("counter-charge-price", args=args), typed))

        return ask

    def test_tax_in_the_price(self, asked):
        told = asked(quantity=2)
        assert (told["price"], told["to_pay"]) == (usd("236.00"), usd("236.00"))
        assert [row.tax for row in told["taxes"]] == [usd("36.00")]

    def test_tax_on_top(self, asked):
        told = asked("MASSAGE")
        assert (told["price"], told["to_pay"]) == (usd("100.00"), usd("105.00"))

    def test_the_price_of_the_place(self, spa, asked):
        market = spa.market
        since = date(2026, 1, 1)
        set_price(
            SYSTEM, market.world["S"], service=market.services["SPA"], price=usd("59.00"), starts_on=since
        )
        assert (asked(at="S")["to_pay"], asked()["to_pay"]) == (usd("59.00"), usd("118.00"))

    def test_what_an_organization_pays(self, spa, asked):
        share = Share("servicing", percent=Fraction(100), basis=Basis.LIST_PRICE)
        spa.market.add_rule(
            "company",
            Event.CHARGE,
            Conditions(service="SPA"),
            outcome=Outcome(payer="parent", transfer=share),
        )
        told = asked(at="S")
        assert (told["price"], told["taxes"], told["to_pay"]) == (usd("118.00"), [], usd("0.00"))
        assert told["note"] == "P pays it, as company says."

    def test_without_a_price_it_says_so(self, spa, asked):
        spa.market.services["NEW"] = add_service(
            SYSTEM, spa.market.world["P"], code="NEW", name="New", category="care"
        )
        assert "no list price in force" in asked("NEW")["problem"]

    @pytest.mark.parametrize("typed", [{"code": ""}, {"quantity": "x"}, {"quantity": 0}])
    def test_what_cannot_be_read_has_no_price(self, asked, typed):
        assert asked(**typed)["price"] is None

    def test_it_is_what_the_charge_asks(self, spa, asked, browse):
        market = spa.market
        url = reverse("counter-charge", args=[market.world["P"].pk, market.patient.pk])
        sent = {"service": market.services["MASSAGE"].pk, "quantity": "3", "method": "cash", "_key": "k"}
        assert market.world.post(browse("administrator"), url, sent).status_code == 302
        assert Money.parse(market.balance("P", "cash"), "USD") == asked("MASSAGE", quantity=3)["to_pay"]


class TestTopUp:
    @pytest.fixture
    def sale(self, spa):
        return spa.sell("RELAX", on=today_in("UTC"))

    @pytest.fixture
    def field(self, spa, sale):
        (line,) = package_lines(spa.market.entitlement(sale))
        return f"line_{line.pk}"

    @pytest.fixture
    def asked(self, spa, sale, browse):
        def ask(**typed) -> dict:
            args = [spa.market.world["P"].pk, sale.entitlement_id]
            return shown(browse("administrator").get(reverse("counter-top-up-price", args=args), typed))

        return ask

    def test_units_discount_and_tax(self, asked, field):
        told = asked(**{field: 3, "discount": "100.00"})
        assert (told["price"], told["discount"]) == (usd("300.00"), usd("-100.00"))
        assert (told["to_pay"], [row.tax for row in told["taxes"]]) == (usd("210.00"), [usd("10.00")])

    def test_a_discount_above_the_price(self, asked, field):
        assert "more than the price" in asked(**{field: 1, "discount": "100.01"})["problem"]

    @pytest.mark.parametrize(
        "typed", [{}, {"units": ""}, {"units": "x"}, {"units": "1", "discount": "1,2,3x"}]
    )
    def test_what_cannot_be_read_has_no_price(self, asked, field, typed):
        typed = {field if name == "units" else name: value for name, value in typed.items()}
        assert asked(**typed)["price"] is None

    def test_it_is_what_the_top_up_asks(self, spa, sale, asked, field, browse):
        told = asked(**{field: 2, "discount": "0.01"})
        before = usd(spa.market.balance("P", "cash"))
        url = reverse("counter-top-up", args=[spa.market.world["P"].pk, sale.entitlement_id])
        sent = {field: "2", "discount": "0.01", "method": "cash", "_key": "k"}
        assert spa.market.world.post(browse("administrator"), url, sent).status_code == 302
        assert usd(spa.market.balance("P", "cash")) - before == told["to_pay"]
