"""Pages of people: who holds which role where, and why."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.actions import membership as actions
from orgs.forms.membership import InviteForm, WhyForm
from orgs.forms.organization import ReasonForm
from orgs.models import Invitation, Membership
from orgs.permissions import MEMBERSHIP_GRANT, MEMBERSHIP_VIEW
from orgs.queries.access import where
from orgs.queries.membership import memberships_at, open_invitations, visible_memberships, why
from orgs.tables.membership import MembershipFilter, MembershipTable
from orgs.views.organization import OrganizationForm, OrganizationSubject


class MembershipList(ListPage):
    """People and roles over the organizations where the actor may see them."""

    permission = MEMBERSHIP_VIEW
    template = "orgs/membership_list.html"
    title = "People and roles"
    table_class = MembershipTable
    filter_class = MembershipFilter

    def get_rows(self) -> QuerySet[Membership]:
        return visible_memberships(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        may = self.may(MEMBERSHIP_GRANT)
        return [BulkAction("End roles", "user-round-x", reverse("membership-end-many"))] if may else []

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "Who holds which role, where, and until when.",
            "invitations": list(open_invitations(self.actor)[:20]),
            "may_grant": self.may(MEMBERSHIP_GRANT),
        }


class OrganizationPeople(OrganizationSubject):
    """The people who can act at one organization, those from above included."""

    permission = MEMBERSHIP_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        today = today_in(self.subject.time_zone)
        members = [m for m in memberships_at(self.subject) if m.ends_on is None or m.ends_on >= today]
        context = {
            "members": members,
            "invitations": list(open_invitations(self.actor).filter(organization=self.subject)),
            "may_grant": self.may(MEMBERSHIP_GRANT, self.subject),
        }
        return self.page("orgs/organization_people.html", self.about() | context)


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
        return actions.invite(
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
        reasons = None
        if form.is_bound and form.is_valid():
            data = form.cleaned_data
            reasons = why(data["person"], data["permission"], self.subject, today_in(self.subject.time_zone))
        sentences = [reason.sentence for reason in reasons or []]
        return self.page(
            "orgs/membership_why.html",
            self.about() | {"form": form, "reasons": reasons, "sentences": sentences},
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
        rows = Invitation.objects.filter(where(self.actor, MEMBERSHIP_VIEW, "organization"))
        return found(rows, pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: actions.revoke_invitation(self.actor, self.subject),
            success=f"The invitation to {self.subject.email} no longer works.",
            url=reverse("organization-people", args=[self.subject.organization_id]),
        )
