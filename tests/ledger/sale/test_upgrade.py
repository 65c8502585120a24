"""Giving what is left of an entitlement for a larger package."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from django.urls import reverse

from core.clock import today_in
from core.errors import Refused
from ledger.actions.breakage import run_breakage
from ledger.actions.sale import Payment
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import Entitlement, EntitlementLine, Sale
from ledger.queries.verify import verify_ledger
from tests.ledger.market import DAY, SYSTEM, new_key, usd


@pytest.fixture
def market(market):
    """With COMPLETE, 1,500.00, held by the parent."""
    parts = {"CONSULT": (2, "400.00"), "LAB": (1, "250.00"), "PHYSIO": (10, "110.00")}
    market.add_package("COMPLETE", "1500.00", parts, holder=market.world["P"])
    return market


@pytest.fixture
def sale(market):
    """600.00 is left of 900.00."""
    sold = market.sell()
    market.redeem(sold, "CONSULT")
    return sold


def upgrade(market, sale, paid: str | None, at="P", package="COMPLETE", **more) -> Sale:
    return upgrade_entitlement(
        SYSTEM,
        market.world[at],
        entitlement=sale.entitlement,
        package=market.packages[package],
        payments=[Payment("cash", usd(paid))] if paid else [],
        on=more.pop("on", DAY),
        key=more.pop("key", "") or new_key(),
    )


def left(sale) -> int:
    lines = EntitlementLine.objects.filter(entitlement=sale.entitlement_id)
    return sum(lines.values_list("left_units", flat=True))


def test_what_was_open_and_what_is_paid_is_the_new_price(market, sale):
    bought = upgrade(market, sale, "900.00", key="u")
    assert left(sale) == 0
    assert bought.entitlement.price_minor == bought.total_minor == 1_500_00
    assert market.balance("P", "contract_liability") == "-1500.00"
    assert market.balance("P", "cash") == "1800.00"
    assert bought.payments[0] == {"method": "given", "amount_minor": 600_00}
    assert upgrade(market, sale, "900.00", key="u").pk == bought.pk
    assert list(verify_ledger()) == []


def test_another_seller_owes_what_it_took(market, sale):
    upgrade(market, sale, "900.00", at="S")
    assert market.balance("S", "cash") == "900.00"
    assert market.balance("P", "due_from", "S") == "900.00"
    assert list(verify_ledger()) == []


def test_it_is_voided_while_unused_and_the_old_one_is_back(market, sale):
    bought = upgrade(market, sale, "900.00")
    void(SYSTEM, bought.event, reason="mistake", on=DAY, key=new_key())
    assert left(sale) == 6
    assert Entitlement.objects.get(pk=bought.entitlement_id).status == "void"
    assert market.balance("P", "contract_liability") == "-600.00"
    assert list(verify_ledger()) == []


def test_its_void_gives_back_no_more_breakage_than_would_be_too_much(market, sale):
    """What comes back to the pool of the old package has nothing to do with that of the new one."""
    used = market.sell("COMPLETE")
    for service, units in (("CONSULT", 2), ("LAB", 1), ("PHYSIO", 10)):
        market.redeem(used, service, units)
    bought = upgrade(market, sale, "900.00")
    run_breakage(
        SYSTEM, market.world["P"], package=market.packages["COMPLETE"], expected_percent=Fraction(50), on=DAY,
        key=new_key(),
    )  # fmt: skip
    assert market.balance("P", "breakage_revenue") == "-1500.00"  # all that is open of it
    void(SYSTEM, bought.event, reason="mistake", on=DAY, key=new_key())
    assert market.balance("P", "breakage_revenue") == "0.00"
    assert left(sale) == 6
    assert list(verify_ledger()) == []


def test_in_use_it_is_not_voided(market, sale):
    bought = upgrade(market, sale, "900.00")
    market.redeem(bought, "LAB")
    with pytest.raises(Refused, match="redeemed or refunded"):
        void(SYSTEM, bought.event, reason="mistake", on=DAY, key=new_key())


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("too little paid", "not_permitted"),
        ("too small a package", "not_permitted"),
        ("another holder", "not_permitted"),
        ("expired", "not_permitted"),
        ("not sold yet", "not_permitted"),
        ("nothing left", "entitlement_exhausted"),
    ],
)
def test_what_is_refused(market, sale, case, code):
    asked: dict = {"paid": "900.00"}
    if case == "too little paid":
        asked["paid"] = "899.99"
    elif case == "too small a package":
        market.add_package("SMALL", "100.00", {"LAB": (1, "250.00")}, holder=market.world["P"])
        asked |= {"package": "SMALL", "paid": None}
    elif case == "another holder":
        asked |= {"package": "COURSE", "at": "S"}
    elif case == "not sold yet":
        asked["on"] = sale.entitlement.starts_on - timedelta(days=1)
    elif case == "expired":
        asked["on"] = sale.entitlement.expires_on + timedelta(days=1)
    else:
        upgrade(market, sale, "900.00")
    with pytest.raises(Refused) as refused:
        upgrade(market, sale, **asked)
    assert refused.value.code == code
    assert list(verify_ledger()) == []


def test_at_the_counter(market, browse):
    """The counter offers what is left, takes its worth off the price, and says so on the receipt."""
    world = market.world
    sold = market.sell(on=today_in(world["P"].time_zone))
    url = reverse("counter-sell", args=[world["P"].pk, market.patient.pk, market.packages["COMPLETE"].pk])
    client = browse("administrator")
    offered = client.get(url).context["form"].fields["replaces"].choices
    assert [value for value, _ in offered] == ["", str(sold.entitlement_id)]
    typed = {"quantity": "1", "method": "cash", "replaces": str(sold.entitlement_id), "_key": new_key()}
    answer = world.post(client, url, typed | {"quantity": "2"})
    assert "without a discount" in answer.content.decode()
    answer = world.post(client, url, typed)
    bought = Sale.objects.get(package=market.packages["COMPLETE"])
    assert answer.url == reverse("sale-receipt", args=[bought.pk])
    receipt = client.get(answer.url).content.decode()
    assert "What was left of another entitlement" in receipt
    assert [each["amount_minor"] for each in bought.payments] == [900_00, 600_00]
