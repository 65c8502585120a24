"""Refunding unused units at their allocated price."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Refused
from ledger.actions.period import close_period
from ledger.actions.refund import Units, refund
from ledger.models import LedgerEvent, Package
from ledger.queries.refund import refund_sentence
from orgs.models import Organization
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def do_refund(market, sale, units=None, at="P", actor=SYSTEM, **request) -> LedgerEvent:
    chosen = None if units is None else [Units(market.line(sale, code), n) for code, n in units.items()]
    request = {"reason": "asked for", "on": DAY, "key": new_key()} | request
    return refund(actor, market.world[at], entitlement=market.entitlement(sale), units=chosen, **request)


def refused(market, *args, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        do_refund(market, *args, **request)
    return refusal.value


def test_the_holder_pays_the_allocated_price(market):
    sale = market.sell()
    market.redeem(sale, "PHYSIO", 2, at="Q")
    do_refund(market, sale, {"PHYSIO": 3})
    assert market.balance("P", "cash") == "652.50"
    assert market.balance("P", "contract_liability") == "-487.50"
    assert market.balance("P", "due_to", "Q") == "-115.50"
    assert market.left(sale, "PHYSIO") == 0


def test_another_organization_pays_out_and_is_owed_it(market):
    sale = market.sell()
    do_refund(market, sale, {"LAB": 1}, at="S")
    assert market.balance("S", "cash") == "-187.50"
    assert market.balance("S", "due_from", "P") == "187.50"
    assert market.balance("P", "due_to", "S") == "-187.50"
    assert market.balance("P", "cash") == "900.00"


def test_all_that_remains(market):
    sale = market.sell()
    market.redeem(sale, "CONSULT")
    event = do_refund(market, sale)
    assert [(unit["service"], unit["quantity"], unit["amount_minor"]) for unit in event.inputs["units"]] == [
        ("LAB", 1, 18750),
        ("PHYSIO", 5, 41250),
    ]
    assert market.balance("P", "contract_liability") == "0.00"
    assert refused(market, sale).code == "over_refund"


def test_more_than_is_left(market):
    sale = market.sell()
    market.redeem(sale, "PHYSIO", 2)
    refusal = refused(market, sale, {"PHYSIO": 4})
    assert refusal.code == "over_refund"
    assert "3 of 5 are left" in refusal.message
    assert refused(market, sale, {"PHYSIO": 0}).code == "not_permitted"


def test_a_line_comes_once_and_belongs_to_the_entitlement(market):
    sale, other = market.sell(), market.sell()
    line = market.line(sale, "PHYSIO")
    for units in ([Units(line, 3), Units(line, 3)], [Units(market.line(other, "LAB"), 1)], []):
        with pytest.raises(Refused) as refusal:
            refund(
                SYSTEM, market.world["P"], entitlement=market.entitlement(sale), units=units, reason="x", on=DAY,
                key=new_key(),
            )  # fmt: skip
        assert refusal.value.code == "not_permitted"


def test_a_package_that_is_not_refunded(market):
    market.add_package("FINAL", "10.00", {"LAB": (1, "1.00")}, refund="none")
    refusal = refused(market, market.sell("FINAL"))
    assert refusal.code == "not_permitted"
    assert "not refunded" in refusal.message


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"refund": "allocated_price"}, "pays the allocated price of these units back; they"),
        (
            {"refund": "allocated_price_less_fee", "refund_fee": usd("2.00")},
            "pays the allocated price of these units back, less a fee of",
        ),
        ({"refund": "list_price_clawback"}, "less what was used at its list price"),
    ],
)
def test_it_is_refunded_as_it_was_sold_whatever_became_of_the_package(market, policy, says):
    """The clawback of 250.00 used of 90.00 pays nothing, a fee of 2.00 keeps that of 45.00."""
    paid = {"allocated_price": "45.00", "allocated_price_less_fee": "43.00", "list_price_clawback": "0.00"}
    market.add_package("TERMS", "90.00", {"LAB": (2, "250.00")}, holder=market.world["P"], **policy)
    sale = market.sell("TERMS")
    market.redeem(sale, "LAB")
    Package.objects.filter(code="TERMS").update(refund="none", refund_fee_minor=0)
    assert says in refund_sentence(market.entitlement(sale))
    before = usd(market.balance("P", "cash"))
    do_refund(market, sale)
    assert before - usd(market.balance("P", "cash")) == usd(paid[policy["refund"]])


def test_reason_place_day_and_period(market):
    sale = market.sell()
    assert refused(market, sale, reason="").field == "reason"
    assert refused(market, sale, at="X").code == "not_permitted"
    assert refused(market, sale, on=date(2026, 1, 9)).code == "not_permitted"
    close_period(SYSTEM, market.world["S"], month=DAY)
    assert refused(market, sale, at="S").code == "period_closed"
    do_refund(market, sale, on=date(2026, 2, 1), at="S")


def test_the_same_key_returns_the_first(market):
    sale = market.sell()
    first = do_refund(market, sale, {"PHYSIO": 1}, key="once")
    assert do_refund(market, sale, {"PHYSIO": 1}, key="once").pk == first.pk
    assert market.left(sale, "PHYSIO") == 4
    assert refused(market, sale, {"PHYSIO": 2}, key="once").code == "idempotency_conflict"


def test_who_may(market):
    sale = market.sell()
    for persona in ("parent_desk", "auditor", "local_admin"):
        with pytest.raises(PermissionDenied):
            do_refund(market, sale, actor=market.world.actor(persona))
    stranger = refused(market, sale, at="S", actor=market.world.actor("local_admin"))
    assert stranger.code == "not_permitted"
    assert "don't see this entitlement" in stranger.message
    market.redeem(sale, "LAB", at="S")
    do_refund(market, sale, {"CONSULT": 1}, at="S", actor=market.world.actor("local_admin"))
    do_refund(market, sale, actor=market.world.actor("finance"))


@pytest.mark.parametrize(("code", "status"), [("S", "archived"), ("S", "suspended"), ("P", "archived")])
def test_nothing_is_posted_where_the_books_are_closed_for_good(market, code, status):
    sale = market.sell()
    Organization.objects.filter(pk=market.world[code].pk).update(status=status)
    refusal = refused(market, sale, {"LAB": 1}, at="S")
    assert (refusal.code, refusal.field) == ("not_permitted", "organization")
    assert f"{market.world[code].name} is {status}" in refusal.message
