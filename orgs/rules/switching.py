"""What is on at an organization. Pure functions, no ORM.

An organization has only what its parent has: a module is on where neither it nor anything it requires is switched off
at the organization or at one above. The SQL function `app.modules_in_force` says the same of many organizations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Switch:
    """What an organization was given: a module switched off, or on again."""

    organization_id: int
    organization_name: str
    is_on: bool
    reason: str
    set_by: str
    set_at: datetime
    above_name: str = ""
    version: int = 1
    batch_id: int | None = None


Switches = Mapping[int, Switch]


def topmost_off(path: Sequence[int], switches: Switches) -> Switch | None:
    """The topmost organization of a path (ids from the root down) at which it is switched off."""
    return next((one for node in path if (one := switches.get(node)) and not one.is_on), None)


def first_off(
    path: Sequence[int], codes: Iterable[str], switched: Mapping[str, Switches]
) -> tuple[str, Switch] | None:
    """Of a module's code and those that it requires, in this order, the first that is off, and where."""
    for code in codes:
        off = topmost_off(path, switched.get(code, {}))
        if off is not None:
            return code, off
    return None
