"""Posting an entry by hand."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Refused
from core.money import Money
from ledger.actions.journal import Posting, post_journal
from ledger.actions.period import close_period
from ledger.models import LedgerEvent
from ledger.rules.accounts import Account
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def post(market, *lines, actor=SYSTEM, **request):
    """Lines are (organization, account, amount) or (organization, account, amount, counterparty)."""
    postings = [
        Posting(
            market.world[line[0]],
            Account(line[1]),
            line[2] if isinstance(line[2], Money) else usd(line[2]),
            market.world[line[3]] if len(line) > 3 else None,
        )
        for line in lines
    ]
    request = {"reason": "opening", "on": DAY, "key": new_key()} | request
    return post_journal(actor, postings[0].organization, postings=postings, **request)


CAPITAL = (("P", "cash", "10.00"), ("P", "equity", "-10.00"))
MIRRORED = (
    ("P", "due_from", "10.00", "S"),
    ("P", "cash", "-10.00"),
    ("S", "due_to", "-10.00", "P"),
    ("S", "cash", "10.00"),
)


def test_lines_as_they_are(market):
    event = post(market, *CAPITAL)
    assert [line.amount_minor for line in event.lines.order_by("line_no")] == [1000, -1000]
    post(market, *MIRRORED)
    assert market.balance("S", "due_to", "P") == "-10.00"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((("P", "cash", "10.00"),), "not_permitted"),
        ((("P", "cash", "10.00"), ("P", "equity", "-10.00"), ("P", "cash", "0.00")), "not_permitted"),
        ((("P", "contract_liability", "10.00"), ("P", "cash", "-10.00")), "not_permitted"),
        ((("P", "contract_liability", "10.00"), ("P", "contract_liability", "-10.00")), "not_permitted"),
        ((("X", "cash", "10.00"), ("X", "equity", "-10.00")), "not_permitted"),
        ((("P", "due_from", "10.00"), ("P", "cash", "-10.00")), "not_permitted"),
        ((("P", "due_from", "10.00", "P"), ("P", "cash", "-10.00")), "not_permitted"),
        ((("P", "due_from", "10.00", "X"), ("P", "cash", "-10.00")), "not_permitted"),
        ((("P", "vendor_cost", "10.00", "S"), ("P", "cash", "-10.00")), "not_permitted"),
        ((("P", "cash", "10.00", "S"), ("P", "equity", "-10.00")), "not_permitted"),
        ((("P", "cash", Money(1000, "EUR")), ("P", "equity", Money(-1000, "EUR"))), "currency_mismatch"),
        ((("P", "cash", "10.00"), ("P", "equity", "-9.99")), "unbalanced"),
        ((("P", "cash", "10.00"), ("S", "cash", "-10.00")), "unbalanced"),
        (MIRRORED[:2], "not_mirrored"),
        ((*MIRRORED[:2], ("T", "due_to", "-10.00", "P"), ("T", "cash", "10.00")), "not_mirrored"),
    ],
)
def test_refusals(market, lines, code):
    with pytest.raises(Refused) as refusal:
        post(market, *lines)
    assert refusal.value.code == code
    assert not LedgerEvent.objects.filter(kind="journal").exists()


def test_the_chart_the_balance_and_then_the_period(market):
    close_period(SYSTEM, market.world["P"], month=DAY)
    for lines, code in ((CAPITAL, "period_closed"), (MIRRORED[:2], "not_mirrored")):
        with pytest.raises(Refused) as refusal:
            post(market, *lines)
        assert refusal.value.code == code


def test_it_needs_a_reason(market):
    with pytest.raises(Refused) as refusal:
        post(market, *CAPITAL, reason="")
    assert refusal.value.field == "reason"


def test_the_same_key_returns_the_first(market):
    assert post(market, *CAPITAL, key="once").pk == post(market, *CAPITAL, key="once").pk
    with pytest.raises(Refused) as refusal:
        post(market, *MIRRORED, key="once")
    assert refusal.value.code == "idempotency_conflict"


def test_who_may_needs_it_everywhere_it_touches(market):
    for persona in ("auditor", "parent_desk"):
        with pytest.raises(PermissionDenied):
            post(market, *CAPITAL, actor=market.world.actor(persona))
    assert post(market, *MIRRORED, actor=market.world.actor("finance")).pk
