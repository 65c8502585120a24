"""What stays out of a proposal although it is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Claim:
    """One claim of one event: both of its lines."""

    event_id: int
    creditor_id: int
    debtor_id: int


def excluded_items(books: Collection[int], until: date) -> list[Claim]:
    """Claims between some organizations that are not netted yet, because somebody disputes them: none so far."""
    return []
