"""On which day something happens to an entitlement, where days begin at different moments."""

from __future__ import annotations

from datetime import date


def day_after(first_on: date, here: date, latest: date) -> date:
    """The day of an entry that is made now where it is `here`, and depends on one of `first_on`.

    Where that day has not begun yet but has elsewhere (`latest` is the last that has), the entry is of that day: it is
    never dated before what it depends on. A day that has begun nowhere is ahead, and `here` stays.
    """
    return first_on if here < first_on <= latest else here


def day_of_use(first_on: date, last_on: date | None, here: date, there: date, latest: date) -> date:
    """The day on which an entitlement is used now: one of its days, as long as there is one to be had.

    Its days are those of the place where it was sold, where it is `there`. So it can be used at once everywhere: west of
    there on its first day though that has not begun yet, east of there on its last day until it has ended there.
    """
    if last_on is not None and there <= last_on < here:
        return last_on
    return day_after(first_on, here, latest)
