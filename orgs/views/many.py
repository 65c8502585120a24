"""One act on several chosen organizations, roles, invitations or waivers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.functional import cached_property

from core.settings import setting_of
from core.views.bulk import BulkPage
from orgs.actions import invitation, membership, organization, waiver
from orgs.actions.organization import blockers_of
from orgs.forms.membership import ExtendForm, RoleForm
from orgs.forms.organization import ReasonForm
from orgs.forms.setting import DecisionForm, NoteForm
from orgs.models import Invitation, Membership, Organization, SettingWaiver
from orgs.permissions import MEMBERSHIP_GRANT, ORGANIZATION_SUSPEND, WAIVER_DECIDE
from orgs.queries.access import roles_day
from orgs.queries.decision import waivers_for
from orgs.queries.membership import visible_invitations, visible_memberships
from orgs.queries.organization import visible_organizations
from orgs.queries.setting import preload_places
from orgs.rules.roles import ROLES, difference

ACTIVE, SUSPENDED, ARCHIVED = (
    Organization.Status.ACTIVE,
    Organization.Status.SUSPENDED,
    Organization.Status.ARCHIVED,
)


class ManyOrganizations(BulkPage, abstract=True):
    """Several organizations, with a reason."""

    permission = ORGANIZATION_SUSPEND
    form_class = ReasonForm
    nouns = ("organization", "organizations")
    list_route = "organization-list"

    def get_rows(self) -> QuerySet[Organization]:
        return visible_organizations(self.actor).order_by("name", "pk")

    def why_not(self, record: Organization) -> str:
        return "is the network’s parent organization" if record.parent_id is None else ""


class OrganizationsSuspend(ManyOrganizations):
    """Suspend several organizations."""

    permission = ORGANIZATION_SUSPEND
    title = "Suspend organizations"
    submit_label = "Suspend"
    done = "suspended"
    effects = ("Nothing is sold, redeemed or ordered there until they are reactivated.",)

    def why_not(self, record: Organization) -> str:
        if record.status != ACTIVE:
            return f"is {record.get_status_display().lower()} already"
        return super().why_not(record)

    def do(self, record: Organization, form: Any) -> Organization:
        reason = form.cleaned_data["reason"]
        return organization.suspend_organization(self.actor, record, reason=reason, version=record.version)


class OrganizationsReactivate(ManyOrganizations):
    """Reactivate several organizations."""

    permission = ORGANIZATION_SUSPEND
    title = "Reactivate organizations"
    submit_label = "Reactivate"
    done = "active"
    effects = ("Selling, redeeming and ordering are possible there again.",)

    def get_rows(self) -> QuerySet[Organization]:
        return super().get_rows().order_by("lft")  # nothing is active below what is archived

    def why_not(self, record: Organization) -> str:
        return "is active already" if record.status == ACTIVE else ""

    def do(self, record: Organization, form: Any) -> Organization:
        reason = form.cleaned_data["reason"]
        return organization.reactivate_organization(self.actor, record, reason=reason, version=record.version)


class OrganizationsArchive(ManyOrganizations):
    """Archive several organizations."""

    permission = ORGANIZATION_SUSPEND
    title = "Archive organizations"
    submit_label = "Archive"
    done = "archived"
    effects = ("They leave the lists; their history stays. They can be reactivated.",)

    def why_not(self, record: Organization) -> str:
        if record.status == ARCHIVED:
            return "is archived already"
        blockers = [blocker.text for blocker in blockers_of(record)]
        return f"can’t be archived yet: {'; '.join(blockers)}" if blockers else ""

    def do(self, record: Organization, form: Any) -> Organization:
        reason = form.cleaned_data["reason"]
        return organization.archive_organization(self.actor, record, reason=reason, version=record.version)


class ManyMemberships(BulkPage, abstract=True):
    """Several roles that people hold."""

    permission = MEMBERSHIP_GRANT
    nouns = ("role", "roles")
    list_route = "membership-list"

    def get_rows(self) -> QuerySet[Membership]:
        return visible_memberships(self.actor).order_by("user__name", "pk")

    def name_of(self, record: Membership) -> str:
        return f"{record.user.name}, {record.role_label} at {record.organization.name},"

    def why_not(self, record: Membership) -> str:
        yesterday = roles_day() - timedelta(days=1)
        return "has ended already" if record.ends_on is not None and record.ends_on <= yesterday else ""


class MembershipsEnd(ManyMemberships):
    """End several roles at once."""

    permission = MEMBERSHIP_GRANT
    form_class = ReasonForm
    title = "End roles"
    submit_label = "End"
    done = "ended"
    effects = ("From the next request on, these people can no longer do what the roles allow.",)

    def do(self, record: Membership, form: Any) -> Membership:
        reason = form.cleaned_data["reason"]
        return membership.end_membership(self.actor, record, reason=reason, version=record.version)


class MembershipsExtend(ManyMemberships):
    """Give several roles another last day."""

    permission = MEMBERSHIP_GRANT
    form_class = ExtendForm
    title = "Extend roles"
    submit_label = "Extend"
    done = "extended"
    effects = ("These people hold the roles until the day that you give, that day included.",)

    def do(self, record: Membership, form: Any) -> Membership:
        return membership.extend_membership(self.actor, record, version=record.version, **form.cleaned_data)


class MembershipsChangeRole(ManyMemberships):
    """Let several people hold another role instead; what they gain and lose is seen before it is confirmed."""

    permission = MEMBERSHIP_GRANT
    form_class = RoleForm
    template = "orgs/memberships_role.html"
    title = "Change role"
    submit_label = "Change"
    done = "changed"
    effects = ("The roles end, and the new ones begin at the same places, until the same days.",)
    seen_role = ""

    def why_not(self, record: Membership) -> str:
        is_same = record.role == self.request.POST.get("role")
        return "is that role already" if is_same else super().why_not(record)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST)
        if form.is_valid():
            self.seen_role = form.cleaned_data["role"]
            if request.POST.get("_seen") != self.seen_role:
                return self.show(form)
        return super().post(request, *args, **kwargs)

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        if not self.seen_role:
            return context | {"submit_label": "What would change?"}
        held = Counter(one.role for one in self.taking_part)
        changes = [
            {
                "label": ROLES[code].label if code in ROLES else code,
                "count": count,
                "difference": difference(code, self.seen_role),
            }
            for code, count in held.most_common()
        ]
        return context | {
            "seen_role": self.seen_role,
            "new_label": ROLES[self.seen_role].label,
            "changes": changes,
        }

    def do(self, record: Membership, form: Any) -> Membership:
        return membership.change_role(self.actor, record, version=record.version, **form.cleaned_data)


class ManyInvitations(BulkPage, abstract=True):
    """Several invitations."""

    permission = MEMBERSHIP_GRANT
    nouns = ("invitation", "invitations")
    list_route = "invitation-list"

    def get_rows(self) -> QuerySet[Invitation]:
        return visible_invitations(self.actor).order_by("name", "pk")

    def name_of(self, record: Invitation) -> str:
        return f"{record.name} ({record.email}), {record.role_label} at {record.organization.name},"

    def why_not(self, record: Invitation) -> str:
        state = record.state  # type: ignore[attr-defined]
        return f"was {state} already" if state in ("accepted", "revoked") else ""


class InvitationsResend(ManyInvitations):
    """Mail several invitations again."""

    permission = MEMBERSHIP_GRANT
    title = "Resend invitations"
    submit_label = "Resend"
    done = "sent again"
    effects = ("Each gets a new link by mail. The links they got before no longer work.",)

    def do(self, record: Invitation, form: Any) -> Invitation:
        return invitation.resend_invitation(self.actor, record)


class InvitationsRevoke(ManyInvitations):
    """Make the links of several invitations useless."""

    permission = MEMBERSHIP_GRANT
    title = "Revoke invitations"
    submit_label = "Revoke"
    done = "revoked"
    effects = ("Their links no longer work. Whoever is to come after all is invited anew.",)

    def do(self, record: Invitation, form: Any) -> Invitation:
        return invitation.revoke_invitation(self.actor, record)


class ManyWaivers(BulkPage, abstract=True):
    """Several waivers, in one state."""

    permission = WAIVER_DECIDE
    nouns = ("waiver", "waivers")
    list_route = "waiver-list"
    status: ClassVar[str]

    @cached_property
    def found(self) -> list[SettingWaiver]:
        records = super().found
        preload_places(record.organization_id for record in records)
        return records

    def get_rows(self) -> QuerySet[SettingWaiver]:
        return waivers_for(self.actor).order_by("ends_on", "pk")

    def name_of(self, record: SettingWaiver) -> str:
        return f"{setting_of(record.key).label} at {record.organization.name}"

    def _why_not(self, record: SettingWaiver) -> str:
        """Deciding is asked for where the value is enforced, not where the waiver is."""
        if record.status != self.status:
            return f"is {record.get_status_display().lower()}"
        return "" if waiver.may_decide(self.actor, record) else "isn’t yours to decide"


class WaiversDecide(ManyWaivers):
    """Grant or refuse several waivers."""

    permission = WAIVER_DECIDE
    form_class = DecisionForm
    title = "Decide about waivers"
    submit_label = "Decide about"
    done = "decided"
    status = SettingWaiver.Status.REQUESTED

    def do(self, record: SettingWaiver, form: Any) -> SettingWaiver:
        data = form.cleaned_data
        grant = data["decision"] == "grant"
        return waiver.decide_waiver(
            self.actor, record, grant=grant, note=data["note"], version=record.version
        )


class WaiversEnd(ManyWaivers):
    """End several granted waivers before their days."""

    permission = WAIVER_DECIDE
    form_class = NoteForm
    title = "End waivers"
    submit_label = "End"
    done = "ended"
    status = SettingWaiver.Status.GRANTED
    effects = ("The enforced values count again at once.",)

    def do(self, record: SettingWaiver, form: Any) -> SettingWaiver:
        note = form.cleaned_data["note"]
        return waiver.end_waiver(self.actor, record, note=note, version=record.version)
