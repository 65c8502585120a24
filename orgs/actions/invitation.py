"""The only place that writes invitations."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import locale
from core.actions import Act, action
from core.actors import Actor, SystemActor
from core.errors import Refused
from core.models import Network
from core.settings import why
from core.tenancy import bound_network_id
from core.validators import refuse_unseen
from orgs.actions.mail import queue_signed_mail
from orgs.actions.membership import (
    NewMembership,
    grant_membership,
    refuse_archived,
    refuse_more_than_held,
    refuse_too_far,
)
from orgs.models import Invitation, Organization
from orgs.passwords import too_short
from orgs.permissions import MEMBERSHIP_GRANT
from orgs.queries.access import roles_day
from orgs.queries.hostname import console_address
from orgs.rules.roles import ROLES
from orgs.rules.settings import (
    INVITATION_DAYS,
    INVITATION_DOMAINS,
    SHORTEST_PASSWORD,
)
from people.actions.user import register_person

if TYPE_CHECKING:
    from people.models import User


@action(MEMBERSHIP_GRANT, audit="invitation.sent")
def invite(act: Act, organization: Organization, *, email: str, name: str, new: NewMembership) -> Invitation:
    """Invite a person by e-mail to a role; the link works once, for as many days as the organization says.

    Who may and refusals: as for granting, a name with a character that nobody sees, a last day that has passed, an
    address at a domain that the organization doesn't invite. After commit: the mail leaves.
    """
    refuse_unseen("name", name.strip())
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
    refuse_more_than_held(actor, organization, new.role)
    refuse_archived(organization)
    if new.ends_on is not None and new.ends_on < roles_day():
        raise Refused(
            "invalid", f"The last day {locale.day(new.ends_on)} has passed already.", field="ends_on"
        )
    refuse_too_far(organization, new, new.starts_on or roles_day())
    _refuse_domain(organization, email)


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
