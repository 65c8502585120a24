"""Two at the same moment: proposals, confirmations, and closing a month while it is settled."""

from __future__ import annotations

from datetime import date

from core.errors import Refused
from core.tenancy import bound
from ledger.actions.period import close_period
from ledger.queries.verify import verify_ledger
from settlement.actions.payment import confirm_payment, settle_run
from settlement.actions.run import NothingOpen
from tests.meeting import meeting
from tests.settlement.office import FIRST, PAID, SECOND, Office, new_key, usd


def network(office: Office) -> int:
    return office.world.network.pk


def test_two_proposals_never_take_the_same_line(own_owing: Office):
    one, other = meeting(
        network(own_owing),
        lambda: own_owing.propose("P", "S", "Q"),
        lambda: own_owing.propose("P", "S"),
    )
    with bound(network(own_owing)):
        assert one.item_count == 3
        assert isinstance(other, NothingOpen)
        assert list(verify_ledger()) == []


def test_money_is_confirmed_once(own_owing: Office):
    with bound(network(own_owing)):
        payment = own_owing.payment(own_owing.approve(own_owing.propose("P", "S")), "S", "P")

    def confirm():
        return confirm_payment(SECOND, payment, amount=usd("200.00"), on=PAID, key=new_key())

    _, other = meeting(network(own_owing), confirm, confirm)
    assert isinstance(other, Refused)
    with bound(network(own_owing)):
        assert own_owing.balance("P", "cash") == "200.00"
        assert list(verify_ledger()) == []


def test_a_month_is_closed_after_what_is_being_settled_in_it(own_owing: Office):
    with bound(network(own_owing)):
        run = own_owing.approve(own_owing.propose("P", "S"))
        root = own_owing.world["P"]
    settled, closed = meeting(
        network(own_owing),
        lambda: settle_run(SECOND, run, on=PAID, key=new_key()),
        lambda: close_period(FIRST, root, month=date(2026, 2, 1)),
    )
    assert settled.status == "settled"
    assert closed >= 2
    with bound(network(own_owing)):
        assert list(verify_ledger()) == []
