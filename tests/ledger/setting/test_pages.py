"""What the billing settings change on the pages of the counter, the receipt and the patient."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.clock import today_in
from ledger.models import Entitlement
from ledger.rules.settings import (
    COUNTER_LOOKUP,
    EXPIRY_NOTICE_DAYS,
    MAY_CHARGE,
    MAY_REDEEM,
    MAY_SELL,
    MOST_UNITS_AT_ONCE,
    PAYMENT_METHODS_TAKEN,
    RECEIPT_NOTE,
    REFUND_WINDOW_DAYS,
)


@pytest.fixture
def sale(market):
    return market.sell(at="S", on=today_in("UTC"))


@pytest.fixture
def see(market, browse):
    """What the front desk of North Clinic sees on a page."""

    def do(name: str, *args: object, persona: str = "desk") -> str:
        response = browse(persona).get(reverse(name, args=[getattr(one, "pk", one) for one in args]))
        assert response.status_code == 200
        return response.content.decode()

    return do


def test_the_counter_offers_nothing_that_is_not_done_there(market, sale, see, assign):
    def counter() -> str:
        return see("counter-patient", market.world["S"], market.patient)

    before = counter()
    assert "/sell/" in before and "Charge a service" in before and "/redeem/" in before
    assign("S", MAY_SELL, False)
    assign("S", MAY_CHARGE, False)
    assign("S", MAY_REDEEM, False)
    after = counter()
    assert "/sell/" not in after and "Charge a service" not in after and "/redeem/" not in after
    assert "North Clinic sells no packages. The policy “Sells packages” (billing.may_sell) is no" in after
    assert "North Clinic redeems nothing. The policy" in after
    assert "North Clinic redeems nothing. The policy" in see("counter", market.world["S"])


@pytest.mark.parametrize("form", ["sell", "charge"])
def test_the_forms_offer_only_the_ways_to_pay_that_are_taken(market, sale, see, assign, form):
    args = [market.world["S"], market.patient] + ([market.packages["CHECKUP"]] if form == "sell" else [])
    assert 'value="cheque"' in see(f"counter-{form}", *args)
    assign("P", PAYMENT_METHODS_TAKEN, ["card"])
    shown = see(f"counter-{form}", *args)
    assert 'value="cheque"' not in shown and 'value="card"' in shown


def test_the_form_says_how_many_units_are_redeemed_at_once(market, sale, see, assign):
    page = ["counter-redeem", market.world["S"], market.line(sale, "PHYSIO")]
    assert "at once" not in see(*page)
    assign("S", MOST_UNITS_AT_ONCE, 2)
    assert "5 of 5 left. At most 2 at once." in see(*page)


def test_what_expires_soon_is_marked_at_the_counter_and_on_the_patients_page(market, see, assign):
    short = market.add_package("SHORT", "10.00", {"LAB": (2, "5.00")}, valid_days=13)
    assert short.valid_days == 13
    market.sell("SHORT", at="S", on=today_in("UTC"))
    used = market.sell("SHORT", at="S", on=today_in("UTC") - timedelta(days=1))
    market.redeem(used, "LAB", 2, at="S", on=None)
    pages = [("counter-patient", market.world["S"], market.patient), ("patient-prepaid", market.patient)]
    for page in pages:
        assert see(*page).count("Expires in 12 days") == 1
        assert "Expires in 11 days" not in see(*page)
    assign("P", EXPIRY_NOTICE_DAYS, 11)
    assert not any("Expires in" in see(*page) for page in pages)


@pytest.mark.setting("billing.receipt_note")
def test_a_receipt_carries_the_note_of_the_seller(market, sale, see, assign):
    assert "VAT" not in see("sale-receipt", sale)
    assign("S", RECEIPT_NOTE, "VAT no. 12 <34>")
    assert "VAT no. 12 &lt;34&gt;" in see("sale-receipt", sale)
    assign("T", RECEIPT_NOTE, "Another")
    assert "Another" not in see("sale-receipt", sale)


def test_a_policy_that_refuses_names_itself_in_the_dialog(market, browse, assign):
    old = market.sell("COURSE", at="S", on=today_in("UTC") - timedelta(days=40))
    assign("S", REFUND_WINDOW_DAYS, 30)
    client = browse("local_admin")
    url = reverse("entitlement-refund", args=[old.entitlement_id])
    line = market.line(old, "PHYSIO")
    response = market.world.post(client, url, {f"line_{line.pk}": "1", "reason": "moved away", "_key": "k"})
    assert response.status_code == 422
    assert "(billing.refund_window_days) is 30 days, set by test at North Clinic" in response.content.decode()


def test_the_look_up_says_whom_it_finds(market, browse, assign):
    code = Entitlement.objects.get(pk=market.sell().entitlement_id).code
    client, url = browse("desk"), reverse("counter-lookup", args=[market.world["S"].pk])
    assert "Asha Rao" in market.world.post(client, url, {"code": code}).content.decode()
    assign("S", COUNTER_LOOKUP, False)
    page = market.world.post(client, url, {"code": code}).content.decode()
    assert "Asha Rao" not in page
    assert page.count("North Clinic looks up only patients who are registered there. The policy") == 1
    assert "Nothing was looked up" in page


def test_an_entitlement_says_until_when_it_is_refunded_and_the_dialog_why_no_more(
    market, see, browse, assign
):
    sale = market.sell("COURSE", at="S", on=today_in("UTC") - timedelta(days=40))
    client, url = browse("local_admin"), reverse("entitlement-refund", args=[sale.entitlement_id])
    assert 'name="reason"' in client.get(url).content.decode()
    assign("S", REFUND_WINDOW_DAYS, 50)
    until = today_in("UTC") + timedelta(days=10)
    assert f'datetime="{until.isoformat()}"' in see("entitlement", sale.entitlement)
    assign("S", REFUND_WINDOW_DAYS, 30)
    page = client.get(url).content.decode()
    assert "that is too long ago to be refunded" in page
    assert 'name="reason"' not in page


def test_a_counter_that_redeems_nothing_advises_no_sale(market, see, assign):
    advice, parent = "Sell a package, and what is left of it appears here.", market.world["P"]
    assert advice in see("counter-patient", parent, market.patient, persona="parent_desk")
    assign("P", MAY_REDEEM, False)
    assert "Harbor Health redeems nothing" in see("counter", parent, persona="parent_desk")
    assert advice not in see("counter-patient", parent, market.patient, persona="parent_desk")
