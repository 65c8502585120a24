"""When unclaimed property is due to the state."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


class Payee(StrEnum):
    """Whom unclaimed property is paid to."""

    STATE = "state"
    PATIENT = "patient"


def due_on(dormant_on: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that is too short."""
    year, month = divmod(dormant_on.year * 12 + dormant_on.month - 1 + months, 12)
    return date(year, month + 1, min(dormant_on.day, monthrange(year, month + 1)[1]))


def dormant_until(today: date, months: int) -> date:
    """Return the last day since which something is dormant that is due today."""
    day = due_on(today, -months)
    while due_on(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return day
