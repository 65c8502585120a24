"""The tree of a past day: where organizations stood, from their placements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from core.actors import Actor
from orgs.models import Organization, Placement
from orgs.queries.access import organizations_for

LONGEST_HISTORY = 50


@dataclass(frozen=True)
class PastTree:
    """The bound network's tree at the end of a day; an organization added later stands where it was added."""

    day: date

    def path_to(self, organization: Organization) -> list[Organization]:
        """From the root down to the organization itself, in one query."""
        return self.paths_to([organization.pk])[organization.pk]

    def paths_to(self, organization_ids: Iterable[int]) -> dict[int, list[Organization]]:
        """From the root down to each of some organizations, in one query."""
        paths: dict[int, list[Organization]] = {}
        for node in Organization.objects.raw(
            """
            SELECT o.*, target.id AS target_id
              FROM unnest(%s::bigint[]) target (id), app.path_as_of(target.id, %s) up
              JOIN orgs_organization o ON o.id = up.id
             ORDER BY up.height DESC
            """,
            [sorted(set(organization_ids)), self.day],
        ):
            paths.setdefault(node.target_id, []).append(node)
        return paths

    def subtree(self, organization: Organization) -> QuerySet[Organization]:
        """The organization and what stood below it, in the order of today's tree."""
        ids = RawSQL("SELECT id FROM app.branch_as_of(%s, %s)", [organization.pk, self.day])
        return Organization.objects.filter(pk__in=ids).order_by("lft")

    def perimeter(self, organization: Organization) -> QuerySet[Organization]:
        """The organization and what it consolidated: no partner or third party between."""
        ids = RawSQL("SELECT app.perimeter_as_of(%s, %s)", [organization.pk, self.day])
        return Organization.objects.filter(pk__in=ids).order_by("lft")


def as_of(day: date) -> PastTree:
    """The tree at the end of a day."""
    return PastTree(day)


def placements_of(actor: Actor, organization: Organization, permission: str) -> list[Placement]:
    """Where an organization stood, newest first; `parent_shown` is whether the actor may see the place above."""
    rows = list(
        Placement.objects.filter(organization=organization)
        .select_related("parent")
        .order_by("-pk")[:LONGEST_HISTORY]
    )
    above = {row.parent_id for row in rows if row.parent_id}
    seen = set(organizations_for(actor, permission).filter(pk__in=above).values_list("pk", flat=True))
    for row in rows:
        row.parent_shown = row.parent_id in seen  # type: ignore[attr-defined]
    return rows
