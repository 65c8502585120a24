"""When settlements are proposed by themselves."""

from __future__ import annotations

from datetime import date, timedelta

WEEKLY, MONTHLY = "weekly", "monthly"


def due_cutoff(cycle: str, lag_days: int, today: date) -> date | None:
    """The last day of the latest week or month that ended more than `lag_days` ago; None without a cycle.

    A day of the lag is left for late entries; with none it is proposed on the day after the last.
    """
    latest = today - timedelta(days=lag_days + 1)
    if cycle == WEEKLY:
        return latest - timedelta(days=(latest.weekday() + 1) % 7)
    if cycle == MONTHLY:
        following = latest + timedelta(days=1)
        return latest if following.day == 1 else latest.replace(day=1) - timedelta(days=1)
    return None
