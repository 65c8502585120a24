"""Pages of people: who holds which role where, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.access import foresee
from core.permissions import is_network_wide
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.actions import invitation
from orgs.actions import membership as actions
from orgs.forms.membership import InviteForm, WhyForm
from orgs.forms.organization import ReasonForm
from orgs.models import Invitation, Membership
from orgs.permissions import MEMBERSHIP_GRANT, MEMBERSHIP_VIEW
from orgs.queries import tree
from orgs.queries.membership import (
    memberships_at,
    open_invitations,
    visible_invitations,
    visible_memberships,
    why,
)
from orgs.tables.membership import (
    InvitationFilter,
    InvitationTable,
    MembershipFilter,
    MembershipTable,
    PeopleHereFilter,
)
from orgs.views.organization import OrganizationForm, OrganizationSubject

SHOWN = 100


class ManyMembers(ListPage, abstract=True):
    """A list of memberships, with what can be done with several of them."""

    permission = MEMBERSHIP_VIEW
    table_class = MembershipTable
    filter_class = MembershipFilter
    shipped_views = (("Ends within 30 days", "state=ending&sort=ends_on"),)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(MEMBERSHIP_GRANT):
            return []
        return [
            BulkAction("Extend", "calendar-plus", reverse("membership-extend-many")),
            BulkAction("Change role", "user-round-cog", reverse("membership-role-many")),
            BulkAction("End roles", "user-round-x", reverse("membership-end-many")),
        ]

    def decorate(self, records: Sequence[Membership]) -> None:
        foresee(self.actor, records)
        for record in records:
            record.may_end = self.may(MEMBERSHIP_GRANT, record)  # type: ignore[attr-defined]


class MembershipList(ManyMembers):
    """People and roles over the organizations where the actor may see them."""

    permission = MEMBERSHIP_VIEW
    title = "People and roles"

    def get_rows(self) -> QuerySet[Membership]:
        return visible_memberships(self.actor)

    def get_context(self) -> dict[str, Any]:
        invitations = {"label": "Invitations", "url": reverse("invitation-list"), "icon": "mail"}
        return {
            "description": "Who holds which role, where, and until when.",
            "actions": [invitations],
        }


class InvitationList(ListPage):
    """Who was invited to which role, and what became of it."""

    permission = MEMBERSHIP_VIEW
    title = "Invitations"
    shipped_views = (("Waiting", "state=waiting&sort=expires_at"),)
    table_class = InvitationTable
    filter_class = InvitationFilter

    def get_rows(self) -> QuerySet[Invitation]:
        return visible_invitations(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(MEMBERSHIP_GRANT):
            return []
        return [
            BulkAction("Resend", "send", reverse("invitation-resend-many")),
            BulkAction("Revoke", "ban", reverse("invitation-revoke-many")),
        ]

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "Who was invited to which role, and what became of it.",
            "crumbs": [{"label": "People and roles", "url": reverse("membership-list")}],
        }


class OrganizationPeople(OrganizationSubject, ManyMembers):
    """The people who can act at one organization, those from above included."""

    permission = MEMBERSHIP_VIEW
    template = "orgs/organization_people.html"
    filter_class = PeopleHereFilter

    def get_rows(self) -> QuerySet[Membership]:
        return memberships_at(self.subject)

    def get_context(self) -> dict[str, Any]:
        return self.about() | {
            "list_title": "People who can act here",
            "invitations": list(open_invitations(self.actor).filter(organization=self.subject)[:SHOWN]),
            "may_grant": self.may(MEMBERSHIP_GRANT, self.subject),
        }


class Invite(OrganizationForm):
    """Invite a person to a role here."""

    permission = MEMBERSHIP_GRANT
    form_class = InviteForm
    title = "Invite a person"
    submit_label = "Send invitation"

    def record_version(self) -> int | None:
        return None

    def perform(self, form: Any) -> Invitation:
        data = form.cleaned_data
        return invitation.invite(
            self.actor, self.subject, email=data["email"], name=data["name"], new=form.new()
        )

    def success_url(self, result: Any) -> str:
        return reverse("organization-people", args=[self.subject.pk])

    def success_message(self, result: Invitation) -> str:
        return f"The invitation to {result.email} is on its way."


class Why(OrganizationSubject):
    """Why can this person do this here? Names the memberships."""

    permission = MEMBERSHIP_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        members = list(memberships_at(self.subject))
        form = WhyForm(request.GET or None, memberships=members)
        reasons, missing = None, "No role that they hold here or above includes it today."
        if form.is_bound and form.is_valid():
            data = form.cleaned_data
            reasons = why(data["person"], data["permission"], self.subject)
            if is_network_wide(data["permission"]):
                missing = f"It is about the whole network: only a role at {tree.root().name} that includes it counts."
        sentences = [reason.sentence for reason in reasons or []]
        return self.page(
            "orgs/membership_why.html",
            self.about() | {"form": form, "reasons": reasons, "sentences": sentences, "missing": missing},
        )


class MembershipEnd(FormPage):
    """End a role at once, with a reason."""

    permission = MEMBERSHIP_GRANT
    form_class = ReasonForm
    title = "End this role"
    submit_label = "End role"

    def get_subject(self) -> Membership:
        return found(visible_memberships(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_context(self) -> dict[str, Any]:
        held = f"{self.subject.user.name}: {self.subject.role_label} at {self.subject.organization.name}"
        return {
            "description": held,
            "consequences": ["From the next request on, this person can no longer do what the role allows."],
            "danger": True,
            "cancel_url": reverse("membership-list"),
        }

    def perform(self, form: Any) -> Membership:
        return actions.end_membership(
            self.actor, self.subject, reason=form.cleaned_data["reason"], version=self.subject.version
        )

    def success_url(self, result: Any) -> str:
        return reverse("membership-list")

    def success_message(self, result: Membership) -> str:
        return f"{self.subject.user.name} no longer holds {self.subject.role_label} at {self.subject.organization.name}."


class InvitationRevoke(ConsoleView):
    """Make an invitation's link useless."""

    permission = MEMBERSHIP_GRANT
    http_method_names = ["post"]

    def get_subject(self) -> Invitation:
        return found(visible_invitations(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: invitation.revoke_invitation(self.actor, self.subject),
            success=f"The invitation to {self.subject.email} no longer works.",
            url=reverse("organization-people", args=[self.subject.organization_id]),
        )
