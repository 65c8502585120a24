"""Which of several assigned values is in force at an organization. Pure functions, no ORM.

From the root down to the organization: the topmost *enforced* value counts, unless a waiver below it lifts it, which
was granted where that value is enforced or above; without one the nearest value counts, and a *local* one at its own
organization only. At one organization the value that started last counts. Days are those of the calendar where they
were typed: a value is in force everywhere below from the moment its first day begins where it is assigned, and a waiver
from the moment it begins at the organization that asked for it. The SQL function `app.settings_in_force` says the same
of many organizations at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.clock import day_in
from core.settings import Mode


@dataclass(frozen=True)
class Line:
    """An assigned value, or a granted waiver's, at an organization, with its first and last day there (`time_zone`).

    A waiver's days, too, are its own organization's: there they were asked for and are waited for, wherever it was
    granted and whoever below reads it. `granter_id` is where the waiver was granted: it lifts nothing that is enforced above that.
    """

    id: int
    organization_id: int
    value: Any
    mode: Mode
    starts_on: date
    ends_on: date | None
    time_zone: str
    waiver: bool = False
    organization_name: str = ""
    reason: str = ""
    set_by: str = ""
    version: int = 1
    batch_id: int | None = None
    granter_id: int | None = None

    def covers(self, moment: datetime) -> bool:
        day = day_in(self.time_zone, moment)
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(frozen=True)
class Resolution:
    """What is in force at an organization.

    `line` is the value that counts (None: the setting's default), `locked_by` the enforced value above that nothing
    here can override, `here` what is assigned at the organization itself, `inherited` what would count without it.
    """

    line: Line | None
    locked_by: Line | None = None
    here: Line | None = None
    inherited: Line | None = None

    @property
    def is_conflict(self) -> bool:
        """Is something assigned here that an enforced value above keeps from counting?"""
        return (
            self.here is not None and self.locked_by is not None and self.here.value != self.locked_by.value
        )


Lines = Mapping[int, Sequence[Line]]

NOWHERE = 0  # the id of no organization: stands for any that has no lines


def resolve(path: Sequence[int], lines: Lines, moment: datetime) -> Resolution:
    """What is in force at a moment at the last organization of a path (ids from the root down), given lines by
    organization.
    """
    end = path[-1]
    values: dict[int, Line | None] = dict.fromkeys(path)
    waivers: dict[int, Sequence[Line]] = dict.fromkeys(path, ())
    for node in path:
        if own := lines.get(node):
            covering = [line for line in own if line.covers(moment)]
            values[node] = _newest(line for line in covering if not line.waiver)
            waivers[node] = [line for line in covering if line.waiver]
    return Resolution(
        line=_chosen(path, values, waivers),
        locked_by=next(
            (line for node in path[:-1] if (line := values[node]) and line.mode == Mode.ENFORCED), None
        ),
        here=values[end],
        inherited=_chosen(path, {**values, end: None}, {**waivers, end: []}),
    )


def resolver(lines: Lines, moment: datetime) -> Callable[[Sequence[int]], Resolution]:
    """`resolve` for many paths: those that pass by the same lines and granters share an answer, which is found once."""
    granters = {line.granter_id for own in lines.values() for line in own}
    known: dict[tuple[int, ...], Resolution] = {}

    def of(path: Sequence[int]) -> Resolution:
        above = (node for node in path[:-1] if node in lines or node in granters)
        short = (*above, path[-1] if path[-1] in lines else NOWHERE)
        found = known.get(short)
        if found is None:
            found = known[short] = resolve(short, lines, moment)
        return found

    return of


def _chosen(
    path: Sequence[int], values: Mapping[int, Line | None], waivers: Mapping[int, Sequence[Line]]
) -> Line | None:
    for place, node in enumerate(path):
        line = values[node]
        if line is not None and line.mode == Mode.ENFORCED:
            granters = path[: place + 1]
            lifting = (
                _newest(waiver for waiver in waivers[below] if waiver.granter_id in granters)
                for below in reversed(path[place + 1 :])
            )
            return next((waiver for waiver in lifting if waiver), line)
    for node in reversed(path):
        line = values[node]
        if line is not None and (line.mode != Mode.LOCAL or node == path[-1]):
            return line
    return None


def _newest(lines: Iterable[Line]) -> Line | None:
    return max(lines, key=lambda line: (line.starts_on, line.id), default=None)
