"""Topping up: more units on the same terms, as a sale and an entitlement of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.access import Denied
from core.errors import Refused
from ledger.actions.beneficiary import add_beneficiary
from ledger.actions.package import withdraw_package
from ledger.actions.sale import Payment
from ledger.actions.top_up import top_up_entitlement
from ledger.actions.void import void
from ledger.models import Package, Sale
from ledger.queries.beneficiary import beneficiaries_of
from ledger.queries.top_up import together_with
from ledger.queries.verify import verify_ledger
from ledger.rules.settings import DISCOUNT_CAP, TOP_UP_ANEW
from ledger.rules.top_up import top_up_price
from tests.ledger.market import DAY, SYSTEM, new_key, usd

CHECKUP = {"CONSULT": (1, 400_00), "LAB": (1, 250_00), "PHYSIO": (5, 110_00)}


@pytest.mark.parametrize(
    ("units", "price"),
    [
        ({"PHYSIO": 2}, 165_00),
        ({"CONSULT": 1, "LAB": 1}, 487_50),
        ({"CONSULT": 1, "LAB": 1, "PHYSIO": 5}, 900_00),
        ({}, 0),
    ],
)
def test_units_cost_their_part_of_the_package(units, price):
    assert top_up_price(900_00, CHECKUP, units) == price


@given(st.integers(0, 10**9), st.integers(1, 50), st.integers(0, 50))
def test_within_half_a_minor_unit_of_the_exact_part(price, of, units):
    assert abs(top_up_price(price, {"A": (of, 700)}, {"A": units}) * of - price * units) * 2 <= of


def test_what_the_package_has_not_has_no_price():
    with pytest.raises(ValueError, match="no LASER"):
        top_up_price(900_00, CHECKUP, {"LASER": 1})


def test_what_is_free_costs_nothing():
    assert top_up_price(0, {"A": (1, 0)}, {"A": 3}) == 0


def top_up(market, sale, units=None, at="P", pays="165.00", **more) -> Sale:
    order = {"on": DAY, "key": new_key(), "units": units or {"PHYSIO": 2}} | more
    actor = order.pop("actor", SYSTEM)
    payments = [Payment("cash", usd(pays))] if pays else []
    return top_up_entitlement(
        actor, market.world[at], entitlement=market.entitlement(sale), payments=payments, **order
    )


def refuses(says: str, call, code: str = "not_permitted") -> None:
    with pytest.raises(Refused, match=says) as refused:
        call()
    assert refused.value.code == code


class TestSelling:
    def test_another_entitlement_of_the_same_holder_with_the_same_end(self, market):
        first = market.sell()
        sale = top_up(market, first, at="S", key="t")
        made, old = market.entitlement(sale), market.entitlement(first)
        assert (sale.tops_up_id, sale.total_minor) == (old.pk, 165_00)
        assert (made.holder_id, made.patient_id, made.expires_on) == (
            old.holder_id,
            old.patient_id,
            old.expires_on,
        )
        assert market.line(sale, "PHYSIO").left_units == 2
        assert market.balance("P", "contract_liability") == "-1065.00"
        assert market.balance("S", "due_to", "P") == "-165.00"
        assert top_up(market, first, at="S", key="t").pk == sale.pk
        assert list(verify_ledger()) == []

    def test_it_is_redeemed_and_voided_like_any(self, market):
        first = market.sell()
        sale = top_up(market, first)
        event = market.redeem(sale, "PHYSIO")
        assert event.inputs["recognized_minor"] == 82_50
        void(SYSTEM, event, reason="wrong", on=DAY, key="v1")
        void(SYSTEM, sale.event, reason="wrong", on=DAY, key="v2")
        assert market.balance("P", "contract_liability") == "-900.00"
        assert market.left(first, "PHYSIO") == 5

    def test_several_lines_are_allocated_by_stand_alone_price(self, market):
        sale = top_up(market, market.sell(), {"LAB": 1, "CONSULT": 1}, pays="487.50")
        assert [market.line(sale, code).total_minor for code in ("CONSULT", "LAB")] == [300_00, 187_50]

    def test_what_tops_up_a_top_up_tops_up_the_first(self, market):
        first = market.sell()
        second = top_up(market, first)
        third = top_up(market, second)
        assert third.tops_up_id == first.entitlement_id
        codes = [market.entitlement(one).code for one in (first, second)]
        assert [one.code for one in together_with(market.entitlement(third))] == codes

    def test_a_discount_within_policy(self, market, assign):
        first = market.sell()
        top_up(market, first, pays="148.50", discount=usd("16.50"))
        assign("P", DISCOUNT_CAP, 9, "enforced")
        refuses(
            "too large",
            lambda: top_up(market, first, pays="148.50", discount=usd("16.50")),
            "discount_over_policy",
        )

    def test_who_uses_the_first_uses_what_tops_it_up(self, market):
        parts = {"PHYSIO": (5, "110.00")}
        market.add_package("FAMILY", "500.00", parts, use="family", most_people=3)
        first, ben = market.sell("FAMILY"), market.register("Ben")
        add_beneficiary(
            SYSTEM, market.world["P"], entitlement=market.entitlement(first), patient=ben, reason="son"
        )
        sale = top_up(market, first, {"PHYSIO": 1}, pays="100.00")
        assert [one.patient_id for one in beneficiaries_of(market.entitlement(sale))] == [ben.pk]
        market.redeem(sale, "PHYSIO", patient=ben)

    def test_a_company_has_said_already_that_it_pays(self, market):
        from ledger.actions.sale import Payer

        market.add_package("STAFF", "500.00", {"PHYSIO": (5, "110.00")}, use="company", most_people=9)
        first = market.sell("STAFF", payer=Payer("Acme Mills"))
        assert top_up(market, first, {"PHYSIO": 1}, pays="100.00").total_minor == 100_00

    @pytest.mark.setting("billing.top_up_anew")
    def test_valid_anew_where_the_holder_wants_it(self, market, assign):
        first, later = market.sell(), DAY + timedelta(days=100)
        assert (
            market.entitlement(top_up(market, first, on=later)).expires_on
            == market.entitlement(first).expires_on
        )
        assign("P", TOP_UP_ANEW, True, "enforced")
        made = market.entitlement(top_up(market, first, on=later))
        assert made.expires_on == later + timedelta(days=364)


class TestRefusals:
    def test_nothing_or_what_the_package_has_not(self, market):
        first = market.sell()
        refuses("how many units", lambda: top_up(market, first, {"PHYSIO": 0}))
        refuses("has no LASER", lambda: top_up(market, first, {"LASER": 1}))
        refuses("can.t be bought", lambda: top_up(market, first, {"PHYSIO": -1}))

    def test_payments_that_are_not_the_price(self, market):
        first = market.sell()
        refuses("165.00", lambda: top_up(market, first, pays="164.99"))

    def test_what_is_past_its_last_day(self, market):
        first = market.sell()
        refuses(
            "past its last day",
            lambda: top_up(market, first, on=DAY + timedelta(days=365)),
            "entitlement_expired",
        )

    def test_before_it_was_sold(self, market):
        first = market.sell()
        refuses("can.t be topped up before", lambda: top_up(market, first, on=DAY - timedelta(days=1)))

    def test_what_was_voided(self, market):
        first = market.sell()
        void(SYSTEM, first.event, reason="wrong", on=DAY, key="v")
        refuses("voided", lambda: top_up(market, first))

    def test_a_package_that_is_withdrawn(self, market):
        first = market.sell()
        package = Package.objects.get(code="CHECKUP")
        withdraw_package(SYSTEM, package, version=package.version)
        refuses("withdrawn", lambda: top_up(market, first), "not_sellable_here")

    def test_who_may_not_sell_or_does_not_see_it(self, market):
        first = market.sell()
        with pytest.raises(Denied):
            top_up(market, first, actor=market.world.actor("desk"))
        refuses("don.t see", lambda: top_up(market, first, at="S", actor=market.world.actor("desk")))


def test_a_sale_never_tops_up_itself(market):
    sale = market.sell()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE ledger_sale SET tops_up_id = entitlement_id WHERE id = %s", [sale.pk])
    copy = """INSERT INTO ledger_sale (event_id, entitlement_id, seller_id, holder_id, patient_id, package_id, tops_up_id,
        quantity, price_minor, discount_minor, total_minor, currency, payments, payer_name, payer_contact, sold_on,
        refund, refund_fee_minor, expiry, tax_added_minor, tax_point)
        SELECT event_id, entitlement_id, seller_id, holder_id, patient_id, package_id, entitlement_id, quantity,
        price_minor, discount_minor, total_minor, currency, payments, '', '', sold_on, refund, refund_fee_minor, expiry, tax_added_minor,
        tax_point FROM ledger_sale"""
    with (
        pytest.raises(DatabaseError, match="tops_up_another"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(copy)


def test_at_the_counter(market, browse):
    first = market.sell(on=None)
    client, entitlement = browse("administrator"), market.entitlement(first)
    assert "Top up" in client.get(reverse("entitlement", args=[entitlement.pk])).content.decode()
    start = client.get(reverse("entitlement-top-up", args=[entitlement.pk]))
    page = client.get(start.url).content.decode()
    assert "82.50 for one" in page
    line = market.packages["CHECKUP"].lines.get(service__code="PHYSIO")
    done = market.world.post(client, start.url, {f"line_{line.pk}": "2", "method": "cash", "_key": new_key()})
    assert done.status_code == 302
    assert f"Tops up {entitlement.code}" in client.get(done.url).content.decode()
    made = Sale.objects.get(tops_up=entitlement).entitlement
    assert made.code in client.get(reverse("entitlement", args=[entitlement.pk])).content.decode()
    empty = market.world.post(client, start.url, {"method": "cash", "_key": new_key()})
    assert empty.status_code == 422
