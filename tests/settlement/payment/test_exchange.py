"""Settling with an organization that keeps another currency: what the rate gained is realized with the money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from core.errors import Refused
from core.money import Money
from ledger.actions.exchange import enter_rates
from ledger.actions.revaluation import revalue
from ledger.models import JournalLine, LedgerEvent
from ledger.posting import Record, post
from ledger.queries.revaluation import revaluations
from ledger.queries.verify import verify_ledger
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from ledger.rules.quoted import Quoted
from orgs.actions.organization import add_organization
from settlement.actions.payment import bounce_payment, confirm_payment, settle_run
from tests.cast import details
from tests.settlement.office import CUTOFF, FIRST, PAID, Office, new_key, usd

LATER, LAST = date(2026, 2, 10), date(2026, 2, 20)


def quote(office: Office, value: str, on: date) -> None:
    enter_rates(FIRST, office.world["P"], quoted=[Quoted("EUR", "USD", on, Decimal(value), "a bank")])


def balance(office: Office, account: str, currency: str) -> str:
    rows = JournalLine.objects.filter(
        organization=office.world["E"], account__code=account, currency=currency
    )
    return Money(rows.aggregate(total=Sum("amount_minor"))["total"] or 0, currency).decimal()


def differences(office: Office, on: date) -> list[tuple[int, int]]:
    return [(one.target.minor, one.booked.minor) for one in revaluations([office.world["E"]], on)]


@pytest.fixture
def abroad(office: Office) -> Office:
    """E keeps euros. P owes it 300.00 dollars of the 10th, at 1.20, and 100.00 of the 20th, at 1.25."""
    place = add_organization(
        FIRST, office.world["P"], kind="sub", details=details("Abroad", "E"), currency="EUR"
    )
    office.world.organizations["E"] = place
    quote(office, "1.2", date(2026, 1, 10))
    quote(office, "1.25", date(2026, 1, 20))
    office.agree("P", "E")
    _owe(office, "300.00", date(2026, 1, 10))
    _owe(office, "100.00", date(2026, 1, 20))
    return office


def _owe(office: Office, amount: str, on: date) -> None:
    """As an event in dollars leaves it: no journal by hand has what its organization doesn't keep."""
    minor, p, e = usd(amount).minor, office.world["P"].pk, office.world["E"].pk
    lines = [
        Line(p, Account.INTERCOMPANY_COST, "USD", minor, e),
        Line(p, Account.DUE_TO, "USD", -minor, e),
        Line(e, Account.DUE_FROM, "USD", minor, p),
        Line(e, Account.INTERCOMPANY_REVENUE, "USD", -minor, p),
    ]
    kind = LedgerEvent.Kind.VENDOR_BILL
    post(Record(new_key(), kind, on, p, FIRST, {"bill": amount}, lines))


def test_what_was_gained_is_realized_by_the_line(abroad):
    quote(abroad, "1", PAID)
    run = abroad.settle(abroad.propose("P", "E"))
    assert balance(abroad, "cash", "EUR") == "400.00"
    assert balance(abroad, "fx_gain_loss", "EUR") == "-70.00"  # 300 - 250, and 100 - 80
    assert balance(abroad, "fx_clearing", "EUR") == "-330.00"
    assert balance(abroad, "fx_clearing", "USD") == "400.00"
    assert balance(abroad, "due_from", "USD") == "0.00"
    assert abroad.balance("P", "cash") == "-400.00"
    abroad_id = abroad.world["E"].pk
    assert run.event.inputs["gains"] == {"E": {"organization": abroad_id, "minor": 7000, "currency": "EUR"}}
    assert differences(abroad, PAID) == [(7000, 7000)]
    assert list(verify_ledger()) == []


def test_without_a_rate_of_the_day_nothing_is_settled(abroad):
    run = abroad.approve(abroad.propose("P", "E"))
    with pytest.raises(Refused, match="for 31 May 2026") as refusal:
        settle_run(FIRST, run, on=date(2026, 5, 31), key=new_key())
    assert refusal.value.code == "currency_mismatch"
    run.refresh_from_db()
    assert run.event is None


def test_what_is_paid_later_is_realized_since_the_netting(abroad):
    """100.00 with the netting at 1.00; 150.00 at 0.80; the other 150.00 at 0.75: 187.50 and 200.00 euros."""
    quote(abroad, "1", PAID)
    quote(abroad, "0.8", LATER)
    quote(abroad, "0.75", LAST)
    run = abroad.approve(abroad.propose("P", "E"))
    payment = abroad.payment(run, "P", "E")
    confirm_payment(FIRST, payment, amount=usd("100.00"), on=PAID, key=new_key())
    assert (balance(abroad, "cash", "EUR"), balance(abroad, "fx_gain_loss", "EUR")) == ("100.00", "-70.00")
    confirm_payment(FIRST, payment, amount=usd("150.00"), on=LATER, key=new_key())
    assert (balance(abroad, "cash", "EUR"), balance(abroad, "fx_gain_loss", "EUR")) == ("287.50", "-107.50")
    confirm_payment(FIRST, payment, amount=usd("150.00"), on=LAST, key=new_key())
    assert (balance(abroad, "cash", "EUR"), balance(abroad, "fx_gain_loss", "EUR")) == ("487.50", "-157.50")
    assert balance(abroad, "netting_clearing", "USD") == "0.00"
    assert differences(abroad, LAST) == [(15750, 15750)]


def test_a_payment_that_bounced_waits_since_it_did(abroad):
    quote(abroad, "1", PAID)
    quote(abroad, "0.8", LATER)
    quote(abroad, "0.5", LAST)
    run = abroad.approve(abroad.propose("P", "E"))
    payment = abroad.payment(run, "P", "E")
    first = confirm_payment(FIRST, payment, amount=usd("400.00"), on=PAID, key=new_key())
    bounce_payment(FIRST, payment, confirmation=first, on=LATER, reason="no such account", key=new_key())
    assert balance(abroad, "cash", "EUR") == "-100.00"  # 400.00 came in at 1.00 and 500.00 went back at 0.80
    payment.refresh_from_db()
    confirm_payment(FIRST, payment, amount=usd("400.00"), on=LAST, key=new_key())
    assert balance(abroad, "cash", "EUR") == "700.00"  # and 800.00 came at 0.50
    assert balance(abroad, "fx_gain_loss", "EUR") == "-370.00"  # 70.00 + 800.00 - 500.00
    assert differences(abroad, LAST) == [(37000, 37000)]
    assert (
        balance(abroad, "fx_clearing", "EUR") == "-330.00"
    )  # what the claims were worth when they came about


def test_what_was_unrealized_comes_off_with_the_next_revaluation(abroad):
    quote(abroad, "1", CUTOFF)
    revalue(FIRST, abroad.world["E"], on=CUTOFF, key=new_key())
    assert balance(abroad, "fx_gain_loss", "EUR") == "-70.00"
    quote(abroad, "0.5", PAID)
    abroad.settle(abroad.propose("P", "E"))
    assert differences(abroad, PAID) == [(47000, 54000)]
    revalue(FIRST, abroad.world["E"], on=PAID, key=new_key())
    assert balance(abroad, "fx_gain_loss", "EUR") == "-470.00"
