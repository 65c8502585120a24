"""The only place that writes memberships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from core import locale
from core.actions import Act, action
from core.actors import Actor, UserActor
from core.errors import Refused, Stale
from core.settings import why
from orgs.models import Membership, Organization
from orgs.permissions import MEMBERSHIP_GRANT
from orgs.projection import project
from orgs.queries import tree
from orgs.queries.access import permissions_at, roles_day
from orgs.queries.organization import hold_standing
from orgs.rules.roles import ROLES
from orgs.rules.settings import (
    LONGEST_MEMBERSHIP_DAYS,
    SUBTREE_ROLES,
)

if TYPE_CHECKING:
    from people.models import User


@dataclass(frozen=True)
class NewMembership:
    """A role to be held at an organization; `ends_on` is the last day, None without end."""

    role: str
    scope: str = "subtree"
    starts_on: date | None = None
    ends_on: date | None = None


@action(MEMBERSHIP_GRANT, audit="membership.granted")
def grant_membership(act: Act, organization: Organization, *, user: User, new: NewMembership) -> Membership:
    """Give a person a role at an organization.

    Who may: `membership:grant` there, and nobody grants more than they hold. Refusals: unknown role, a role
    with more than the granter holds, an end before the beginning, a role that lasts or reaches further than the
    organization's settings allow, the same role twice.
    """
    refuse_more_than_held(act.actor, organization, new.role)
    refuse_archived(organization)
    starts_on = new.starts_on or roles_day()
    if new.ends_on is not None and new.ends_on < starts_on:
        raise Refused(
            "invalid",
            f"The last day {locale.day(new.ends_on)} is before the first day {locale.day(starts_on)}.",
            field="ends_on",
        )
    refuse_too_far(organization, new, starts_on)
    _refuse_held_already(user, organization, new, starts_on)
    membership = Membership.objects.create(
        user=user,
        organization=organization,
        role=new.role,
        scope=new.scope,
        starts_on=starts_on,
        ends_on=new.ends_on,
        granted_by_id=act.actor.id,
    )
    project(membership)
    act.about(membership)
    act.changed(
        {},
        {"person": user.email, "role": new.role, "scope": new.scope, "from": starts_on, "until": new.ends_on},
    )
    return membership


@action(MEMBERSHIP_GRANT, audit="membership.ended")
def end_membership(act: Act, membership: Membership, *, reason: str, version: int) -> Membership:
    """End a role at once. Refusals: stale, already ended, the last network administrator, no reason."""
    current = _locked_for_change(act, membership, reason, version)
    _refuse_last_administrator(current)
    old = current.ends_on
    end_at_once(current)
    act.changed({"until": old}, {"until": current.ends_on, "reason": reason.strip()})
    return current


@action(MEMBERSHIP_GRANT, audit="membership.extended")
def extend_membership(
    act: Act, membership: Membership, *, ends_on: date | None, reason: str, version: int
) -> Membership:
    """Give a role another last day, None for no end. The longest time that a role lasts counts from today.

    Who may: as for granting. Refusals: stale, ended already, no reason, a last day that has passed or is before the
    first, what the organization's settings don't allow, the same role held again later, an end for the last network
    administrator.
    """
    current = _locked_for_change(act, membership, reason, version)
    today = roles_day()
    if ends_on is not None and ends_on < max(today, current.starts_on):
        when = (
            "has passed already"
            if ends_on < today
            else f"is before the first day {locale.day(current.starts_on)}"
        )
        raise Refused("invalid", f"The last day {locale.day(ends_on)} {when}.", field="ends_on")
    new = NewMembership(current.role, current.scope, current.starts_on, ends_on)
    refuse_too_far(current.organization, new, max(today, current.starts_on))
    _refuse_held_already(current.user, current.organization, new, current.starts_on, besides=current.pk)
    if ends_on is not None:
        _refuse_last_administrator(current)
    old = current.ends_on
    current.ends_on = ends_on
    current.version += 1
    current.save(update_fields=["ends_on", "version"])
    project(current)
    act.changed({"until": old}, {"until": ends_on, "reason": reason.strip()})
    return current


@action(MEMBERSHIP_GRANT, audit="membership.role_changed")
def change_role(act: Act, membership: Membership, *, role: str, reason: str, version: int) -> Membership:
    """Let a person hold another role instead, at the same place until the same day: the former ends, this one begins.

    Who may: whoever may end the one and grant the other. Refusals: as for both, the role that is held already. Audit:
    the former membership with both roles. Returns the new membership.
    """
    current = _locked_for_change(act, membership, reason, version)
    if role == current.role:
        raise Refused("invalid", f"{current.user.name} holds that role already.", field="role")
    refuse_more_than_held(act.actor, current.organization, role)
    _refuse_last_administrator(current)
    starts_on = max(roles_day(), current.starts_on)
    new = NewMembership(role, current.scope, starts_on, current.ends_on)
    refuse_too_far(current.organization, new, starts_on)
    _refuse_held_already(current.user, current.organization, new, starts_on)
    end_at_once(current)
    made = Membership.objects.create(
        user=current.user,
        organization=current.organization,
        role=role,
        scope=new.scope,
        starts_on=starts_on,
        ends_on=new.ends_on,
        granted_by_id=act.actor.id,
    )
    project(made)
    act.changed({"role": current.role}, {"role": role, "reason": reason.strip()})
    return made


def _yesterday() -> date:
    return roles_day() - timedelta(days=1)


def _locked_for_change(act: Act, membership: Membership, reason: str, version: int) -> Membership:
    """A membership that has not ended, as it was seen, of a role that the actor may grant; or what is wrong."""
    if not reason.strip():
        raise Refused("reason_missing", "Say why: the reason is kept in the audit trail.", field="reason")
    tree.lock_tree()  # one at a time: two administrators who end each other's role must not both succeed
    rows = Membership.objects.select_for_update(of=("self",)).select_related("organization", "user")
    current = rows.get(pk=membership.pk)
    if current.version != version:
        raise Stale("membership")
    if current.ends_on is not None and current.ends_on <= _yesterday():
        raise Refused("not_permitted", "This membership has already ended.")
    refuse_more_than_held(act.actor, current.organization, current.role)
    return current


def end_at_once(membership: Membership) -> None:
    """End a locked membership inside an action, so that from the next request on it allows nothing."""
    membership.starts_on = min(membership.starts_on, _yesterday())
    membership.ends_on = _yesterday()
    membership.version += 1
    membership.save(update_fields=["starts_on", "ends_on", "version"])
    project(membership)


def refuse_more_than_held(actor: Actor, organization: Organization, role: str) -> None:
    """Delegated administration: nobody grants more than they hold at that place."""
    if role not in ROLES:
        raise Refused("invalid", f"There is no role {role!r}.", field="role")
    if not isinstance(actor, UserActor):
        return
    missing = ROLES[role].permissions - permissions_at(actor, organization)
    if missing:
        raise Refused(
            "not_permitted",
            f"You can't grant {ROLES[role].label} at {organization.name}: it holds more than you do there "
            f"({', '.join(sorted(missing)[:3])}{', …' if len(missing) > 3 else ''}).",
            field="role",
        )


def refuse_archived(organization: Organization) -> None:
    """Nobody gets a role where all have ended, whoever is archiving it at this moment."""
    hold_standing(organization)
    if organization.status == Organization.Status.ARCHIVED:
        raise Refused("not_permitted", f"{organization.name} is archived; nobody is given a role there.")


def refuse_too_far(organization: Organization, new: NewMembership, starts_on: date) -> None:
    """A role neither lasts longer nor reaches further than the organization's settings allow."""
    if new.scope == "subtree" and not SUBTREE_ROLES.at(organization):
        raise Refused(
            "not_permitted",
            f"Roles at {organization.name} are granted for it alone, not with everything below. "
            f"{why(SUBTREE_ROLES, organization)}",
            field="scope",
        )
    days = LONGEST_MEMBERSHIP_DAYS.at(organization)
    latest = starts_on + timedelta(days=days - 1)
    if days and (new.ends_on is None or new.ends_on > latest):
        given = f"The last day is {locale.day(new.ends_on)}" if new.ends_on else "There is no last day"
        raise Refused(
            "policy",
            f"{given}; choose {locale.day(latest)} or an earlier one. {why(LONGEST_MEMBERSHIP_DAYS, organization)}",
            field="ends_on",
        )


def _refuse_held_already(
    user: User, organization: Organization, new: NewMembership, starts_on: date, *, besides: int = 0
) -> None:
    """The same role twice at the same time would outlive the end of either."""
    held = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=starts_on), user=user, organization=organization, role=new.role
    ).exclude(pk=besides)
    if new.ends_on is not None:
        held = held.filter(starts_on__lte=new.ends_on)
    if held.exists():
        raise Refused("duplicate", "This person already holds this role here.", field="role")


def _refuse_last_administrator(membership: Membership) -> None:
    if membership.role != "network_administrator":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM orgs_membership m JOIN orgs_organization o ON o.id = m.organization_id "
            "WHERE m.role = 'network_administrator' AND m.id <> %s AND o.parent_id IS NULL "
            "AND m.starts_on <= CURRENT_DATE AND (m.ends_on IS NULL OR m.ends_on >= CURRENT_DATE)",
            [membership.pk],
        )
        if cursor.fetchone()[0] == 0:
            raise Refused(
                "not_permitted", "This is the last network administrator. Appoint another one first."
            )
