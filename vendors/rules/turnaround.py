"""The turnaround clock: how long a request took or has left, and how to say it. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import locale

SOON_SHARE = 4  # the last quarter of the target is "soon"


def words(minutes: int) -> str:
    """A length of time in two units at most: '45 min', '3 h 20 min', '2 d 4 h'."""
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes from start to end, rounded down; never negative."""
    return max(0, int((end - start).total_seconds()) // 60)


@dataclass(frozen=True)
class Clock:
    """What a worklist shows beside a request: the words, how urgent, and the instant behind them."""

    text: str
    tone: str
    title: str


def clock(
    requested_at: datetime,
    target_at: datetime,
    now: datetime,
    finished_at: datetime | None = None,
    grace: timedelta = timedelta(0),
) -> Clock:
    """The clock of a request: time left or over while it is open, time taken once it is finished.

    Within the grace after its target it is neither late nor overdue.
    """
    target = locale.long_day_and_time(target_at)
    if finished_at is not None:
        late = finished_at > target_at + grace
        taken = words(minutes_between(requested_at, finished_at))
        return Clock(f"took {taken}", "late" if late else "", f"Target {target}")
    if target_at < now <= target_at + grace:
        return Clock(f"{words(minutes_between(target_at, now))} past the target", "soon", f"Due {target}")
    if now > target_at:
        return Clock(f"{words(minutes_between(target_at, now))} overdue", "late", f"Due {target}")
    left = target_at - now
    soon = left * SOON_SHARE < target_at - requested_at
    return Clock(f"{words(minutes_between(now, target_at))} left", "soon" if soon else "", f"Due {target}")
