"""Consolidated statements: who is inside, which lines eliminate, and the three columns (IFRS 10.B86)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.rules.accounts import Account
from ledger.rules.lines import Kind, Line


@dataclass(frozen=True, slots=True)
class Node:
    """One organization of the tree: its id, that of the organization above it, and its kind."""

    id: int
    parent_id: int | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class ConsolidatedRow:
    """Signed minor units of one account: aggregate + eliminations = consolidated."""

    aggregate: int = 0
    eliminations: int = 0

    @property
    def consolidated(self) -> int:
        """What remains for the outside world."""
        return self.aggregate + self.eliminations


def perimeter(of_id: int, tree: Iterable[Node]) -> frozenset[int]:
    """Return the ids consolidated into organization `of_id`, itself included.

    They are those below it of kind parent or sub that no partner or third party separates from it; so a
    partner's own statement consolidates its own subs.
    """
    below: defaultdict[int, list[int]] = defaultdict(list)
    for node in tree:
        if node.parent_id is not None and node.kind in (Kind.PARENT, Kind.SUB):
            below[node.parent_id].append(node.id)
    inside = {of_id}
    waiting = [of_id]
    while waiting:
        found = [each for each in below[waiting.pop()] if each not in inside]
        inside.update(found)
        waiting.extend(found)
    return frozenset(inside)


def is_eliminated(line: Line, inside: frozenset[int]) -> bool:
    """Whether the line's organization and its counterparty are both inside the perimeter."""
    return line.organization_id in inside and line.counterparty_id in inside


def consolidate(lines: Iterable[Line], inside: frozenset[int]) -> dict[tuple[Account, str], ConsolidatedRow]:
    """Sum the lines of a perimeter: {(account, currency): aggregate, eliminations and their sum}."""
    aggregate: defaultdict[tuple[Account, str], int] = defaultdict(int)
    eliminations: defaultdict[tuple[Account, str], int] = defaultdict(int)
    for line in lines:
        if line.organization_id in inside:
            aggregate[line.account, line.currency] += line.amount_minor
            if is_eliminated(line, inside):
                eliminations[line.account, line.currency] -= line.amount_minor
    return {key: ConsolidatedRow(total, eliminations[key]) for key, total in aggregate.items()}
