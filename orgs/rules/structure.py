"""Structure rules: where in the tree an organization of a kind may stand. Pure functions, no ORM."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Refused

PARENT, SUB, PARTNER, THIRD_PARTY = "parent", "sub", "partner", "third_party"
KIND_LABELS = {PARENT: "Parent", SUB: "Sub", PARTNER: "Partner", THIRD_PARTY: "Third party"}


def sub_depth(path_kinds: Sequence[str]) -> int:
    """Levels of subs below the nearest parent or partner, for a path of kinds from the root down to the node."""
    depth = 0
    for kind in path_kinds:
        depth = depth + 1 if kind == SUB else 0 if kind in (PARENT, PARTNER) else depth
    return depth


def check_placement(
    *,
    kind: str,
    path_kinds: Sequence[str],
    below: Sequence[Sequence[str]],
    max_sub_depth: int,
    target_name: str,
) -> None:
    """Refuse a place that breaks a structure rule.

    `path_kinds`: kinds from the root down to the new parent. `below`: for everything under the node, the kinds
    from just below the node down to it. Raises `Refused` with what is wrong and what to do.
    """
    if kind == PARENT:
        raise Refused("structure", "A network has one parent organization, at its root.", field="kind")
    if path_kinds[-1] == THIRD_PARTY:
        raise Refused(
            "structure",
            f"{target_name} is a third party and takes nothing below it. Choose a parent, sub or partner.",
            field="parent",
        )
    deepest = max(sub_depth([*path_kinds, kind, *tail]) for tail in [(), *below])
    if deepest > max_sub_depth:
        levels = "one level" if max_sub_depth == 1 else f"{max_sub_depth} levels"
        raise Refused(
            "structure",
            f"Below {target_name} this would make {deepest} levels of subs; this network allows {levels} "
            "(policy structure.max_sub_depth). Choose a place higher up, or open a secondary Parent Account.",
            field="parent",
        )
