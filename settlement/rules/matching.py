"""Matching a statement with the books: pure, the same every time, and bounded however long either is.

Every line of both ends up in exactly one pairing. Lines are joined by hash: by reference, then by amount and day. Sums
of several lines are looked for among a few near ones, and for a bounded number of lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import combinations

from core import locale
from settlement.rules.findings import (
    AMOUNT_DIFFERS,
    DUPLICATE,
    EXACT,
    MISSING_HERE,
    MISSING_THERE,
    REFERENCE_DIFFERS,
    TIMING,
)

NEAR = 12  # lines among which a sum is looked for
LARGEST_SUM = 4  # lines of one sum
MOST_COMPARED = 50  # lines whose amount is near
MOST_SEARCHED = 2000  # lines for which a sum is looked for, the largest first


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of either side: amounts as the books see them, `reference` as `normalized` gives it.

    A line of ours outside the period may be what a line of theirs means; alone it is nothing to find. Of an amount in
    another currency `foreign` says how it reads, and its minor units are zero.
    """

    key: int
    on: date
    minor: int
    reference: str = ""
    in_period: bool = True
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may differ: amounts by so many minor units, days by so many."""

    tolerance_minor: int = 0
    window_days: int = 3


@dataclass(frozen=True, slots=True)
class Pairing:
    """Lines that belong together, or one that stands alone. What `is_automatic` needs nobody to confirm it."""

    name: str
    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    confidence: int
    reason: str
    is_automatic: bool = False


def normalized(reference: str) -> str:
    """A reference without what people leave out or add: case, signs, "No.", leading zeros."""
    plain = "".join(char for char in reference.casefold() if char.isalnum())
    for word in ("entry", "event", "nr", "no"):
        if plain.startswith(word) and plain[len(word) :].isdigit():
            plain = plain[len(word) :]
    return plain.lstrip("0")


def match(
    ours: Iterable[Entry],
    theirs: Iterable[Entry],
    policy: Policy,
    *,
    elsewhere: Mapping[str, str] | None = None,
    told: Callable[[int, int], None] = lambda done, everything: None,
) -> list[Pairing]:
    """Pair every line of both sides. `elsewhere` says with whom the books have a reference that isn't among ours.

    `told` hears after each step how many of them are done.
    """
    matching = _Matching(policy, _in_order(ours), _in_order(theirs), elsewhere or {})
    steps: tuple[Callable[[], None], ...] = (
        matching.by_reference,
        matching.by_amount,
        matching.by_tolerance,
        partial(matching.by_sums, of_theirs=True),
        partial(matching.by_sums, of_theirs=False),
        matching.alone,
    )
    for done, step in enumerate(steps, 1):
        step()
        told(done, len(steps))
    return matching.found


def _in_order(entries: Iterable[Entry]) -> dict[int, Entry]:
    return {one.key: one for one in sorted(entries, key=lambda one: (one.on, one.key))}


def _apart(one: Entry, other: Entry) -> int:
    return abs((one.on - other.on).days)


def _total(entries: Iterable[Entry]) -> int:
    return sum(one.minor for one in entries)


@dataclass
class _Matching:
    """What is left of either side, and what was found so far; every step takes from the one and adds to the other."""

    policy: Policy
    ours: dict[int, Entry]
    theirs: dict[int, Entry]
    elsewhere: Mapping[str, str]
    found: list[Pairing] = field(default_factory=list)

    def take(self, name: str, ours: Sequence[Entry], theirs: Sequence[Entry], sure: int, reason: str) -> None:
        for one in ours:
            del self.ours[one.key]
        for one in theirs:
            del self.theirs[one.key]
        keys = tuple(one.key for one in ours), tuple(one.key for one in theirs)
        self.found.append(Pairing(name, *keys, sure, reason, self._is_automatic(ours, theirs)))

    def _is_automatic(self, ours: Sequence[Entry], theirs: Sequence[Entry]) -> bool:
        """One line each, of the same reference and day, no further apart than the tolerance."""
        if len(ours) != 1 or len(theirs) != 1:
            return False
        one, other = ours[0], theirs[0]
        is_same = bool(one.reference) and (one.reference, one.on) == (other.reference, other.on)
        is_near = abs(one.minor - other.minor) <= self.policy.tolerance_minor
        return is_same and is_near and not (one.foreign or other.foreign)

    # The same reference

    def by_reference(self) -> None:
        theirs: dict[str, list[Entry]] = defaultdict(list)
        ours: dict[str, list[Entry]] = defaultdict(list)
        for side, found in ((self.theirs, theirs), (self.ours, ours)):
            for one in side.values():
                if one.reference:
                    found[one.reference].append(one)
        for reference in [*theirs, *(one for one in ours if one not in theirs)]:
            self._one_reference(ours[reference], theirs[reference])

    def _one_reference(self, ours: list[Entry], theirs: list[Entry]) -> None:
        said = self._pair_equal(ours, theirs, same_day=True) | self._pair_equal(ours, theirs, same_day=False)
        for is_theirs, side in ((True, theirs), (False, ours)):
            self._take_repeated(side, said, is_theirs=is_theirs)
        if not ours or not theirs:
            return
        if len(ours) == len(theirs) == 1:
            self._take_different(ours[0], theirs[0])
        elif _total(ours) == _total(theirs) and not any(one.foreign for one in theirs):
            self.take(
                EXACT,
                ours,
                theirs,
                85,
                f"{_lines(ours)} here and {_lines(theirs)} there, one reference, one sum.",
            )
        elif 1 in (len(ours), len(theirs)):
            words = f"{_lines(ours)} here and {_lines(theirs)} there have one reference, and another sum."
            self.take(AMOUNT_DIFFERS, ours, theirs, 70, words)

    def _pair_equal(self, ours: list[Entry], theirs: list[Entry], *, same_day: bool) -> set[int]:
        """Pair lines of one reference with the same amount, nearest day first; the amounts that were paired."""
        paired = set()
        for other in list(theirs):
            same = [
                one
                for one in ours
                if one.minor == other.minor and not other.foreign and (not same_day or one.on == other.on)
            ]
            if not same:
                continue
            one = min(same, key=lambda each: (_apart(each, other), each.key))
            ours.remove(one)
            theirs.remove(other)
            paired.add(other.minor)
            self.take(*self._said_of_days(one, other))
        return paired

    def _said_of_days(self, one: Entry, other: Entry) -> tuple[str, list[Entry], list[Entry], int, str]:
        days = _apart(one, other)
        if not days:
            return EXACT, [one], [other], 100, "Reference, amount and day agree."
        if one.in_period and days <= self.policy.window_days:
            words = f"Reference and amount agree; the days are {_days(days)} apart."
            return EXACT, [one], [other], 95, words
        where = f"the days are {_days(days)} apart" if one.in_period else "here it belongs to another period"
        return TIMING, [one], [other], 90, f"Reference and amount agree; {where}."

    def _take_repeated(self, side: list[Entry], said: set[int], *, is_theirs: bool) -> None:
        """What a side says once more of a reference, with the same amount."""
        said = set(said)
        for one in list(side):
            if one.minor in said and one.in_period and not one.foreign:
                side.remove(one)
                words = f"{'The statement has' if is_theirs else 'The books have'} this reference and amount twice."
                self.take(DUPLICATE, [] if is_theirs else [one], [one] if is_theirs else [], 90, words)
            said.add(one.minor)

    def _take_different(self, one: Entry, other: Entry) -> None:
        days = _apart(one, other)
        if other.foreign:
            sure, words = 75, f"The reference agrees; the currency differs: {other.foreign} there."
        elif one.minor == -other.minor:
            sure, words = 85, "The reference agrees; the sign is the opposite there."
        else:
            sure, words = (
                (90 if days <= self.policy.window_days else 70),
                "The reference agrees; the amount differs.",
            )
        self.take(AMOUNT_DIFFERS, [one], [other], sure, words)

    # No common reference

    def by_amount(self) -> None:
        """Equal amounts, those of the nearest day first, as far apart as the window."""
        waiting: dict[tuple[int, date], list[Entry]] = defaultdict(list)
        for one in reversed(self.ours.values()):
            waiting[one.minor, one.on].append(one)
        rivals = Counter((one.minor, one.on) for one in self.theirs.values())
        for days in range(self.policy.window_days + 1):
            for other in list(self.theirs.values()):
                for day in dict.fromkeys((other.on - timedelta(days), other.on + timedelta(days))):
                    same = waiting.get((other.minor, day))
                    if same and not other.foreign:
                        is_only = len(same) == 1 and rivals[other.minor, other.on] == 1
                        sure = (80 if is_only else 50) if not days else (60 if is_only else 40)
                        self._take_equal(same.pop(), other, sure=sure)
                        break

    def _take_equal(self, one: Entry, other: Entry, *, sure: int) -> None:
        days = _apart(one, other)
        agree = f"Amounts agree, and the days are {_days(days)} apart" if days else "Amount and day agree"
        if one.reference and other.reference:
            words = f"{agree}; the reference is {one.reference} here and {other.reference} there."
            self.take(REFERENCE_DIFFERS, [one], [other], sure - 10, words[:300])
        else:
            name = EXACT if one.in_period else TIMING
            self.take(name, [one], [other], sure, f"{agree}; one of them has no reference.")

    def by_tolerance(self) -> None:
        """The nearest amount within the tolerance, on a day within the window."""
        if not self.policy.tolerance_minor:
            return
        ranked = sorted(self.ours.values(), key=lambda one: (one.minor, one.on, one.key))
        minors = [one.minor for one in ranked]
        for other in list(self.theirs.values()):
            start = bisect_left(minors, other.minor - self.policy.tolerance_minor)
            near = [
                one
                for one in ranked[start : start + MOST_COMPARED]
                if one.key in self.ours
                and abs(one.minor - other.minor) <= self.policy.tolerance_minor
                and _apart(one, other) <= self.policy.window_days
            ]
            if near and not other.foreign:
                one = min(
                    near, key=lambda each: (abs(each.minor - other.minor), _apart(each, other), each.key)
                )
                words = "The amounts are no further apart than the tolerance, and the days are near."
                self.take(AMOUNT_DIFFERS, [one], [other], 45, words)

    # Several with one

    def by_sums(self, *, of_theirs: bool) -> None:
        """One line that is the sum of a few near ones of the other side."""
        targets, parts = (self.theirs, self.ours) if of_theirs else (self.ours, self.theirs)
        usable = [one for one in parts.values() if not one.foreign]
        days = [one.on for one in usable]
        largest = sorted(targets.values(), key=lambda one: (-abs(one.minor), one.on, one.key))
        for target in largest[:MOST_SEARCHED]:
            if target.foreign or not target.minor:
                continue
            near = self._near(target, usable, days, parts)
            chosen = _sum_of(target.minor, near)
            if chosen:
                ours, theirs = (chosen, [target]) if of_theirs else ([target], chosen)
                words = f"{_lines(ours)} here and {_lines(theirs)} there have the same sum."
                self.take(EXACT, ours, theirs, 60 if len(chosen) == 2 else 45, words)

    def _near(
        self, target: Entry, usable: list[Entry], days: list[date], left: Mapping[int, Entry]
    ) -> list[Entry]:
        """The nearest lines of the same sign within the window, as many as a sum is looked for among."""
        window = timedelta(days=self.policy.window_days)
        start = bisect_left(days, target.on - window)
        found: list[Entry] = []
        for place in range(start, len(usable)):
            one = usable[place]
            if one.on > target.on + window or len(found) == NEAR:
                break
            if one.key in left and 0 < one.minor * (1 if target.minor > 0 else -1) < abs(target.minor):
                found.append(one)
        return found

    # What stands alone

    def alone(self) -> None:
        for one in list(self.ours.values()):
            if one.in_period:
                self.take(MISSING_THERE, [one], [], 100, "The statement has nothing like it.")
        for one in list(self.theirs.values()):
            party = self.elsewhere.get(one.reference)
            words = "The books have nothing like it."
            if party:
                words = f"The books have this reference with {party}."
            elif one.foreign:
                words = f"It is in another currency: {one.foreign}."
            self.take(MISSING_HERE, [], [one], 100, words[:300])


def _sum_of(minor: int, parts: Sequence[Entry]) -> list[Entry] | None:
    """The fewest parts, and of those the first in order, that sum to an amount."""
    for size in range(2, LARGEST_SUM + 1):
        for chosen in combinations(parts, size):
            if _total(chosen) == minor:
                return list(chosen)
    return None


def _days(count: int) -> str:
    return locale.counted(count, "day")


def _lines(entries: Sequence[Entry]) -> str:
    return locale.counted(len(entries), "line")
