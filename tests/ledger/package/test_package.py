"""Packages: what is offered, where, and to whom it is owed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

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
