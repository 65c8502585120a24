"""Settling, in full and in parts, and what comes back: the books of everybody at every step."""

from __future__ import annotations

from datetime import date

import pytest

from core.access import Denied
from core.errors import Refused
from ledger.actions.period import close_period
from ledger.models import LedgerEvent
from ledger.queries.verify import verify_ledger
from settlement.actions.payment import bounce_payment, confirm_payment, settle_run
from settlement.models import PaymentConfirmation
from tests.settlement.office import FIRST, PAID, SECOND, Office, new_key, usd

EVERYBODY = ("P", "S", "T", "Q")
LATER = date(2026, 2, 20)


def pay(office: Office, run, payer: str, receiver: str, amount: str, on: date = PAID) -> PaymentConfirmation:
    payment = office.payment(run, payer, receiver)
    return confirm_payment(SECOND, payment, amount=usd(amount), on=on, reference="bank 17", key=new_key())


def nothing_is_due(office: Office) -> bool:
    return all(
        office.balance(code, account) == "0.00" for code in EVERYBODY for account in ("due_to", "due_from")
    )


def cash(office: Office) -> dict[str, str]:
    return {code: office.balance(code, "cash") for code in EVERYBODY}


def test_everything_at_once_is_one_entry(owing: Office):
    run = owing.settle(owing.propose(*EVERYBODY))
    assert run.status == "settled"
    assert LedgerEvent.objects.filter(kind="settlement").count() == 1
    assert nothing_is_due(owing)
    assert cash(owing) == {"P": "144.50", "S": "-260.00", "T": "0.00", "Q": "115.50"}
    assert owing.balance("P", "netting_clearing") == "0.00"
    assert list(verify_ledger()) == []


def test_all_with_all_cash_is_the_position(owing: Office):
    owing.owe("Q", "T", "20.00")
    owing.settle(owing.propose(*EVERYBODY, method="multilateral"))
    assert nothing_is_due(owing)
    assert cash(owing) == {"P": "144.50", "S": "-260.00", "T": "20.00", "Q": "95.50"}


def test_a_second_settle_is_refused_and_the_same_again_is_the_first(owing: Office):
    run, key = owing.approve(owing.propose(*EVERYBODY)), new_key()
    settle_run(SECOND, run, on=PAID, key=key)
    settle_run(SECOND, run, on=PAID, key=key)
    assert LedgerEvent.objects.filter(kind="settlement").count() == 1
    with pytest.raises(Refused) as caught:
        settle_run(SECOND, run, on=PAID, key=new_key())
    assert caught.value.code == "not_permitted"


def test_what_was_not_approved_is_not_settled(owing: Office):
    run = owing.propose(*EVERYBODY)
    with pytest.raises(Refused, match="waits for approval"):
        settle_run(SECOND, run, on=PAID, key=new_key())
    with pytest.raises(Refused, match="waits for approval"):
        pay(owing, run, "S", "P", "260.00")


def test_part_of_a_payment_leaves_the_rest_in_clearing(owing: Office):
    run = owing.approve(owing.propose(*EVERYBODY))
    pay(owing, run, "S", "P", "100.00")
    run.refresh_from_db()
    assert run.status == "paying"
    assert nothing_is_due(owing)
    assert owing.balance("S", "netting_clearing", "P") == "-160.00"
    assert owing.balance("P", "netting_clearing", "S") == "160.00"
    assert owing.balance("P", "netting_clearing", "Q") == "-115.50"
    assert cash(owing) == {"P": "100.00", "S": "-100.00", "T": "0.00", "Q": "0.00"}
    pay(owing, run, "S", "P", "160.00", on=LATER)
    settle_run(SECOND, run, on=LATER, key=new_key())
    run.refresh_from_db()
    assert run.status == "settled"
    assert cash(owing) == {"P": "144.50", "S": "-260.00", "T": "0.00", "Q": "115.50"}
    assert {owing.balance(code, "netting_clearing") for code in EVERYBODY} == {"0.00"}
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "260.01"])
def test_more_than_is_outstanding_or_nothing_is_not_confirmed(owing: Office, amount):
    run = owing.approve(owing.propose(*EVERYBODY))
    with pytest.raises(Refused) as caught:
        pay(owing, run, "S", "P", amount)
    assert caught.value.field == "amount"
    assert not PaymentConfirmation.objects.exists()


