"""The clock: instants in UTC, dates in the zone of the organization where something happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

_then: ContextVar[datetime | None] = ContextVar("caretree_then", default=None)


def now() -> datetime:
    return _then.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """What happens here, happens at that moment: for records of the past, such as the demo network's.

    Only what business says about time; the audit trail and the posting keep the time at which they were written.
    """
    token = _then.set(moment)
    try:
        yield
    finally:
        _then.reset(token)


def today_in(zone: str) -> date:
    """Today's date in an IANA time zone."""
    return day_in(zone, now())


def latest_today() -> date:
    """The day that it is where days begin first: no day after it has begun anywhere."""
    return today_in("Pacific/Kiritimati")


def day_in(zone: str, moment: datetime) -> date:
    """The date in an IANA time zone at a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def start_in(zone: str, day: date) -> datetime:
    """The moment at which a day begins in an IANA time zone: also where clocks skip its midnight."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


@cache
def time_zones() -> frozenset[str]:
    """Names of the IANA time zones, read once: looking for them opens hundreds of files."""
    return frozenset(available_timezones())
