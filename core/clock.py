"""The clock: instants in UTC, dates in the zone of the organization where something happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
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
    return now().astimezone(ZoneInfo(zone)).date()


@cache
def time_zones() -> frozenset[str]:
    """Names of the IANA time zones, read once: looking for them opens hundreds of files."""
    return frozenset(available_timezones())
