"""Exporting content as a signed package, and taking the chosen items of one over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from core.actions import Act, action
from core.clock import now
from core.content_package import (
    Compared,
    Difference,
    Package,
    compare,
    parts_in_order,
    write_package,
)
from core.errors import Refused
from core.models import Network
from core.tenancy import bound_network_id
from orgs.models import Organization
from orgs.permissions import CONTENT_EXPORT, CONTENT_IMPORT

TAKEN = (Difference.NEW, Difference.CHANGED)


@action(CONTENT_EXPORT, audit="content.exported")
def export_content(act: Act, root: Organization, *, parts: Collection[str]) -> str:
    """The bound network's content of some parts as a signed file.

    Who may: `content_package:export` at the parent organization, whose content it is. Refused without a known part. Audited.
    """
    known = [part.code for part in parts_in_order() if part.code in parts]
    if not known:
        raise Refused("invalid", "Choose what to export.", field="parts")
    network = Network.objects.get(pk=bound_network_id())
    act.changed({}, {"parts": known})
    return write_package(source=network.name, made_at=now().isoformat(timespec="seconds"), codes=known)


@action(CONTENT_IMPORT, audit="content.imported")
def import_content(
    act: Act, root: Organization, *, package: Package, chosen: Collection[tuple[str, str]] | None = None
) -> Counter[Difference]:
    """Take the chosen items of a package over (None: all that are new or changed); nothing stays linked.

    Who may: `content_package:import` at the parent organization, and for each item what its part asks. All or nothing. Refusals: nothing
    chosen, an item that can't be taken, with its name. Audit: how many of each part, besides the items' own lines.
    """
    taken = [
        one
        for one in compare(package)
        if one.difference in TAKEN and (chosen is None or (one.part.code, one.item.code) in chosen)
    ]
    if not taken:
        raise Refused("nothing_to_do", "Nothing was chosen that is new or changed.")
    for one in taken:
        _take(act, one)
    act.changed({}, {"from": package.source, **Counter(one.part.code for one in taken)})
    return Counter(one.difference for one in taken)


def _take(act: Act, one: Compared) -> None:
    try:
        one.part.take(act.actor, one.item)
    except Refused as refusal:
        raise Refused(refusal.code, f"{one.part.label}, {one.item.name}: {refusal.message}") from refusal
