"""Rules, packages and the catalog are the network's: who keeps the books of a branch changes none of them."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from core.access import Denied
from core.actors import UserActor
from core.money import Money
from ledger.actions.catalog import edit_service, reactivate_service, retire_service, set_price
from ledger.actions.package import edit_package, put_on_sale, withdraw_package
from ledger.actions.rule import Terms, activate_rule, delete_draft, draft_rule, edit_draft, end_rule
from ledger.models import RuleVersion
from ledger.rules.terms import Conditions, Event, Outcome
from orgs.actions.membership import NewMembership, grant_membership
from people.models import User
from tests.cast import SYSTEM, make_user

TERMS = Terms(Event.REDEMPTION, Conditions(), outcome=Outcome())


@pytest.fixture
def branch(world):
    """The finance officer of North Clinic."""
    user = make_user("Finn North", "finn@harbor.example")
    grant_membership(SYSTEM, world["S"], user=user, new=NewMembership(role="finance_officer"))
    return UserActor.of(user.pk, user.name)


@pytest.fixture
def draft(market):
    return draft_rule(SYSTEM, market.world["P"], code="planned", terms=TERMS)


def test_no_rule(market, branch, draft):
    active = RuleVersion.objects.get(rule__code="sub-80")
    for act, version, more in (
        (edit_draft, draft, {"terms": TERMS}),
        (activate_rule, draft, {}),
        (delete_draft, draft, {}),
        (end_rule, active, {"last_on": date(2030, 1, 1)}),
    ):
        with pytest.raises(Denied):
            act(branch, version, seen=version.version, **more)


def test_no_service(market, branch):
    service = market.services["LAB"]
    with pytest.raises(Denied):
        edit_service(branch, service, name="Theirs", version=service.version)
    with pytest.raises(Denied):
        retire_service(branch, service, version=service.version)
    retired = retire_service(SYSTEM, service, version=service.version)
    with pytest.raises(Denied):
        reactivate_service(branch, retired, version=retired.version)


def test_but_its_own_prices(market, branch):
    price = {"service": market.services["LAB"], "price": Money(4_200, "USD"), "starts_on": date(2030, 1, 1)}
    assert set_price(branch, market.world["S"], **price).price == Money(4_200, "USD")
    with pytest.raises(Denied):
        set_price(branch, market.world["P"], **price)


def test_its_pages_offer_what_it_may(client, market, branch):
    client.force_login(User.objects.get(pk=branch.id))
    service = client.get(reverse("service", args=[market.services["LAB"].pk])).content.decode()
    assert "Set price" in service
    assert "Retire" not in service
    assert "New package" not in client.get(reverse("package-list")).content.decode()
    for name in ("package-add", "service-add", "rule-add"):
        assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("act", [put_on_sale, withdraw_package, edit_package])
def test_no_package(market, branch, act):
    package = market.packages["COURSE"]
    more = {"offer": None} if act is edit_package else {}
    with pytest.raises(Denied):
        act(branch, package, version=package.version, **more)
