"""Charging a fee for service at the list price."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Refused
from ledger.actions.catalog import retire_service, set_price
from ledger.actions.charge import charge
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from orgs.actions.organization import suspend_organization
from tests.ledger.market import DAY, SYSTEM, new_key, usd

ALL = Share("servicing", percent=Fraction(100), basis=Basis.LIST_PRICE)


def do_charge(market, service="CONSULT", at="S", actor=SYSTEM, **request):
    request = {"patient": market.patient, "on": DAY, "key": new_key()} | request
    return charge(actor, market.world[at], service=market.services[service], **request)


def refused(market, *args, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        do_charge(market, *args, **request)
    return refusal.value


def test_the_patient_pays_the_list_price(market):
    event = do_charge(market, quantity=2)
    assert market.balance("S", "cash") == "800.00"
    assert market.balance("S", "service_revenue") == "-800.00"
    assert event.inputs["price_minor"] == 80000


def test_the_nearest_price_in_force_applies(market):
    set_price(
        SYSTEM,
        market.world["S"],
        service=market.services["CONSULT"],
        price=usd("350.00"),
        starts_on=date(2026, 2, 1),
    )
    do_charge(market)
    do_charge(market, on=date(2026, 2, 1))
    do_charge(market, on=date(2026, 2, 1), at="T")
    assert market.balance("S", "cash") == "750.00"
    assert market.balance("T", "cash") == "400.00"


def test_a_rule_names_the_payer(market):
    outcome = Outcome(payer="parent", transfer=ALL)
    market.add_rule("parent-pays", Event.CHARGE, Conditions(service="CONSULT"), outcome=outcome)
    do_charge(market)
    assert market.balance("P", "intercompany_cost", "S") == "400.00"
    assert market.balance("S", "due_from", "P") == "400.00"
    assert market.balance("S", "cash") == "0.00"
    own = do_charge(market, at="P")
    assert own.line_count == 0


def test_a_rule_takes_a_share_of_what_the_patient_paid(market):
    share = Share(
        "P", percent=Fraction(10), basis=Basis.ALLOCATED_PRICE, legal_basis="management services performed"
    )
    market.add_rule("fee", Event.CHARGE, outcome=Outcome(shares=(share,)))
    do_charge(market)
    assert market.balance("S", "intercompany_cost", "P") == "40.00"
    assert market.balance("P", "due_from", "S") == "40.00"
    assert market.balance("S", "cash") == "400.00"


def test_refusals(market):
    assert refused(market, quantity=0).code == "not_permitted"
    assert refused(market, method="shells").field == "method"
    assert refused(market, at="X").code == "not_sellable_here"
    market.services["NEW"] = market.services["LAB"]
    assert refused(market, on=date(2019, 1, 1)).code == "not_permitted"
    clinic = market.world["S"]
    suspend_organization(SYSTEM, clinic, reason="audit", version=clinic.version)
    assert refused(market).code == "not_sellable_here"
    retire_service(SYSTEM, market.services["LAB"], version=1)
    market.services["LAB"].refresh_from_db()
    assert refused(market, "LAB", at="P").code == "not_sellable_here"


def test_the_same_key_returns_the_first(market):
    assert do_charge(market, key="once").pk == do_charge(market, key="once").pk
    assert market.balance("S", "cash") == "400.00"
    assert refused(market, key="once", quantity=2).code == "idempotency_conflict"


def test_who_may(market):
    for persona in ("finance", "clinician"):
        with pytest.raises(PermissionDenied):
            do_charge(market, actor=market.world.actor(persona))
    assert refused(market, actor=market.world.actor("desk")).code == "not_permitted"
    assert do_charge(market, at="P", actor=market.world.actor("parent_desk")).pk
