"""The day on which an entitlement is used, wherever it was sold: every offset from UTC-11 to UTC+14, quarters included."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.clock import at, latest_today, today_in
from ledger.rules.validity import day_after, day_of_use

moments = st.datetimes(datetime(2025, 12, 28), datetime(2026, 3, 3)).map(lambda at: at.replace(tzinfo=UTC))
quarters = st.integers(-11 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
lengths = st.none() | st.integers(1, 3)


def day(moment: datetime, offset: timedelta) -> date:
    return (moment + offset).date()


def latest(moment: datetime) -> date:
    return day(moment, timedelta(hours=14))


@given(moments, quarters, quarters, lengths)
def test_what_was_paid_is_usable_at_once_anywhere(sold, seller, site, length):
    first = day(sold, seller)
    last = None if length is None else first + timedelta(days=length - 1)
    used = day_of_use(first, last, day(sold, site), day(sold, seller), latest(sold))
    assert first <= used
    assert last is None or used <= last
    assert abs(used - day(sold, site)) <= timedelta(days=2)


@given(moments, quarters, quarters, lengths, st.integers(0, 96))
def test_no_entry_is_dated_before_the_sale_and_the_site_s_own_date_is_kept_within_its_days(
    sold, seller, site, length, hours
):
    first, moment = day(sold, seller), sold + timedelta(hours=hours)
    last = None if length is None else first + timedelta(days=length - 1)
    used = day_of_use(first, last, day(moment, site), day(moment, seller), latest(moment))
    assert used >= first
    if day(moment, site) >= first and (last is None or day(moment, site) <= last):
        assert used == day(moment, site)
    if last is not None and used > last:
        assert day(moment, seller) > last
        assert day(moment, site) > last


@given(moments, quarters, quarters, quarters)
def test_what_depends_on_what_depends_on_a_sale_follows_it(sold, seller, one, two):
    """As when an upgrade is dated by the old sale, and what was bought then is used further west still."""
    upgraded = day_after(day(sold, seller), day(sold, one), latest(sold))
    assert day_after(upgraded, day(sold, two), latest(sold)) >= upgraded >= day(sold, seller)


@given(moments, quarters, st.integers(1, 400))
def test_what_is_sold_for_a_day_that_has_begun_nowhere_waits_for_it(moment, site, ahead):
    first = latest(moment) + timedelta(days=ahead)
    here = day(moment, site)
    assert day_of_use(first, None, here, here, latest(moment)) == here < first


@given(moments, st.sampled_from(["Pacific/Kiritimati", "Asia/Kolkata", "Europe/London", "Pacific/Pago_Pago"]))
def test_no_day_has_begun_anywhere_that_has_not_begun_where_days_begin_first(moment, zone):
    with at(moment):
        assert today_in(zone) <= latest_today() == latest(moment)
