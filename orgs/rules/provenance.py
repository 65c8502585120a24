"""Where a value comes from, in words. Pure functions, no ORM."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import locale
from core.settings import Mode, Setting
from orgs.rules.cascade import Line

_HOW = {
    Mode.DEFAULT: "Set",
    Mode.RECOMMENDED: "Recommended",
    Mode.ENFORCED: "Enforced",
    Mode.LOCAL: "Set for this organization alone",
}


def shown(setting: Setting[Any], line: Line | None) -> str:
    """A value in force in words; without a line the setting's own."""
    return setting.show(setting.default if line is None else setting.type.read(line.value))


def word(line: Line | None) -> str:
    """How a value holds, in one word."""
    if line is None:
        return "built in"
    return "waived" if line.waiver else line.mode.value


def provenance(line: Line | None, organization: Any) -> str:
    """'Enforced by North Region since 3 March 2026, by Meera Kulkarni: as the auditors asked.'"""
    if line is None:
        return "Caretree’s own value; nobody has set another."
    where = "here" if line.organization_id == organization.pk else f"by {line.organization_name}"
    how = "Waived" if line.waiver else _HOW[line.mode]
    start = how if line.mode == Mode.LOCAL else f"{how} {where}"
    until = f" until {_day(line.ends_on)}" if line.ends_on else ""
    because = f": {line.reason}" if line.reason else "."
    return f"{start} since {_day(line.starts_on)}{until}, by {line.set_by}{because}"


def _day(day: date) -> str:
    return locale.long_day(day)
