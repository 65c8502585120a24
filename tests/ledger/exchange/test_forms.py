"""Forms whose amounts are in one currency: it is asked where organizations keep several."""

from __future__ import annotations

from django.urls import reverse

from core.money import Money
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.sale import Payment
from ledger.models import Package
from settlement.models import NettingAgreement, SettlementRun
from tests.ledger.market import SYSTEM, usd

OFFER = {
    "code": "STAY",
    "name": "Stay",
    "price": "90.00",
    "refund": "allocated_price",
    "expiry": "breakage_revenue",
    "quantity_1": "1",
    "standalone_1": "120.00",
}


def offer(market, **more) -> dict[str, str]:
    return OFFER | {"service_1": market.services["CONSULT"].pk} | more


def test_who_keeps_another_currency_prices_its_packages_in_it(abroad, browse):
    finance, url = browse("finance"), reverse("package-add")
    page = finance.get(url).content.decode()
    assert page.index("Priced in") < page.index("Stand-alone price")
    typed = offer(abroad, currency="EUR", holder=abroad.world["E"].pk)
    answer = abroad.world.post(finance, url, typed)
    assert answer.status_code == 302, answer.content.decode()
    package = Package.objects.get(code="STAY")
    assert package.price == Money.parse("90.00", "EUR")
    edit = finance.get(reverse("package-edit", args=[package.pk])).context["form"]
    assert edit["currency"].value() == "EUR"


def test_a_price_in_another_currency_than_the_holder_s_is_refused_with_what_was_typed(abroad, browse):
    url, typed = reverse("package-add"), offer(abroad, currency="USD", holder=abroad.world["E"].pk)
    answer = abroad.world.post(browse("finance"), url, typed)
    assert answer.status_code == 422
    assert "Abroad, the holder, keeps EUR" in answer.content.decode()
    assert 'value="120.00"' in answer.content.decode()


def test_a_currency_that_nobody_keeps_is_the_only_thing_to_correct(abroad, browse):
    answer = abroad.world.post(browse("finance"), reverse("package-add"), offer(abroad, currency="XAU"))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"currency"}
    assert 'value="90.00"' in answer.content.decode()


def test_one_currency_is_not_asked_for(market, browse):
    for name in ("package-add", "netting-add", "settlement-propose"):
        assert "currency" not in browse("finance").get(reverse(name)).context["form"].fields


def test_an_agreement_and_a_settlement_say_of_which_claims(rated, browse):
    finance, abroad = browse("finance"), rated
    typed = {
        "name": "Both", "method": "bilateral", "legal_basis": "contract", "currency": "EUR", "minimum": "5.00",
        "payment_days": "14", "starts_on": "2026-01-01", "signed_on": "2026-01-01", "signed_by": "both",
        "parties": [abroad.world["P"].pk, abroad.world["E"].pk],
    }  # fmt: skip
    answer = abroad.world.post(finance, reverse("netting-add"), typed)
    assert answer.status_code == 302, answer.content.decode()
    assert NettingAgreement.objects.get().minimum == Money.parse("5.00", "EUR")
    part = Part(abroad.services["CONSULT"], 1, Money.parse("120.00", "EUR"))
    stay = Offer(
        name="Stay", price=Money.parse("90.00", "EUR"), parts=[part], valid_days=30, holder=abroad.world["E"]
    )
    package = create_package(SYSTEM, abroad.world["E"], code="STAY", offer=stay)
    abroad.packages["STAY"] = put_on_sale(SYSTEM, package, version=package.version)
    abroad.sell("STAY", at="P", payments=[Payment("cash", usd("112.50"))])
    asked = {
        "organization": abroad.world["P"].pk,
        "cutoff_on": "2026-01-31",
        "method": "bilateral",
        "_key": "k",
    }
    abroad.world.post(finance, reverse("settlement-propose"), asked | {"currency": "EUR"})
    assert SettlementRun.objects.get().currency == "EUR"
