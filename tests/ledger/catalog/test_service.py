"""Services and their list prices."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Refused, Stale
from core.money import Money
from ledger.actions.catalog import add_service, edit_service, retire_service, set_price
from ledger.models import TariffPrice
from ledger.queries.catalog import categories, list_price, prices_of, search_services, services_for
from tests.ledger.market import SYSTEM, usd


def test_add_find_edit_retire(market):
    finance = market.world.actor("finance")
    service = add_service(
        finance, market.world["P"], code=" X-RAY ", name="X-ray of  the hand", category="imaging"
    )
    assert (service.code, service.name) == ("X-RAY", "X-ray of the hand")
    assert list(search_services(services_for(finance), "x-ray of")) == [service]
    assert categories() == ["care", "imaging"]
    edited = edit_service(finance, service, name="X-ray", version=1)
    assert (edited.name, edited.category, edited.version) == ("X-ray", "", 2)
    with pytest.raises(Stale):
        edit_service(finance, service, name="Other", version=1)
    assert retire_service(finance, edited, version=2).status == "retired"
    with pytest.raises(Refused, match="retired already"):
        retire_service(finance, edited, version=3)


@pytest.mark.parametrize(
    ("code", "name"), [("", "A"), ("x" * 41, "A"), ("A\x00", "A"), ("A", ""), ("A", "x" * 201)]
)
def test_bad_input(market, code, name):
    with pytest.raises(Refused) as refusal:
        add_service(SYSTEM, market.world["P"], code=code, name=name)
    assert refusal.value.field in ("code", "name")


def test_a_taken_code(market):
    with pytest.raises(Refused) as refusal:
        add_service(SYSTEM, market.world["P"], code="LAB", name="Another")
    assert (refusal.value.code, refusal.value.field) == ("duplicate", "code")


def test_the_nearest_price_in_force(market):
    lab, root, partner = market.services["LAB"], market.world["P"], market.world["Q"]
    set_price(SYSTEM, partner, service=lab, price=usd("90.00"), starts_on=date(2026, 3, 1))
    set_price(SYSTEM, root, service=lab, price=usd("260.00"), starts_on=date(2026, 2, 1))
    annex = market.world["R"]
    assert list_price(lab, annex, date(2026, 1, 31)) == usd("250.00")
    assert list_price(lab, annex, date(2026, 2, 28)) == usd("260.00")
    assert list_price(lab, annex, date(2026, 3, 1)) == usd("90.00")
    assert list_price(lab, market.world["S"], date(2026, 3, 1)) == usd("260.00")
    assert list_price(lab, annex, date(2019, 12, 31)) is None
    assert prices_of(SYSTEM, lab).count() == 3


def test_a_price_between_two_ends_the_day_before_the_next(market):
    lab, root = market.services["LAB"], market.world["P"]
    set_price(SYSTEM, root, service=lab, price=usd("300.00"), starts_on=date(2026, 6, 1))
    set_price(SYSTEM, root, service=lab, price=usd("275.00"), starts_on=date(2026, 3, 1))
    periods = (
        TariffPrice.objects.filter(service=lab).order_by("starts_on").values_list("starts_on", "ends_on")
    )
    assert list(periods) == [
        (date(2020, 1, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 5, 31)),
        (date(2026, 6, 1), None),
    ]
    with pytest.raises(Refused, match=r"already: USD 275\.00"):
        set_price(SYSTEM, root, service=lab, price=usd("1.00"), starts_on=date(2026, 3, 1))


def test_no_price_below_zero_and_none_for_a_third_party(market):
    lab = market.services["LAB"]
    for place, price in (("P", Money(-1, "USD")), ("X", usd("1.00"))):
        with pytest.raises(Refused):
            set_price(SYSTEM, market.world[place], service=lab, price=price, starts_on=date(2026, 3, 1))


def test_who_may(market):
    for persona in ("desk", "auditor", "local_admin"):
        actor = market.world.actor(persona)
        with pytest.raises(PermissionDenied):
            add_service(actor, market.world["P"], code="A", name="A")
        with pytest.raises(PermissionDenied):
            set_price(
                actor,
                market.world["S"],
                service=market.services["LAB"],
                price=usd("1.00"),
                starts_on=date(2026, 3, 1),
            )
    assert services_for(market.world.actor("desk")).count() == 3
    assert not services_for(market.world.actor("privacy")).exists()
