"""What nobody used in time: the action, the nightly job and its command."""

from __future__ import annotations

import json
from datetime import timedelta
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command

from core.errors import Refused
from ledger.actions.breakage import run_breakage
from ledger.actions.entitlement import extend_entitlement
from ledger.actions.expiry import expire, expire_due
from ledger.actions.period import close_period
from ledger.models import Entitlement, LedgerEvent, Package
from ledger.queries.replay import replay
from ledger.queries.verify import verify_ledger
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from tests.ledger.market import DAY, SYSTEM, new_key


@pytest.fixture
def sale(market):
    market.redeem(bought := market.sell(), "CONSULT")
    return bought


def of(sale) -> Entitlement:
    return Entitlement.objects.get(pk=sale.entitlement_id)


def after(sale, days: int = 1):
    return of(sale).expires_on + timedelta(days=days)


def test_what_is_open_becomes_revenue_and_nothing_is_left(market, sale):
    event = expire(SYSTEM, of(sale), on=after(sale), key="x")
    assert market.balance("P", "breakage_revenue") == "-600.00"
    assert market.balance("P", "contract_liability") == "0.00"
    assert market.left(sale, "PHYSIO") == 0
    assert expire(SYSTEM, of(sale), on=after(sale), key="x").pk == event.pk
    assert list(verify_ledger()) == []


def test_it_becomes_unclaimed_property_where_the_package_says_so(market):
    market.add_package(
        "OWED", "90.00", {"LAB": (1, "250.00")}, holder=market.world["P"], expiry="unclaimed_property"
    )
    sale = market.sell("OWED")
    expire(SYSTEM, of(sale), on=after(sale), key=new_key())
    assert market.balance("P", "unclaimed_property") == "-90.00"


def test_it_expires_on_the_terms_on_which_it_was_sold(market, sale):
    """Booked breakage is no part of what is owed to others, and goes back where too little is open for it."""
    package = market.packages["CHECKUP"]
    run_breakage(
        SYSTEM, market.world["P"], package=package, expected_percent=Fraction(50), on=DAY, key=new_key()
    )
    Package.objects.filter(pk=package.pk).update(expiry="unclaimed_property")
    owed = market.sell()
    expire(SYSTEM, of(owed), on=after(owed), key=new_key())
    assert market.balance("P", "unclaimed_property") == "-900.00"
    assert market.balance("P", "breakage_revenue") == "-300.00"  # 300.00 x 50 / 50, and 600.00 are open
    market.redeem(sale, "PHYSIO", 5)
    assert market.balance("P", "breakage_revenue") == "-187.50"
    expire(SYSTEM, of(sale), on=after(sale), key=new_key())
    assert market.balance("P", "unclaimed_property") == "-900.00"
    assert market.balance("P", "breakage_revenue") == "-187.50"
    assert market.balance("P", "contract_liability") == "0.00"
    assert list(verify_ledger()) == []


def test_what_is_owed_to_others_reverses_breakage_that_is_too_much(market):
    parts = {"LAB": (2, "250.00")}
    market.add_package("OWED", "90.00", parts, holder=market.world["P"])
    package = market.packages["OWED"]
    market.redeem(market.sell("OWED"), "LAB", 2)
    run_of = {"package": package, "expected_percent": Fraction(50), "on": DAY}
    first = market.sell("OWED")
    run_breakage(SYSTEM, market.world["P"], key=new_key(), **run_of)
    assert market.balance("P", "breakage_revenue") == "-90.00"
    Package.objects.filter(pk=package.pk).update(expiry="unclaimed_property")
    owed = market.sell("OWED")
    market.redeem(first, "LAB", 1)
    assert market.balance("P", "breakage_revenue") == "-90.00"  # 135.00 are open
    event = expire(SYSTEM, of(owed), on=after(owed), key=new_key())
    assert event.inputs["reversed_minor"] == 45_00
    assert market.balance("P", "unclaimed_property") == "-90.00"
    assert list(replay(event)) == [
        Line(one.organization_id, Account(one.account.code), one.currency, one.amount_minor)
        for one in event.lines.select_related("account").order_by("line_no")
    ]
    assert list(verify_ledger()) == []


def test_not_on_its_last_day(sale):
    with pytest.raises(Refused, match="can be used until") as refused:
        expire(SYSTEM, of(sale), on=after(sale, 0), key=new_key())
    assert (refused.value.code, refused.value.field) == ("not_permitted", "on")


def test_an_extended_one_expires_later(market, sale):
    first = after(sale)
    extend_entitlement(
        SYSTEM, of(sale), expires_on=after(sale, 30), reason="the clinic was closed", key=new_key()
    )
    assert expire_due(SYSTEM, first).expired == 0
    assert expire_due(SYSTEM, after(sale)).expired == 1


def test_the_run_takes_what_has_expired_and_tells_what_was_refused(market, sale):
    course = market.sell("COURSE", at="S")
    until = after(sale)
    assert (run := expire_due(SYSTEM, until, dry_run=True)).expired == 2
    assert dict(run.open_minor) == {"USD": 1_100_00}
    assert not LedgerEvent.objects.filter(kind="expiry").exists()
    close_period(SYSTEM, market.world["S"], month=until.replace(day=1), below=False)
    run = expire_due(SYSTEM, until)
    assert (run.expired, [code for code, _ in run.refused]) == (1, [of(course).code])
    assert "closed" in run.refused[0][1]
    assert expire_due(SYSTEM, until).expired == 0


def test_the_commands(market, sale):
    network = str(market.world.network.pk)
    out = StringIO()
    call_command("expire_entitlements", "--network", network, "--on", str(after(sale)), "--json", stdout=out)
    (told,) = json.loads(out.getvalue())["networks"]
    assert told == {
        "network": market.world.network.pk,
        "expired": 1,
        "open": {"USD": "600.00"},
        "refused": [],
    }


def test_the_breakage_command(market, sale):
    package = market.packages["CHECKUP"]
    type(package).objects.filter(pk=package.pk).update(breakage_percent=20)
    network = str(market.world.network.pk)
    for dry_run in (["--dry-run"], []):
        out = StringIO()
        call_command("breakage", "--network", network, "--on", "2026-01-31", "--json", *dry_run, stdout=out)
        (told,) = json.loads(out.getvalue())["runs"]
        assert (told["before"], told["after"]) == ("USD 0.00", "USD 75.00")
        assert market.balance("P", "breakage_revenue") == ("0.00" if dry_run else "-75.00")
