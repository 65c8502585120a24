"""What is read from a statement's file, of whatever format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

MOST_BYTES = 64 * 2**20  # a hundred thousand entries of camt.053
SMALL_BYTES = 2**20  # looked through while its sender waits
MOST_LINES = 100_000
MOST_PROBLEMS = 200


class Unreadable(ValueError):  # noqa: N818 - said to people
    """The file as a whole can't be read; says why, to whoever sent it."""


@dataclass(frozen=True, slots=True)
class Read:
    """One line as the statement says it: `minor` units of `currency`."""

    number: int
    on: date
    minor: int
    currency: str
    reference: str = ""
    text: str = ""


@dataclass
class Statement:
    """The lines of a file with what is wrong with others, and the balances that it says, if it does."""

    lines: list[Read] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    opening_minor: int | None = None
    closing_minor: int | None = None
    since: date | None = None
    until: date | None = None
