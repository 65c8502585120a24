"""One act on several ticked organizations, roles or waivers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.settings import setting_of
from core.views.bulk import BulkPage
from orgs.actions import membership, organization, waiver
from orgs.actions.organization import blockers_of
from orgs.forms.organization import ReasonForm
from orgs.forms.setting import DecisionForm
from orgs.models import Membership, Organization, SettingWaiver
from orgs.permissions import MEMBERSHIP_GRANT, ORGANIZATION_SUSPEND, WAIVER_DECIDE
from orgs.queries.decision import waivers_for
from orgs.queries.membership import visible_memberships
from orgs.queries.organization import visible_organizations

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


class MembershipsEnd(BulkPage):
    """End several roles at once."""

    permission = MEMBERSHIP_GRANT
    form_class = ReasonForm
    title = "End roles"
    submit_label = "End"
    nouns = ("role", "roles")
    done = "ended"
    list_route = "membership-list"
    effects = ("From the next request on, these people can no longer do what the roles allow.",)

    def get_rows(self) -> QuerySet[Membership]:
        return visible_memberships(self.actor).order_by("user__name", "pk")

    def name_of(self, record: Membership) -> str:
        return f"{record.user.name}, {record.role_label} at {record.organization.name},"

    def why_not(self, record: Membership) -> str:
        yesterday = timezone.now().date() - timedelta(days=1)
        return "has ended already" if record.ends_on is not None and record.ends_on <= yesterday else ""

    def do(self, record: Membership, form: Any) -> Membership:
        reason = form.cleaned_data["reason"]
        return membership.end_membership(self.actor, record, reason=reason, version=record.version)


class WaiversDecide(BulkPage):
    """Grant or refuse several waivers."""

    permission = WAIVER_DECIDE
    form_class = DecisionForm
    title = "Decide about waivers"
    submit_label = "Decide about"
    nouns = ("waiver", "waivers")
    done = "decided"
    list_route = "waiver-list"

    def get_rows(self) -> QuerySet[SettingWaiver]:
        return waivers_for(self.actor).order_by("ends_on", "pk")

    def name_of(self, record: SettingWaiver) -> str:
        return f"{setting_of(record.key).label} at {record.organization.name}"

    def _why_not(self, record: SettingWaiver) -> str:
        """Deciding is asked for where the value is enforced, not where the waiver is."""
        if record.status != SettingWaiver.Status.REQUESTED:
            return f"is {record.get_status_display().lower()} already"
        return "" if waiver.may_decide(self.actor, record) else "isn’t yours to decide"

    def do(self, record: SettingWaiver, form: Any) -> SettingWaiver:
        data = form.cleaned_data
        grant = data["decision"] == "grant"
        return waiver.decide_waiver(
            self.actor, record, grant=grant, note=data["note"], version=record.version
        )
