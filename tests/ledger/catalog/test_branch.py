"""Rules, packages and the catalog are the network's: who keeps the books of a branch changes none of them."""

from __future__ import annotations

from datetime import date

import pytest

from core.access import Denied
from core.actors import UserActor
from ledger.actions.catalog import edit_service, retire_service
from ledger.actions.package import edit_package, put_on_sale, withdraw_package
from ledger.actions.rule import Terms, activate_rule, delete_draft, draft_rule, edit_draft, end_rule
from ledger.models import RuleVersion
from ledger.rules.terms import Conditions, Event, Outcome
from orgs.actions.membership import NewMembership, grant_membership
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


@pytest.mark.parametrize("act", [put_on_sale, withdraw_package, edit_package])
def test_no_package(market, branch, act):
    package = market.packages["COURSE"]
    more = {"offer": None} if act is edit_package else {}
    with pytest.raises(Denied):
        act(branch, package, version=package.version, **more)
