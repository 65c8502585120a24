"""The clock, and what is told of the past."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from core import clock

THEN = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


def test_now_is_now():
    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)


def test_another_moment_for_a_while():
    with clock.at(THEN):
        assert clock.now() == THEN
        assert (clock.today_in("UTC"), clock.today_in("Asia/Kolkata")) == (date(2026, 3, 1), date(2026, 3, 2))
        with clock.at(THEN + timedelta(days=1)):
            assert clock.today_in("UTC") == date(2026, 3, 2)
        assert clock.now() == THEN
    assert clock.now() > THEN + timedelta(days=200)


def test_an_error_ends_it_as_well():
    with pytest.raises(ZeroDivisionError), clock.at(THEN):
        _ = 1 // 0
    assert clock.now() != THEN
