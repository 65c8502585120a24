"""Closing periods."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEvent
from core.errors import Refused
from ledger.actions.period import close_period
from ledger.models import PeriodClose
from tests.ledger.market import DAY, SYSTEM


def closed(market) -> dict[str, date]:
    return dict(PeriodClose.objects.values_list("organization__code", "closed_through"))


def test_a_month_closes_the_earlier_ones_of_the_subtree(market):
    assert close_period(market.world.actor("finance"), market.world["P"], month=DAY) == 5
    assert closed(market) == dict.fromkeys("PSTQR", date(2026, 1, 31))
    with pytest.raises(Refused) as refusal:
        market.sell(on=date(2025, 6, 1))
    assert refusal.value.code == "period_closed"
    market.sell(on=date(2026, 2, 1))


def test_one_organization_alone(market):
    close_period(SYSTEM, market.world["Q"], month=DAY, below=False)
    assert closed(market) == {"Q": date(2026, 1, 31)}


def test_closing_again_or_earlier_changes_nothing(market):
    close_period(SYSTEM, market.world["S"], month=DAY)
    assert close_period(SYSTEM, market.world["S"], month=date(2025, 12, 1)) == 0
    assert closed(market) == {"S": date(2026, 1, 31)}
    assert AuditEvent.objects.filter(verb="period.closed").count() == 1


def test_a_third_party_has_no_books(market):
    with pytest.raises(Refused, match="no books to close"):
        close_period(SYSTEM, market.world["X"], month=DAY)


def test_who_may(market):
    for persona in ("auditor", "local_admin", "desk"):
        with pytest.raises(PermissionDenied):
            close_period(market.world.actor(persona), market.world["S"], month=DAY)
