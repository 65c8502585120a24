"""What switching modules off would meet, as the apps above say through `core.registries.module_impacts`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, Q

from core.modules import module_of
from core.registries import Impact, module_impacts
from orgs.models import Membership, Organization
from orgs.queries.access import roles_day
from orgs.rules.roles import ADMINISTRATOR, ROLES


def impact_of(codes: Sequence[str], organization_ids: Sequence[int]) -> list[Impact]:
    """Everything that switching modules (with what needs them) off would meet at organizations; constant queries."""
    return [one for count in module_impacts for one in count(codes, organization_ids)]


def within(organizations: Sequence[Organization]) -> list[int]:
    """The ids of some organizations and of all below them, archived ones left out; one query."""
    ranges = Q(pk__in=[])
    for one in _tops(organizations):
        ranges |= Q(lft__range=(one.lft, one.rght))
    return list(
        Organization.objects.filter(ranges)
        .exclude(status="archived")
        .order_by("lft")
        .values_list("pk", flat=True)
    )


def people_who_use(codes: Sequence[str], organization_ids: Sequence[int]) -> list[Impact]:
    """How many people have a role at each organization by which they use one of the modules."""
    permissions = {one for code in codes for one in module_of(code).permissions}
    roles = [code for code, role in ROLES.items() if code != ADMINISTRATOR and role.permissions & permissions]
    if not roles:
        return []
    today = roles_day()
    rows = (
        Membership.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=today),
            organization_id__in=organization_ids,
            role__in=roles,
            starts_on__lte=today,
        )
        .order_by()
        .values(place=F("organization_id"))
        .annotate(number=Count("user", distinct=True))
    )
    return [
        Impact(row["place"], row["number"], "person whose role uses it", "people whose roles use it")
        for row in rows
    ]


def _tops(organizations: Sequence[Organization]) -> list[Organization]:
    """Without those that lie below another of them."""
    tops: list[Organization] = []
    for one in sorted(organizations, key=lambda one: one.lft):
        if not tops or one.lft > tops[-1].rght:
            tops.append(one)
    return tops
