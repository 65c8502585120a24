"""The only place that writes memberships and invitations."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.actions import Act, action
from core.actors import Actor, SystemActor, UserActor
from core.errors import Refused, Stale
from core.models import Network
from core.settings import why
from core.tenancy import bound_network_id
from orgs.actions.mail import queue_signed_mail
from orgs.models import Invitation, Membership, Organization
from orgs.passwords import too_short
from orgs.permissions import MEMBERSHIP_GRANT
from orgs.projection import project
from orgs.queries import tree
from orgs.queries.access import permissions_at
from orgs.queries.hostname import console_address
from orgs.queries.organization import hold_standing
from orgs.rules.roles import ROLES
from orgs.rules.settings import (
    INVITATION_DAYS,
    INVITATION_DOMAINS,
    LONGEST_MEMBERSHIP_DAYS,
    SHORTEST_PASSWORD,
    SUBTREE_ROLES,
)
from people.actions.user import register_person

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
    _refuse_more_than_held(act.actor, organization, new.role)
    _refuse_archived(organization)
    starts_on = new.starts_on or _today()
    if new.ends_on is not None and new.ends_on < starts_on:
        raise Refused(
            "invalid", f"The last day {new.ends_on} is before the first day {starts_on}.", field="ends_on"
        )
    _refuse_too_far(organization, new, starts_on)
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
    today = _today()
    if ends_on is not None and ends_on < max(today, current.starts_on):
        when = "has passed already" if ends_on < today else f"is before the first day {current.starts_on}"
        raise Refused("invalid", f"The last day {ends_on} {when}.", field="ends_on")
    new = NewMembership(current.role, current.scope, current.starts_on, ends_on)
    _refuse_too_far(current.organization, new, max(today, current.starts_on))
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
    _refuse_more_than_held(act.actor, current.organization, role)
    _refuse_last_administrator(current)
    starts_on = max(_today(), current.starts_on)
    new = NewMembership(role, current.scope, starts_on, current.ends_on)
    _refuse_too_far(current.organization, new, starts_on)
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


@action(MEMBERSHIP_GRANT, audit="invitation.sent")
def invite(act: Act, organization: Organization, *, email: str, name: str, new: NewMembership) -> Invitation:
    """Invite a person by e-mail to a role; the link works once, for as many days as the organization says.

    Who may and refusals: as for granting, a last day that has passed, an address at a domain that the organization
    doesn't invite. After commit: the mail leaves.
    """
    _refuse_to_invite(act.actor, organization, email, new)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email.strip().lower(),
        name=name.strip(),
        organization=organization,
        role=new.role,
        scope=new.scope,
        ends_on=new.ends_on,
        token_sha256=token_hash(token),
        invited_by_id=act.actor.id,
        expires_at=_lasts_until(organization),
    )
    _mail_invitation(act.actor, invitation, token)
    act.about(invitation)
    act.changed({}, {"email": invitation.email, "role": new.role, "scope": new.scope})
    return invitation


@action(MEMBERSHIP_GRANT, audit="invitation.resent")
def resend_invitation(act: Act, invitation: Invitation) -> Invitation:
    """Mail an invitation again with a new link that lasts as long as a new one's; the former link is useless.

    Who may and refusals: as for inviting; accepted or revoked already. After commit: the mail leaves.
    """
    current = _unused(invitation)
    new = NewMembership(current.role, current.scope, ends_on=current.ends_on)
    _refuse_to_invite(act.actor, current.organization, current.email, new)
    token, old = secrets.token_urlsafe(32), current.expires_at
    current.token_sha256 = token_hash(token)
    current.expires_at = _lasts_until(current.organization)
    current.save(update_fields=["token_sha256", "expires_at"])
    _mail_invitation(act.actor, current, token)
    act.changed({"valid_until": old}, {"valid_until": current.expires_at})
    return current


@action(MEMBERSHIP_GRANT, audit="invitation.revoked")
def revoke_invitation(act: Act, invitation: Invitation) -> Invitation:
    """Make an invitation's link useless. Refused when it was accepted or revoked already."""
    current = _unused(invitation)
    current.revoked_at = timezone.now()
    current.save(update_fields=["revoked_at"])
    return current


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str) -> Invitation:
    """The invitation of a link in the bound network, or a refusal that says what to do."""
    invitation = (
        Invitation.objects.select_related("organization").filter(token_sha256=token_hash(token)).first()
    )
    if (
        invitation is None
        or invitation.revoked_at
        or invitation.accepted_at
        or invitation.expires_at <= timezone.now()
    ):
        raise Refused("not_permitted", "This invitation is no longer valid. Ask for a new one.")
    return invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, *, signed_in: User | None, password: str = "") -> User:
    """Accept: the person signed in under the invited address, or a new person with a password.

    Never links an existing login by address alone: its owner signs in first. A refusal leaves no new person.
    """
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if current.accepted_at or current.revoked_at:
        raise Refused("not_permitted", "This invitation is no longer valid. Ask for a new one.")
    user = signed_in
    if user is not None and user.email != current.email:
        raise Refused(
            "not_permitted",
            f"You are signed in as {user.email}; the invitation is for {current.email}. Sign out first.",
        )
    if user is None:
        _refuse_short_password(current.organization, password)
        user = register_person(current.email, current.name, password)
    new = NewMembership(role=current.role, scope=current.scope, ends_on=current.ends_on)
    grant_membership(
        SystemActor.of(f"invitation {current.pk} accepted"), current.organization, user=user, new=new
    )
    current.accepted_at = timezone.now()
    current.save(update_fields=["accepted_at"])
    return user


