"""Organizations as the pure rules see them: group, path, kind and currency as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from ledger.rules.lines import Kind, Organization
from orgs.queries import tree
from orgs.queries.organization import ids_by_code

if TYPE_CHECKING:
    from orgs.models import Organization as Node


def parties_of(organization_ids: Iterable[int], on: date | None = None) -> dict[int, Organization]:
    """Some organizations and every one above them, by id, in one query.

    They stand where they stood on the day (None: now): what is posted for a day before a move is answered by the
    tree that the day's statements show.
    """
    paths = tree.as_of(on).paths_to(organization_ids) if on else tree.paths_to(organization_ids)
    parties: dict[int, Organization] = {}
    for path in paths.values():
        for depth in range(len(path)):
            parties.setdefault(path[depth].pk, _party(path[: depth + 1]))
    return parties


def parent_of(party: Organization, parties: dict[int, Organization]) -> Organization:
    """The nearest organization of kind parent at or above one of `parties`."""
    by_code = {each.code: each for each in parties.values()}
    above = (by_code[code] for code in reversed(party.path))
    return next(each for each in above if each.kind is Kind.PARENT)


def _party(path: list[Node]) -> Organization:
    """The last organization of a path from the root; its group is the nearest partner at or above, else the root."""
    node = path[-1]
    group = next((each for each in reversed(path) if each.kind == Kind.PARTNER), path[0])
    return Organization(
        id=node.pk,
        code=node.code,
        kind=Kind(node.kind),
        group_id=group.pk,
        currency=node.currency,
        path=tuple(each.code for each in path),
    )


def parties_by_code(codes: Iterable[str]) -> dict[str, Organization]:
    """The organizations with these codes, and every one above them, by code."""
    ids = ids_by_code(codes)
    return {party.code: party for party in parties_of(ids.values()).values()} if ids else {}