def test_a_confirmation_is_recorded_once(owing: Office):
    run, key = owing.approve(owing.propose(*EVERYBODY)), new_key()
    payment = owing.payment(run, "S", "P")
    first = confirm_payment(SECOND, payment, amount=usd("10.00"), on=PAID, key=key)
    assert confirm_payment(SECOND, payment, amount=usd("10.00"), on=PAID, key=key) == first
    with pytest.raises(Refused) as caught:
        confirm_payment(SECOND, payment, amount=usd("11.00"), on=PAID, key=key)
    assert caught.value.code == "idempotency_conflict"
    assert owing.balance("P", "cash") == "10.00"


@pytest.mark.parametrize("at_once", [True, False])
def test_money_that_comes_back_is_outstanding_again(owing: Office, at_once):
    """Whether it was confirmed with the settlement's own entry or by itself."""
    run = owing.approve(owing.propose("P", "S"))
    if at_once:
        settle_run(SECOND, run, on=PAID, key=new_key())
    else:
        pay(owing, run, "S", "P", "260.00")
    payment = owing.payment(run, "S", "P")
    confirmation = payment.confirmations.get()
    key = new_key()
    for _ in range(2):  # the same again is the first
        bounce_payment(SECOND, payment, confirmation=confirmation, on=LATER, reason="account closed", key=key)
    run.refresh_from_db()
    assert run.status == "paying"
    assert owing.balance("S", "cash") == owing.balance("P", "cash") == "0.00"
    assert owing.balance("S", "netting_clearing", "P") == "-260.00"
    with pytest.raises(Refused, match="already"):
        bounce_payment(SECOND, payment, confirmation=confirmation, on=LATER, reason="again", key=new_key())
    pay(owing, run, "S", "P", "260.00", on=LATER)
    run.refresh_from_db()
    assert run.status == "settled"
    assert owing.balance("P", "cash") == "260.00"
    assert list(verify_ledger()) == []


def test_money_does_not_come_back_before_it_was_paid_or_without_a_reason(owing: Office):
    run = owing.settle(owing.propose("P", "S"))
    payment = owing.payment(run, "S", "P")
    confirmation = payment.confirmations.get()
    for on, reason, says in ((date(2026, 2, 1), "why", "before"), (LATER, " ", "Say why")):
        with pytest.raises(Refused, match=says):
            bounce_payment(SECOND, payment, confirmation=confirmation, on=on, reason=reason, key=new_key())


def test_nothing_is_settled_before_the_cut_off_or_in_a_closed_month(owing: Office):
    run = owing.approve(owing.propose(*EVERYBODY))
    with pytest.raises(Refused, match="can't be settled before"):
        settle_run(SECOND, run, on=date(2026, 1, 30), key=new_key())
    close_period(FIRST, owing.world["Q"], month=date(2026, 2, 1), below=False)
    with pytest.raises(Refused) as caught:
        settle_run(SECOND, run, on=PAID, key=new_key())
    assert caught.value.code == "period_closed"
    run.refresh_from_db()
    assert run.status == "approved"


def test_a_settlement_is_not_voided_in_the_journal(owing: Office):
    run = owing.settle(owing.propose(*EVERYBODY))
    with pytest.raises(Refused, match="A settlement is not voided") as caught:
        owing.void(run.event, on=LATER)
    assert caught.value.code == "not_permitted"


def test_it_needs_the_permission_at_every_organization(owing: Office):
    run = owing.approve(owing.propose(*EVERYBODY))
    with pytest.raises(Denied):
        settle_run(owing.world.actor("auditor"), run, on=PAID, key=new_key())
    assert settle_run(owing.world.actor("finance"), run, on=PAID, key=new_key()).status == "settled"


def test_an_even_pair_settles_without_a_payment(office: Office):
    office.agree("P", "S")
    office.owe("P", "S", "50.00")
    office.owe("S", "P", "50.00")
    run = office.settle(office.propose("P", "S"))
    assert (run.status, office.payments(run)) == ("settled", {})
    assert office.balance("P", "due_to") == office.balance("S", "due_from") == "0.00"
