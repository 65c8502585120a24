"""What is typed into the form of a rule is what the rule says, or the person is told what doesn't fit."""

from __future__ import annotations

import pytest

from ledger.forms.rule import NewRuleForm
from orgs.queries.organization import visible_organizations
from tests.ledger.market import SYSTEM

TYPED = {
    "code": "r1",
    "event": "redemption",
    "priority": "0",
    "starts_on": "2026-01-01",
    "mode": "shares",
    "presentation": "principal",
    "party_1": "servicing",
    "unit_1": "percent",
    "amount_1": "60",
    "basis_1": "allocated_price",
    "legal_basis_1": "agreement",
}


def form(**other: str) -> NewRuleForm:
    return NewRuleForm(TYPED | other, books=visible_organizations(SYSTEM), currency="USD")


def test_what_is_typed_is_said(market):
    assert form().is_valid(), form().errors
    assert form(mode="transfer", legal_basis_1="").is_valid()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"at_least_2": "5"}, "Say what share 2 is"),
        ({"legal_basis_3": "contract"}, "Say what share 3 is"),
        ({"unit_1": ""}, "Say what share 1 is"),
        ({"amount_1": ""}, "Say how much share 1 is."),
        ({"basis_1": ""}, "Choose of what share 1 is taken."),
        ({"mode": "transfer"}, "needs no legal basis"),
        ({"mode": "transfer", "legal_basis_1": "", "party_1": "parent"}, "goes to who performs"),
        ({"mode": "none"}, "Recognition only pays nobody"),
    ],
)
def test_nothing_typed_is_left_out_in_silence(market, typed, told):
    one = form(**typed)
    assert not one.is_valid()
    assert told in " ".join(one.non_field_errors())
