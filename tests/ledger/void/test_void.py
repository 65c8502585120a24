"""Voiding: the exact opposite, once, in an open period."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEvent
from core.errors import Refused
from ledger.actions.bill import bill_vendor
from ledger.actions.charge import charge
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import close_period
from ledger.actions.refund import refund
from ledger.actions.void import void
from ledger.models import Entitlement, JournalLine, LedgerEvent
from ledger.rules.accounts import Account
from orgs.models import Organization
from tests.ledger.market import DAY, SYSTEM, new_key, usd

LATER = date(2026, 2, 3)


def do_void(event, actor=SYSTEM, **request) -> LedgerEvent:
    return void(actor, event, **({"reason": "mistake", "on": DAY, "key": new_key()} | request))


def refused(event, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        do_void(event, **request)
    return refusal.value


def lines_of(event):
    return list(event.lines.order_by("line_no").values_list("account_id", "amount_minor"))


def test_a_redemption_is_undone_in_all_books(market):
    sale = market.sell()
    event = market.redeem(sale, "CONSULT", at="S")
    undone = do_void(event, on=LATER)
    assert lines_of(undone) == [(account, -amount) for account, amount in lines_of(event)]
    assert undone.effective_on == LATER
    assert undone.voids_id == event.pk
    assert market.left(sale, "CONSULT") == 1
    assert market.balance("S", "due_from", "P") == "0.00"


def test_an_unused_sale_is_undone(market):
    sale = market.sell()
    event = market.redeem(sale, "LAB")
    assert refused(sale.event).code == "not_permitted"
    do_void(event)
    do_void(sale.event)
    assert market.entitlement(sale).status == Entitlement.Status.VOID
    assert market.balance("P", "cash") == "0.00"
    with pytest.raises(Refused, match="The sale was voided") as refusal:
        market.redeem(sale, "LAB")
    assert refusal.value.code == "entitlement_exhausted"


def test_a_charge_a_bill_a_refund_and_a_journal_are_undone(market):
    sale = market.sell()
    place, books = market.world["S"], JournalLine.objects
    events = [
        charge(SYSTEM, place, patient=market.patient, service=market.services["LAB"], on=DAY, key=new_key()),
        bill_vendor(
            SYSTEM, place, vendor=market.world["X"], service=market.services["LAB"], amount=usd("120.00"),
            effective_on=DAY, key=new_key(),
        ),
        refund(SYSTEM, place, entitlement=sale.entitlement, reason="moved away", on=DAY, key=new_key()),
        post_journal(
            SYSTEM, place, reason="float", on=DAY, key=new_key(),
            postings=[Posting(place, Account.CASH, usd("5.00")), Posting(place, Account.EQUITY, usd("-5.00"))],
        ),
    ]  # fmt: skip
    for event in events:
        do_void(event)
    assert sum(books.filter(organization=place).values_list("amount_minor", flat=True)) == 0
    assert not [row for row in (market.balance("S", account) for account in Account) if row != "0.00"]
    assert market.left(sale, "PHYSIO") == 5


def test_what_left_no_entry_is_voided_too(market):
    bill = bill_vendor(
        SYSTEM, market.world["P"], vendor=market.world["X"], service=market.services["LAB"], amount=usd("0.00"),
        effective_on=DAY, key=new_key(),
    )  # fmt: skip
    assert bill.line_count == 0
    assert do_void(bill).line_count == 0
    assert refused(bill).code == "already_reversed"


def test_only_once(market):
    event = market.redeem(market.sell(), "LAB")
    undone = do_void(event)
    refusal = refused(event)
    assert refusal.code == "already_reversed"
    assert "10 Jan 2026 by test" in refusal.message
    assert refused(undone).code == "not_permitted"


def test_a_voided_sale_is_already_reversed(market):
    sale = market.sell()
    do_void(sale.event)
    assert refused(sale.event).code == "already_reversed"


def test_the_period_and_the_order(market):
    sale = market.sell()
    event = market.redeem(sale, "LAB")
    close_period(SYSTEM, market.world["P"], month=DAY)
    assert refused(event).code == "period_closed"
    assert refused(event, on=date(2026, 1, 9)).code == "not_permitted"
    do_void(event, on=LATER)
    assert refused(event).code == "already_reversed"
    assert refused(event, on=date(2026, 1, 9)).code == "not_permitted"


def test_it_needs_a_reason_and_says_it(market):
    event = market.redeem(market.sell(), "LAB")
    assert refused(event, reason="  ").field == "reason"
    undone = do_void(event, reason="wrong patient")
    assert undone.inputs["reason"] == "wrong patient"
    assert AuditEvent.objects.get(verb="event.voided").new["reason"] == "wrong patient"


def test_the_same_key_returns_the_first_void(market):
    event = market.redeem(market.sell(), "LAB")
    assert do_void(event, key="once").pk == do_void(event, key="once").pk
    assert refused(event, key="once", reason="another").code == "idempotency_conflict"


def test_who_may(market):
    sale = market.sell()
    event = market.redeem(sale, "LAB")
    for persona in ("parent_desk", "local_admin", "auditor"):
        with pytest.raises(PermissionDenied):
            do_void(event, market.world.actor(persona))
    assert do_void(event, market.world.actor("finance")).pk
    elsewhere = market.redeem(sale, "CONSULT", at="S")
    assert do_void(elsewhere, market.world.actor("local_admin")).pk


def test_a_local_administrator_voids_no_bill_and_no_journal(market):
    place = market.world["S"]
    bill = bill_vendor(
        SYSTEM, place, vendor=market.world["X"], service=market.services["LAB"], amount=usd("1.00"),
        effective_on=DAY, key=new_key(),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        do_void(bill, market.world.actor("local_admin"))
    journal = post_journal(
        SYSTEM, place, reason="float", on=DAY, key=new_key(),
        postings=[Posting(place, Account.CASH, usd("5.00")), Posting(place, Account.EQUITY, usd("-5.00"))],
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        do_void(journal, market.world.actor("local_admin"))
    assert do_void(bill, market.world.actor("finance")).pk
    assert do_void(journal, market.world.actor("finance")).pk


@pytest.mark.parametrize("code", ["S", "P"])
def test_nothing_is_posted_in_the_books_of_who_is_archived(market, code):
    event = market.redeem(market.sell(), "CONSULT", at="S")
    Organization.objects.filter(pk=market.world[code].pk).update(status="archived")
    assert f"{market.world[code].name} is archived" in refused(event).message
