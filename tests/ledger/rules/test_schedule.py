"""On which day a report is due, and which days it is about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.report import Period
from ledger.rules.schedule import last_due, next_due, period_of

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
RHYTHMS = st.one_of(
    st.just(("day", 0)),
    st.tuples(st.just("week"), st.integers(1, 7)),
    st.tuples(st.just("month"), st.integers(1, 31)),
)


@given(RHYTHMS, DAYS)
def test_between_the_last_day_and_the_next_it_is_never_due(rhythm, today):
    last, after = last_due(*rhythm, today), next_due(*rhythm, today)
    assert last <= today < after
    assert last_due(*rhythm, after) == after
    for step in range((after - last).days):
        assert last_due(*rhythm, last + timedelta(days=step)) == last


@pytest.mark.parametrize(
    ("every", "on_day", "today", "due"),
    [
        ("day", 0, date(2026, 3, 1), date(2026, 3, 1)),
        ("week", 1, date(2026, 11, 22), date(2026, 11, 16)),  # a Sunday
        ("week", 7, date(2026, 11, 22), date(2026, 11, 22)),
        ("month", 31, date(2026, 2, 27), date(2026, 1, 31)),
        ("month", 31, date(2026, 2, 28), date(2026, 2, 28)),
        ("month", 3, date(2026, 1, 2), date(2025, 12, 3)),
    ],
)
def test_the_last_day(every, on_day, today, due):
    assert last_due(every, on_day, today) == due


@pytest.mark.parametrize(
    ("code", "since", "until"),
    [
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
        ("month_to_date", date(2026, 3, 1), date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_its_days(code, since, until):
    assert period_of(code, date(2026, 3, 1)) == Period(since, until)
