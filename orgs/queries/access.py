"""The one predicate: where a person holds a permission. Lists, details, search and exports all use it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.actors import Actor, ContactActor, SystemActor, UserActor
from core.permissions import is_network_wide
from orgs.models import Organization


@dataclass(frozen=True)
class Hold:
    """What a person holds at one node: the node's place in the tree, the scope, permission codes and roles."""

    organization_id: int
    lft: int
    rght: int
    subtree: bool
    permissions: frozenset[str]
    roles: frozenset[str] = frozenset()

    @property
    def at_parent(self) -> bool:
        return self.lft == 1

    def covers(self, organization_id: int, lft: int) -> bool:
        return organization_id == self.organization_id or (self.subtree and self.lft <= lft <= self.rght)


def roles_day() -> date:
    """The day by which roles begin and end: UTC's, wherever they are held, so that one that is given now counts now."""
    return timezone.now().date()


def holds_of(user_id: int) -> list[Hold]:
    """Everything the person holds in the bound network today: one query over guardian's rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.id, o.lft, o.rght, g.scope, array_agg(DISTINCT p.codename), array_agg(DISTINCT m.role)
              FROM orgs_grant g
              JOIN orgs_organization o ON o.network_id = g.network_id AND o.id = g.content_object_id
              JOIN orgs_membership m ON m.network_id = g.network_id AND m.id = g.membership_id
              JOIN auth_permission p ON p.id = g.permission_id
             WHERE g.user_id = %s AND g.starts_on <= CURRENT_DATE
               AND (g.ends_on IS NULL OR g.ends_on >= CURRENT_DATE)
             GROUP BY o.id, o.lft, o.rght, g.scope
            """,
            [user_id],
        )
        return [
            Hold(organization_id, lft, rght, scope == "subtree", frozenset(codes), frozenset(roles))
            for organization_id, lft, rght, scope, codes, roles in cursor.fetchall()
        ]


def holds(actor: Actor, permission: str) -> list[Hold]:
    """Where a person holds a permission; a network-wide one is held at the parent organization or not at all."""
    assert isinstance(actor, UserActor)
    wide = is_network_wide(permission)
    return [
        hold for hold in all_holds(actor) if permission in hold.permissions and (hold.at_parent or not wide)
    ]


def holds_anything(actor: UserActor) -> bool:
    """Has the person any role in the bound network today?"""
    return bool(all_holds(actor))


def all_holds(actor: UserActor) -> list[Hold]:
    """Everything the person holds in the bound network today, read once per request."""
    assert actor.id is not None
    user_id = actor.id
    return list(actor.remember("holds", lambda: holds_of(user_id)))


def permissions_at(actor: UserActor, organization: Organization) -> frozenset[str]:
    """Every permission the person holds at one organization."""
    return frozenset().union(
        *(hold.permissions for hold in all_holds(actor) if hold.covers(organization.pk, organization.lft))
    )


def is_allowed(actor: Actor, permission: str, organization_id: int | None) -> bool:
    """May the actor use the permission at the organization (None: anywhere in the network)?"""
    if isinstance(actor, SystemActor):
        return True
    if isinstance(actor, ContactActor):
        return permission.startswith("portal:") and organization_id == actor.vendor_id
    assert isinstance(actor, UserActor)
    held = holds(actor, permission)
    if organization_id is None or not held or is_network_wide(permission):
        return bool(held)
    if any(hold.organization_id == organization_id for hold in held):
        return True
    place = actor.remember(
        f"place:{organization_id}",
        lambda: Organization.objects.filter(pk=organization_id).values_list("lft", flat=True).first(),
    )
    return place is not None and any(hold.covers(organization_id, place) for hold in held)


def foresee(actor: Actor, organization_ids: Collection[int]) -> None:
    """Read at once where organizations stand, which `is_allowed` would read of each."""
    if not isinstance(actor, UserActor):
        return
    places = dict(Organization.objects.filter(pk__in=organization_ids).values_list("pk", "lft"))
    for pk in organization_ids:
        actor.remember(f"place:{pk}", partial(places.get, pk))


def where(actor: Actor, permission: str, path: str = "") -> Q:
    """The condition on rows whose organization (reached by the lookup `path`) is covered by the permission.

    `path` is '' for organizations themselves, 'organization' for rows that point to one.
    Holding nothing gives a condition that no row meets: an empty scope never reads as "allow".
    """
    if isinstance(actor, SystemActor):
        return Q()
    to = f"{path}__" if path else ""
    if isinstance(actor, ContactActor):
        return Q(**{f"{to}pk": actor.vendor_id})
    assert isinstance(actor, UserActor)
    condition = Q(pk__in=[])
    for hold in holds(actor, permission):
        if not hold.subtree:
            condition |= Q(**{f"{to}pk": hold.organization_id})
        elif hold.at_parent:
            return Q()
        else:
            condition |= Q(**{f"{to}lft__range": (hold.lft, hold.rght)})
    return condition


def organizations_for(actor: Actor, permission: str) -> QuerySet[Organization]:
    """The organizations where the actor holds the permission."""
    return Organization.objects.filter(where(actor, permission))
