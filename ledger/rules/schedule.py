"""When a scheduled report is due, and which days it is about."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.rules.report import Period, month_end, month_of, months_before

EVERY = {"day": "Every day", "week": "Every week", "month": "Every month"}
WEEKDAYS = {
    1: "Monday",
    2: "Tuesday",
    3: "Wednesday",
    4: "Thursday",
    5: "Friday",
    6: "Saturday",
    7: "Sunday",
}
PERIODS = {
    "last_month": "Last month",
    "month_to_date": "This month to date",
    "yesterday": "As of yesterday, its month to date",
}
FORMATS = {"pdf": "PDF", "xlsx": "XLSX", "csv": "CSV"}


def last_due(every: str, on_day: int, today: date) -> date:
    """The last day, today at most, on which it was due: a weekday (Monday is 1), or a day of the month, which is the
    last one where the month is shorter."""
    if every == "day":
        return today
    if every == "week":
        return today - timedelta(days=(today.isoweekday() - on_day) % 7)
    this_month = _in_month(today, on_day)
    return this_month if this_month <= today else _in_month(months_before(today, 1), on_day)


def next_due(every: str, on_day: int, after: date) -> date:
    """The first day after another on which it is due."""
    if every == "day":
        return after + timedelta(days=1)
    if every == "week":
        return last_due(every, on_day, after) + timedelta(days=7)
    this_month = _in_month(after, on_day)
    return this_month if this_month > after else _in_month(months_before(after, -1), on_day)


def _in_month(day: date, on_day: int) -> date:
    return min(day.replace(day=1) + timedelta(days=on_day - 1), month_end(day))


def period_of(code: str, due_on: date) -> Period:
    """The days that a report is about which is due on a day, whenever it is made."""
    match code:
        case "last_month":
            return month_of(months_before(due_on, 1))
        case "month_to_date":
            return Period(due_on.replace(day=1), due_on)
        case "yesterday":
            yesterday = due_on - timedelta(days=1)
            return Period(yesterday.replace(day=1), yesterday)
    raise ValueError(f"There is no period {code!r}.")


def rhythm(every: str, on_day: int) -> str:
    """How often, in words."""
    if every == "week":
        return f"Every week on {WEEKDAYS[on_day]}"
    return f"Every month on day {on_day}" if every == "month" else EVERY["day"]
