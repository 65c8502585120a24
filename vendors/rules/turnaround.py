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
class Hours:
    """When a request was sent, is due, is done, and how long it was on hold: the gross and the net clock.

    `due_at` is the target, later by the holds that are over; while a hold lasts, the net clock stands still.
    """

    requested_at: datetime
    due_at: datetime
    held_for: timedelta = timedelta(0)
    held_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def gross(self) -> int | None:
        """Minutes from request to result, holds included; None while it is open."""
        return None if self.completed_at is None else minutes_between(self.requested_at, self.completed_at)

    @property
    def net(self) -> int | None:
        """Minutes from request to result without the holds; None while it is open."""
        if self.completed_at is None:
            return None
        return minutes_between(self.requested_at + self.held_for, self.completed_at)


@dataclass(frozen=True)
class Clock:
    """What a worklist shows beside a request: the words, how urgent, and the instant behind them."""

    text: str
    tone: str
    title: str


def clock(hours: Hours, now: datetime, grace: timedelta = timedelta(0)) -> Clock:
    """The clock of a request: time left or over while it is open, time taken once it is finished, net of holds.

    Within the grace after it is due it is neither late nor overdue; on hold, neither ever.
    """
    due_at = hours.due_at
    due = locale.long_day_and_time(due_at)
    if hours.net is not None and hours.gross is not None and hours.completed_at is not None:
        tone = "late" if hours.completed_at > due_at + grace else ""
        held = f", {words(hours.gross)} with holds" if hours.held_for else ""
        return Clock(f"took {words(hours.net)}{held}", tone, f"Due {due}")
    if hours.held_at is not None:
        return Clock(
            f"on hold for {words(minutes_between(hours.held_at, now))}",
            "",
            f"Due {due}, and later by the hold",
        )
    if due_at < now <= due_at + grace:
        return Clock(f"{words(minutes_between(due_at, now))} past the target", "soon", f"Due {due}")
    if now > due_at:
        return Clock(f"{words(minutes_between(due_at, now))} overdue", "late", f"Due {due}")
    left = due_at - now
    soon = left * SOON_SHARE < due_at - hours.held_for - hours.requested_at
    return Clock(f"{words(minutes_between(now, due_at))} left", "soon" if soon else "", f"Due {due}")