def _today() -> date:
    """Roles begin and end by the day of UTC, wherever they are held, so that one that is given now counts now."""
    return timezone.now().date()


def _yesterday() -> date:
    return _today() - timedelta(days=1)


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
    _refuse_more_than_held(act.actor, current.organization, current.role)
    return current


def end_at_once(membership: Membership) -> None:
    """End a locked membership inside an action, so that from the next request on it allows nothing."""
    membership.starts_on = min(membership.starts_on, _yesterday())
    membership.ends_on = _yesterday()
    membership.version += 1
    membership.save(update_fields=["starts_on", "ends_on", "version"])
    project(membership)


def _unused(invitation: Invitation) -> Invitation:
    """The invitation as it is now, locked; refused when it was accepted or revoked already."""
    current = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=invitation.pk)
    )
    if current.accepted_at or current.revoked_at:
        raise Refused("not_permitted", "This invitation was already accepted or revoked.")
    return current


def _lasts_until(organization: Organization) -> datetime:
    return timezone.now() + timedelta(days=INVITATION_DAYS.at(organization))


def _mail_invitation(actor: Actor, invitation: Invitation, token: str) -> None:
    organization, role = invitation.organization, ROLES[invitation.role].label.lower()
    network = Network.objects.get(pk=bound_network_id())
    link = console_address() + reverse("invitation-accept", args=[token])
    queue_signed_mail(
        organization,
        invitation.email,
        f"{network.name}: you are invited as {role}",
        f"Hello {invitation.name},\n\n{actor.label} invites you to {organization.name} as {role}.\n\n"
        f"Accept the invitation within {INVITATION_DAYS.show(INVITATION_DAYS.at(organization))}:\n{link}\n\n"
        "If you didn't expect this, you can ignore it.\n",
    )


def _refuse_to_invite(actor: Actor, organization: Organization, email: str, new: NewMembership) -> None:
    _refuse_more_than_held(actor, organization, new.role)
    if new.ends_on is not None and new.ends_on < _today():
        raise Refused("invalid", f"The last day {new.ends_on} has passed already.", field="ends_on")
    _refuse_too_far(organization, new, new.starts_on or _today())
    _refuse_domain(organization, email)


def _refuse_more_than_held(actor: Actor, organization: Organization, role: str) -> None:
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


def _refuse_archived(organization: Organization) -> None:
    """Nobody gets a role where all have ended, whoever is archiving it at this moment."""
    hold_standing(organization)
    if organization.status == Organization.Status.ARCHIVED:
        raise Refused("not_permitted", f"{organization.name} is archived; nobody is given a role there.")


def _refuse_too_far(organization: Organization, new: NewMembership, starts_on: date) -> None:
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
        given = f"The last day is {new.ends_on}" if new.ends_on else "There is no last day"
        raise Refused(
            "policy",
            f"{given}; choose {latest} or an earlier one. {why(LONGEST_MEMBERSHIP_DAYS, organization)}",
            field="ends_on",
        )


def _refuse_domain(organization: Organization, email: str) -> None:
    domains = INVITATION_DOMAINS.at(organization)
    domain = email.strip().lower().rpartition("@")[2]
    if domains and domain not in domains:
        raise Refused(
            "policy",
            f"{organization.name} invites nobody at {domain}. {why(INVITATION_DOMAINS, organization)}",
            field="email",
        )


def _refuse_short_password(organization: Organization, password: str) -> None:
    shortest = SHORTEST_PASSWORD.at(organization)
    if len(password) < shortest:
        raise Refused(
            "password", too_short(password, shortest, why(SHORTEST_PASSWORD, organization)), field="password"
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
