"""Reads of people: who holds what, where, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Now

from core import locale
from core.actors import Actor
from core.permissions import is_network_wide
from orgs.models import Invitation, Membership, Organization
from orgs.permissions import MEMBERSHIP_VIEW
from orgs.queries import tree
from orgs.queries.access import roles_day, where
from orgs.rules.roles import ROLES
from people.queries.user import active_users

if TYPE_CHECKING:
    from people.models import User


def networks_of_user(user_id: int) -> list[int]:
    """Ids of the networks where a person has a membership today; asked before a network is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_of_user(%s)", [user_id])
        return [row[0] for row in cursor.fetchall()]


def network_of_invitation(token_sha256: str) -> int | None:
    """Id of the network of an invitation link; asked before a network is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.network_of_invitation(%s)", [token_sha256])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def visible_memberships(actor: Actor) -> QuerySet[Membership]:
    """Memberships at organizations where the actor may see people."""
    return Membership.objects.filter(where(actor, MEMBERSHIP_VIEW, "organization")).select_related(
        "user", "organization"
    )


def memberships_at(organization: Organization) -> QuerySet[Membership]:
    """Memberships that reach an organization: at itself, or with scope subtree above it."""
    return (
        Membership.objects.filter(
            Q(organization=organization)
            | Q(
                scope="subtree",
                organization__tree_id=organization.tree_id,
                organization__lft__lt=organization.lft,
                organization__rght__gt=organization.rght,
            )
        )
        .select_related("user", "organization")
        .order_by("organization__lft", "user__name")
    )


def visible_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Every invitation to organizations where the actor may see people, with its `state` by the database's clock."""
    state = Case(
        When(accepted_at__isnull=False, then=Value("accepted")),
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(expires_at__lte=Now(), then=Value("expired")),
        default=Value("waiting"),
    )
    rows = Invitation.objects.filter(where(actor, MEMBERSHIP_VIEW, "organization"))
    return rows.select_related("organization").annotate(state=state)


def open_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Invitations that can still be accepted, at organizations where the actor may see people."""
    return visible_invitations(actor).filter(accepted_at=None, revoked_at=None, expires_at__gt=Now())


@dataclass(frozen=True)
class Reason:
    """One membership by which a person can do something at an organization."""

    membership: Membership
    inherited: bool

    @property
    def sentence(self) -> str:
        role = ROLES[self.membership.role].label if self.membership.role in ROLES else self.membership.role
        where_held = (
            f"at {self.membership.organization.name} and everything below"
            if self.membership.scope == "subtree"
            else f"at {self.membership.organization.name} only"
        )
        until = f" until {locale.long_day(self.membership.ends_on)}" if self.membership.ends_on else ""
        return f"{role} {where_held}, since {locale.long_day(self.membership.starts_on)}{until}"


def why(user_id: int, permission: str, organization: Organization) -> list[Reason]:
    """The memberships that let a person use a permission at an organization today; none: they can't."""
    return [
        Reason(membership, inherited=membership.organization_id != organization.pk)
        for membership in _that_let(permission, organization).filter(user_id=user_id)
    ]


def people_who_may(permission: str, organization: Organization) -> list[User]:
    """The people whose roles let them use a permission at an organization today, each once, by name."""
    held = _that_let(permission, organization).filter(user__is_active=True)
    people = {membership.user_id: membership.user for membership in held}
    return sorted(people.values(), key=lambda user: (user.name, user.pk))


def members_at(addresses: Iterable[str]) -> dict[str, User]:
    """Who of some addresses, in small letters, has a membership in the bound network and may sign in; nobody of another."""
    found = active_users(addresses)
    here = {user.pk for user in found.values()}
    here &= set(Membership.objects.filter(user__in=here).values_list("user", flat=True))
    return {address: user for address, user in found.items() if user.pk in here}


def people_of(permission: str, organization_ids: Collection[int]) -> dict[int, list[User]]:
    """Whose own roles at each of some organizations let them use a permission today; one query. Nobody from above."""
    roles = [role.code for role in ROLES.values() if permission in role.permissions]
    today = roles_day()
    held = (
        Membership.objects.filter(organization__in=organization_ids, role__in=roles, starts_on__lte=today)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .filter(user__is_active=True)
        .select_related("user")
        .order_by("user__name", "user_id")
    )
    people: dict[int, dict[int, User]] = {}
    for membership in held:
        people.setdefault(membership.organization_id, {})[membership.user_id] = membership.user
    return {organization: list(found.values()) for organization, found in people.items()}


def _that_let(permission: str, organization: Organization) -> QuerySet[Membership]:
    roles = [role.code for role in ROLES.values() if permission in role.permissions]
    place = tree.root() if is_network_wide(permission) else organization
    today = roles_day()
    held = memberships_at(place).filter(role__in=roles, starts_on__lte=today)
    return held.filter(Q(ends_on=None) | Q(ends_on__gte=today))
