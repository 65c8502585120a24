"""Opening closed months again: asked for, approved by somebody else, and in no other way."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from ledger.actions.period import (
    approve_reopening,
    close_period,
    decline_reopening,
    request_reopening,
    soft_close_period,
)
from ledger.models import PeriodClose, PeriodClosing, PeriodReopening
from ledger.queries.close_checks import checklist
from ledger.queries.verify import verify_ledger
from tests.ledger.market import DAY, SYSTEM

FEBRUARY = date(2026, 2, 1)


def closed(market) -> dict[str, date]:
    return dict(PeriodClose.objects.values_list("organization__code", "closed_through"))


@pytest.fixture
def asked(market) -> PeriodReopening:
    close_period(SYSTEM, market.world["P"], month=FEBRUARY)
    finance = market.world.actor("finance")
    return request_reopening(finance, market.world["P"], month=DAY, below=True, reason="A bill came late")


def test_somebody_else_opens_it_and_postings_go_in_again(market, asked):
    with pytest.raises(Refused, match="books are closed"):
        market.sell()
    assert approve_reopening(SYSTEM, asked, note="Agreed") == 5
    assert closed(market) == dict.fromkeys("PSTQR", date(2025, 12, 31))
    market.sell()
    with pytest.raises(Refused, match="books are closed"):
        market.sell(on=date(2025, 12, 31))
    asked.refresh_from_db()
    assert (asked.status, asked.decided_label, len(asked.books)) == ("approved", "test", 5)
    told = PeriodClosing.objects.filter(organization=market.world["P"]).order_by("pk")
    assert list(told.values_list("what", "month")) == [
        ("closed", date(2026, 2, 1)),
        ("reopened", date(2026, 1, 1)),
    ]
    assert AuditEvent.objects.get(verb="period.reopened").new["reason"] == "A bill came late"
    assert list(verify_ledger()) == []


def test_who_asked_does_not_approve(market, asked):
    with pytest.raises(Refused, match="Somebody else"):
        approve_reopening(market.world.actor("finance"), asked)
    assert closed(market)["P"] == date(2026, 2, 28)


def test_a_request_is_decided_once(market, asked):
    decline_reopening(SYSTEM, asked, note="No need")
    for decide in (approve_reopening, decline_reopening):
        with pytest.raises(Refused, match="decided already"):
            decide(SYSTEM, asked, note="Again")
    assert closed(market)["P"] == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ({"reason": " "}, "Say why"),
        ({"month": date(2026, 3, 1)}, "is not closed"),
        ({}, "waits already"),
    ],
)
def test_what_is_not_asked(market, asked, asks, said):
    with pytest.raises(Refused, match=said):
        request_reopening(SYSTEM, market.world["P"], **({"month": DAY, "below": True, "reason": "x"} | asks))


def test_who_may(market, asked):
    for persona in ("auditor", "local_admin", "desk"):
        with pytest.raises(PermissionDenied):
            approve_reopening(market.world.actor(persona), asked)
        with pytest.raises(PermissionDenied):
            request_reopening(
                market.world.actor(persona), market.world["S"], month=DAY, below=True, reason="x"
            )


ONCE, DENIED = "decided once, and approved by posting.reopen_period", "permission denied"


@pytest.mark.parametrize(
    ("says", "sql"),
    [
        (ONCE, "UPDATE ledger_periodreopening SET status = 'approved', decided_at = now()"),
        (DENIED, "UPDATE ledger_periodreopening SET reason = 'other'"),
        (DENIED, "UPDATE ledger_periodreopening SET status = 'declined', month = '2020-01-01'"),
        (DENIED, "DELETE FROM ledger_periodreopening"),
        (DENIED, "UPDATE ledger_periodclose SET closed_through = '2025-12-31'"),
        (DENIED, "UPDATE ledger_closedstatement SET content = '{}'"),
        (DENIED, "DELETE FROM ledger_closedstatement"),
        (
            ONCE,
            "INSERT INTO ledger_periodreopening (network_id, organization_id, month, below, reason, status, requested_kind,"
            " requested_label, decided_kind, decided_label, note, books) SELECT network_id, organization_id, month, below,"
            " 'x', 'approved', 'system', 'x', 'system', 'x', '', '{}' FROM ledger_periodreopening",
        ),
    ],
)
def test_nothing_opens_or_changes_by_hand(asked, says, sql):
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_soft_close_stops_nobody_and_lists_what_came_late(market):
    place = market.world["P"]
    assert soft_close_period(market.world.actor("finance"), place, month=DAY, below=False) == 1
    assert checklist([place.pk], date(2026, 1, 31)) == []
    market.sell()
    (late,) = checklist([place.pk], date(2026, 1, 31))
    assert late.text == "1 posting after the soft close of January 2026."
    assert not late.blocks
    assert close_period(SYSTEM, place, month=DAY, below=False) == 1
    assert list(verify_ledger()) == []


def test_the_pages(market, asked, browse):
    page = browse("finance").get(reverse("period-list")).content.decode()
    assert "A bill came late" in page and "Statements as they were closed" in page
    other = browse("administrator")
    form = other.get(reverse("period-reopening", args=[asked.pk]))
    assert "January 2026 and every later month" in form.content.decode()
    sent = {"_network": market.world.network.pk, "decision": "approve", "note": "Agreed"}
    assert other.post(reverse("period-reopening", args=[asked.pk]), sent).status_code == 302
    assert closed(market)["P"] == date(2025, 12, 31)
