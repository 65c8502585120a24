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


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2028, 2, 29)),
        ("Pacific/Kiritimati", date(2026, 3, 10)),
        ("America/Los_Angeles", date(2026, 3, 8)),  # an hour is skipped by day
        ("America/Los_Angeles", date(2026, 11, 1)),  # and another is there twice
        ("Africa/Cairo", date(2026, 4, 24)),  # midnight is skipped: the day begins at one
        ("Asia/Beirut", date(2026, 3, 29)),
        ("America/Santiago", date(2026, 9, 6)),
        ("America/Havana", date(2026, 11, 1)),  # midnight is there twice
    ],
)
def test_a_day_begins_once_and_right_after_the_one_before(zone, day):
    begins = clock.start_in(zone, day)
    assert clock.day_in(zone, begins) == day
    assert clock.day_in(zone, begins.astimezone(UTC) - timedelta(seconds=1)) == day - timedelta(days=1)
