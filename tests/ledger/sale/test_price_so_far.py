"""The counter says what a sale comes to while it is typed, as the sale then asks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.money import Money
from tests.ledger.market import usd


@pytest.fixture
def asked(market, browse):
    """What is asked for a typed sale of COURSE, 500.00, at P, or nothing where it can't be said."""

    def ask(**typed) -> dict:
        args = [market.world["P"].pk, market.patient.pk, market.packages["COURSE"].pk]
        page = browse("administrator").get(reverse("counter-sell-price", args=args), typed)
        assert page.status_code == 200
        return {key: page.context.get(key) for key in ("price", "discount", "given", "to_pay", "problem")}

    return ask


def test_other_quantities_and_a_discount(asked):
    told = asked(quantity=3, discount="100.00")
    assert (told["price"], told["discount"], told["to_pay"]) == (
        usd("1500.00"),
        usd("-100.00"),
        usd("1400.00"),
    )


def test_what_is_given_for_it(market, asked):
    market.redeem(given := market.sell("COURSE"), "PHYSIO")
    told = asked(quantity=1, replaces=str(given.entitlement_id))
    assert (told["given"], told["to_pay"]) == (usd("-400.00"), usd("100.00"))


@pytest.mark.parametrize(
    "typed", [{}, {"quantity": "x"}, {"quantity": 0}, {"quantity": 1, "discount": "1,2,3x"}]
)
def test_what_cannot_be_read_has_no_price(asked, typed):
    assert asked(**typed)["price"] is None


def test_a_discount_above_the_price(asked):
    assert "more than the price" in asked(quantity=1, discount="500.01")["problem"]


def test_it_is_what_the_sale_asks(market, asked, browse):
    url = reverse(
        "counter-sell", args=[market.world["P"].pk, market.patient.pk, market.packages["COURSE"].pk]
    )
    told = asked(quantity=2, discount="0.01")
    sent = {"quantity": "2", "discount": "0.01", "method": "cash", "_key": "k"}
    assert market.world.post(browse("administrator"), url, sent).status_code == 302
    assert Money.parse(market.balance("P", "cash"), "USD") == told["to_pay"]
