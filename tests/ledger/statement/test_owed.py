"""What is open between organizations now: the same from what is folded and from what waits to be."""

from __future__ import annotations

import pytest

from ledger import posting
from ledger.actions.bill import bill_vendor
from ledger.queries.owed import open_accounts
from ledger.rules.accounts import Account
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def told(market, found):
    codes = {one.pk: code for code, one in market.world.organizations.items()}
    return [
        (codes[one.organization_id], one.account, codes.get(one.counterparty_id), one.balance.minor)
        for one in found
    ]


@pytest.fixture(params=["waiting", "folded", "partly folded"])
def fold(request):
    """Fold what was posted so far, or leave it waiting."""

    def so_far(*, at_the_end: bool) -> None:
        if request.param == "folded" or (request.param == "partly folded" and not at_the_end):
            while posting.fold_deltas(1_000):
                pass

    return so_far


def test_what_organizations_owe_one_another(market, fold):
    sale = market.sell()
    market.redeem(sale, "PHYSIO", at="Q")
    fold(at_the_end=False)
    market.redeem(sale, "PHYSIO", at="Q")
    fold(at_the_end=True)
    world = market.world
    assert told(market, open_accounts([world["Q"].pk])) == [("Q", "due_from", "P", 11_550)]
    assert told(market, open_accounts([], among=[world["Q"].pk])) == [("P", "due_to", "Q", -11_550)]
    assert open_accounts([world["S"].pk]) == []
    assert open_accounts([world["Q"].pk], codes=[Account.ACCOUNTS_PAYABLE]) == []


def test_what_a_vendor_is_owed(market, fold):
    world = market.world
    bill = {"vendor": world["X"], "service": market.services["LAB"], "effective_on": DAY}
    bill_vendor(SYSTEM, world["S"], **bill, amount=usd("70.00"), key=new_key())
    fold(at_the_end=False)
    bill_vendor(SYSTEM, world["S"], **bill, amount=usd("50.00"), key=new_key())
    fold(at_the_end=True)
    assert told(market, open_accounts([], among=[world["X"].pk])) == [("S", "accounts_payable", "X", -12_000)]
