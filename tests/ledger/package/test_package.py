"""Packages: what is offered, where, and to whom it is owed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from core.errors import Refused, Stale
from core.money import Money
from ledger.actions.catalog import retire_service
from ledger.actions.package import Offer, Part, create_package, edit_package, put_on_sale, withdraw_package
from ledger.models import Package
from tests.ledger.market import SYSTEM, usd


def offer(market, **changes) -> Offer:
    parts = [Part(market.services["LAB"], 2, usd("250.00"))]
    return replace(Offer("Two labs", usd("400.00"), parts, 90), **changes)


def create(market, persona="finance", code="TWO", **changes) -> Package:
    return create_package(
        market.world.actor(persona), market.world["P"], code=code, offer=offer(market, **changes)
    )


def test_draft_on_sale_withdrawn(market):
    package = create(market, sellers=[market.world["S"]], redeemers=[market.world["S"], market.world["S"]])
    assert package.status == "draft"
    assert package.redeemers.count() == 1
    market.packages["TWO"] = package
    with pytest.raises(Refused, match="has not been put on sale"):
        market.sell("TWO", at="S")
    with pytest.raises(Refused, match="is a draft"):
        withdraw_package(SYSTEM, package, version=1)
    market.packages["TWO"] = put_on_sale(SYSTEM, package, version=1)
    sale = market.sell("TWO", at="S")
    withdrawn = withdraw_package(SYSTEM, package, version=2)
    with pytest.raises(Refused, match="is withdrawn"):
        market.sell("TWO", at="S")
    market.redeem(sale, "LAB", at="S")
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_package(SYSTEM, withdrawn, version=3)


def test_editing_changes_no_sale(market):
    sale = market.sell("COURSE")
    parts = [Part(market.services["LAB"], 1, usd("1.00"))]
    package = market.packages["COURSE"]
    edited = edit_package(
        SYSTEM, package, offer=offer(market, parts=parts, valid_days=1), version=package.version
    )
    assert [line.service.code for line in edited.lines.all()] == ["LAB"]
    entitlement = market.entitlement(sale)
    assert entitlement.price_minor == 50000
    market.redeem(sale, "PHYSIO", on=entitlement.expires_on)
    with pytest.raises(Stale):
        edit_package(SYSTEM, package, offer=offer(market), version=package.version)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"parts": []}, "lines"),
        ({"price": Money(-1, "USD")}, "price"),
        ({"valid_days": 0}, "valid_days"),
        ({"valid_days": 100_001}, "valid_days"),
        ({"refund": "maybe"}, "refund"),
        ({"expiry": "never"}, "expiry"),
        ({"price": Money(100, "EUR")}, "lines"),
    ],
)
def test_bad_offers(market, changes, field):
    with pytest.raises(Refused) as refusal:
        create(market, **changes)
    assert refusal.value.field == field
    assert not Package.objects.filter(code="TWO").exists()


def test_bad_lines(market):
    lab = market.services["LAB"]
    for parts in (
        [Part(lab, 1, usd("1.00")), Part(lab, 1, usd("1.00"))],
        [Part(lab, 0, usd("1.00"))],
        [Part(lab, 1, usd("-1.00"))],
        [Part(lab, 1, usd("0.00"))],
        [Part(retire_service(SYSTEM, lab, version=1), 1, usd("1.00"))],
    ):
        with pytest.raises(Refused) as refusal:
            create(market, parts=parts)
        assert refusal.value.field == "lines"


def test_a_third_party_holds_sells_and_redeems_nothing(market):
    outside = market.world["X"]
    for changes in ({"holder": outside}, {"sellers": [outside]}, {"redeemers": [outside]}):
        with pytest.raises(Refused, match="Xact Labs is a third party"):
            create(market, **changes)


def test_who_may(market):
    for persona in ("desk", "local_admin", "auditor"):
        with pytest.raises(PermissionDenied):
            create(market, persona)


TERMS = {
    "refund": "allocated_price_less_fee",
    "refund_fee": "25.00",
    "expiry": "breakage_revenue",
    "breakage_percent": "5",
    "valid_days": "365",
}


def test_the_page_asks_for_terms_and_credit_and_keeps_them(market, browse):
    world, client = market.world, browse("finance")
    typed = {
        "code": "GOLD",
        "name": "Gold",
        "price": "900.00",
        "credit_1": "1000.00",
        "category_1": "care",
    } | TERMS
    answer = world.post(client, reverse("package-add"), typed)
    made = Package.objects.get(code="GOLD")
    assert answer.url == reverse("package", args=[made.pk])
    assert (made.refund, made.refund_fee_minor, made.breakage_percent) == (
        "allocated_price_less_fee",
        25_00,
        5,
    )
    (line,) = made.lines.all()
    assert (line.service_id, line.category, line.quantity) == (None, "care", 1_000_00)
    page = client.get(answer.url).content.decode()
    assert "Credit for care" in page
    assert "5 % expected" in page
    form = client.get(reverse("package-edit", args=[made.pk])).context["form"]
    assert form["credit_1"].value() == "1000.00"
    assert form["breakage_percent"].value() == "5.0000"
    edited = edit_page(world, client, made, {"name": "Gold and more"})
    assert (edited.refund, edited.refund_fee_minor, edited.expiry) == (
        "allocated_price_less_fee", 25_00, "breakage_revenue",
    )  # fmt: skip


def test_editing_keeps_every_line_of_a_long_package(market, browse):
    services = [market.add_service(f"S{n}", "10.00") for n in range(9)]
    made = create(market, parts=[Part(one, 1, usd("10.00")) for one in services])
    edited = edit_page(market.world, browse("finance"), made, {"name": "Nine"})
    assert edited.lines.count() == 9


def test_an_offer_of_nothing_is_told_at_the_first_service(market, browse):
    typed = {"code": "NONE", "name": "None", "price": "9.00"} | TERMS
    answer = market.world.post(browse("finance"), reverse("package-add"), typed)
    assert "service_1" in answer.context["form"].errors


def edit_page(world, client, package: Package, changes: dict) -> Package:
    """What the page shows, sent back with a change."""
    url = reverse("package-edit", args=[package.pk])
    form = client.get(url).context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() not in (None, "")}
    asked = shown | changes | {"_version": str(package.version)}
    assert world.post(client, url, asked).status_code == 302
    return Package.objects.get(pk=package.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refund_fee": usd("5.00")}, "refund_fee"),
        ({"refund": "allocated_price_less_fee", "refund_fee": Money(5, "EUR")}, "refund_fee"),
        ({"breakage_percent": Decimal(100)}, "breakage_percent"),
        ({"breakage_percent": Decimal(5), "expiry": "unclaimed_property"}, "breakage_percent"),
        ({"most_people": 2}, "most_people"),
        ({"use": "family"}, "most_people"),
        ({"parts": [Part.credit(usd("10.00"), "dentistry")]}, "lines"),
        ({"parts": [Part.credit(usd("0.00"))]}, "lines"),
        ({"parts": [Part.credit(usd("1.00")), Part.credit(usd("2.00"))]}, "lines"),
    ],
)
def test_terms_that_do_not_fit(market, changes, field):
    with pytest.raises(Refused) as refused:
        create(market, **changes)
    assert refused.value.field == field
