"""Pages of organizations: Enterprise > Organizations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from core.views.tabs import organization_tabs_for
from orgs.actions import organization as actions
from orgs.forms.organization import AffiliationForm, DetailsForm, OrganizationAddForm, ReasonForm
from orgs.models import Affiliation, Organization
from orgs.permissions import (
    MODULE_EDIT,
    ORGANIZATION_ADD,
    ORGANIZATION_EDIT,
    ORGANIZATION_IMPORT,
    ORGANIZATION_MOVE,
    ORGANIZATION_RECORDS,
    ORGANIZATION_SUSPEND,
    ORGANIZATION_VIEW,
    SETTING_VIEW,
)
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.queries.leaving import departure_of
from orgs.queries.organization import affiliations_of, visible_organizations
from orgs.queries.past_tree import placements_of
from orgs.rules.structure import PARTNER, THIRD_PARTY
from orgs.tables.organization import OrganizationFilter, OrganizationTable
from orgs.views.files import file_buttons
from orgs.views.parts import add_button, branch, buttons, crumbs_to, facts, top_of_tree

KIND_PLURALS = {"parent": "Parent", "sub": "Subs", "partner": "Partners", "third_party": "Third parties"}


class OrganizationList(ListPage):
    """The tree beside the table."""

    permission = ORGANIZATION_VIEW
    template = "console/tree_list.html"
    title = "Organizations"
    table_class = OrganizationTable
    filter_class = OrganizationFilter

    def get_rows(self) -> QuerySet[Organization]:
        rows = visible_organizations(self.actor)
        if "status" not in self.request.GET:
            rows = rows.exclude(status=Organization.Status.ARCHIVED)
        if self.is_export:
            rows = rows.select_related("parent")
        return tree.with_below(self.actor, rows)

    def bulk_actions(self) -> list[BulkAction]:
        wanted = (
            (ORGANIZATION_MOVE, "Move", "folder-tree", "organization-move-many"),
            (ORGANIZATION_SUSPEND, "Suspend", "circle-pause", "organization-suspend-many"),
            (ORGANIZATION_SUSPEND, "Reactivate", "circle-play", "organization-reactivate-many"),
            (ORGANIZATION_SUSPEND, "Archive", "archive", "organization-archive-many"),
            (SETTING_VIEW, "Apply a setting", "list-checks", "setting-apply"),
            (MODULE_EDIT, "Switch modules", "layout-grid", "module-switch"),
        )
        return [BulkAction(label, icon, reverse(name)) for may, label, icon, name in wanted if self.may(may)]

    def get_context(self) -> dict[str, Any]:
        addable = tree.topmost(organizations_for(self.actor, ORGANIZATION_ADD).exclude(kind=THIRD_PARTY))
        counts = tree.counts_by_kind(visible_organizations(self.actor))
        return {
            "description": f"{locale.number(sum(counts.values()))} active in {self.request.network.name}.",
            "tree_nodes": top_of_tree(self.actor),
            "stats": [
                {"label": label, "value": locale.number(counts.get(kind, 0))}
                for kind, label in KIND_PLURALS.items()
            ],
            "actions": [
                *(file_buttons() if self.may(ORGANIZATION_IMPORT) else []),
                *([add_button(addable)] if addable else []),
            ],
        }


class OrganizationBranch(ConsoleView):
    """One branch of the tree, loaded when it is opened."""

    permission = ORGANIZATION_VIEW

    def get_subject(self) -> Organization:
        return found(visible_organizations(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get(self, request: Any, pk: int) -> HttpResponse:
        nodes = branch(self.actor, self.subject, self.subject.level + 2)
        return self.page("components/tree_nodes.html", {"nodes": nodes})


class OrganizationSubject(ConsoleView, abstract=True):
    """A page about one organization among those the actor may see."""

    subject: Organization

    def get_subject(self) -> Organization:
        return found(visible_organizations(self.actor).select_related("parent"), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def about(self) -> dict[str, Any]:
        """What every tab of an organization's page shows: path, tabs, what the actor may do."""
        may = {
            "add": self.subject.kind != THIRD_PARTY and self.may(ORGANIZATION_ADD, self.subject),
            "edit": self.may(ORGANIZATION_EDIT, self.subject),
            "move": self.subject.parent_id is not None and self.may(ORGANIZATION_MOVE, self.subject),
            "suspend": self.subject.parent_id is not None and self.may(ORGANIZATION_SUSPEND, self.subject),
            "leave": self.subject.kind == PARTNER and self.may(ORGANIZATION_RECORDS, self.subject),
        }
        return {
            "title": self.subject.name,
            "description": f"{self.subject.code} · {self.subject.get_kind_display()}",
            "status": self.subject.status,
            "status_label": self.subject.get_status_display(),
            "crumbs": crumbs_to(self.actor, self.subject),
            "tabs": organization_tabs_for(self, self.subject),
            "actions": buttons(self.subject, may),
            "organization": self.subject,
        }


class OrganizationPage(OrganizationSubject):
    """Overview of one organization."""

    permission = ORGANIZATION_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        departure = departure_of(self.subject)
        context = self.about() | {
            "facts": facts(self.subject),
            "nodes": branch(self.actor, self.subject, 1),
            "affiliations": list(affiliations_of(self.subject)),
            "places": placements_of(self.actor, self.subject, ORGANIZATION_VIEW),
            "may_edit": self.may(ORGANIZATION_EDIT, self.subject),
            "departure": departure,
            "may_see_departure": departure and self.may(ORGANIZATION_RECORDS, departure),
        }
        return self.page("orgs/organization_detail.html", context)


class OrganizationForm(OrganizationSubject, FormPage, abstract=True):
    """A form about one organization; afterwards its page."""

    def get_context(self) -> dict[str, Any]:
        here = reverse("organization", args=[self.subject.pk])
        crumbs = [*crumbs_to(self.actor, self.subject), {"label": self.subject.name, "url": here}]
        return {"description": self.subject.name, "crumbs": crumbs, "cancel_url": here}

    def success_url(self, result: Any) -> str:
        return reverse("organization", args=[self.subject.pk])


class OrganizationStatusForm(OrganizationForm, abstract=True):
    """A change of status: says what will happen and asks for a reason."""

    permission = ORGANIZATION_SUSPEND
    form_class = ReasonForm
    consequences: ClassVar[list[str]]

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"consequences": self.consequences}


class OrganizationAdd(OrganizationForm):
    """Add a sub, partner or third party under an organization."""

    permission = ORGANIZATION_ADD
    form_class = OrganizationAddForm
    title = "Add organization"
    submit_label = "Add organization"

    def record_version(self) -> int | None:
        return None

    def get_initial(self) -> dict[str, Any]:
        return {"kind": "sub", "time_zone": self.subject.time_zone, "country": self.subject.country}

    def perform(self, form: Any) -> Organization:
        return actions.add_organization(
            self.actor,
            self.subject,
            kind=form.cleaned_data["kind"],
            details=form.details(),
            contract=form.new_contract(),
            currency=form.cleaned_data["currency"],
        )

    def success_url(self, result: Organization) -> str:
        return reverse("organization", args=[result.pk])

    def success_message(self, result: Organization) -> str:
        return f"{result.name} was added under {self.subject.name}."

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"description": f"Under {self.subject.name}", "dialog_wide": True}


class OrganizationEdit(OrganizationForm):
    """Edit an organization's details."""

    permission = ORGANIZATION_EDIT
    form_class = DetailsForm
    title = "Edit organization"
    submit_label = "Save changes"

    def get_form(self, data: Any = None, files: Any = None) -> DetailsForm:
        shown = Organization.objects.get(pk=self.subject.pk)
        return DetailsForm(data, files, instance=shown)

    def perform(self, form: Any) -> Organization:
        return actions.edit_organization(
            self.actor, self.subject, details=form.details(), version=self.subject.version
        )

    def success_message(self, result: Organization) -> str:
        return f"{result.name} was saved."


class OrganizationSuspend(OrganizationStatusForm):
    """Suspend an organization, with a reason."""

    title = "Suspend organization"
    submit_label = "Suspend"
    consequences = [
        "Nothing is sold, redeemed or ordered there until it is reactivated. Its books, patients and people stay."
    ]

    def perform(self, form: Any) -> Organization:
        return actions.suspend_organization(
            self.actor, self.subject, reason=form.cleaned_data["reason"], version=self.subject.version
        )


class OrganizationReactivate(OrganizationStatusForm):
    """Make a suspended or archived organization active again."""

    title = "Reactivate organization"
    submit_label = "Reactivate"
    consequences = ["It can sell, redeem and order again."]

    def get_context(self) -> dict[str, Any]:
        stays = ["What ended when it left the network stays ended: roles, links, contracts."]
        told = [*self.consequences, *(stays if departure_of(self.subject) else [])]
        return super().get_context() | {"consequences": told}

    def perform(self, form: Any) -> Organization:
        return actions.reactivate_organization(
            self.actor, self.subject, reason=form.cleaned_data["reason"], version=self.subject.version
        )


class OrganizationArchive(OrganizationStatusForm):
    """Archive an organization that nothing blocks."""

    title = "Archive organization"
    submit_label = "Archive"
    consequences = ["It leaves the lists and stays in the books and the audit trail. It can be reactivated."]

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"blockers": actions.blockers_of(self.subject), "danger": True}

    def perform(self, form: Any) -> Organization:
        return actions.archive_organization(
            self.actor, self.subject, reason=form.cleaned_data["reason"], version=self.subject.version
        )


class AffiliationEdit(FormPage):
    """Edit the contract of a partner or third party."""

    permission = ORGANIZATION_EDIT
    form_class = AffiliationForm
    title = "Edit contract"
    submit_label = "Save contract"

    def get_subject(self) -> Affiliation:
        rows = Affiliation.objects.filter(participant__in=visible_organizations(self.actor)).select_related(
            "participant"
        )
        return found(rows, pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_initial(self) -> dict[str, Any]:
        return AffiliationForm.initial_of(self.subject)

    def get_context(self) -> dict[str, Any]:
        return {"cancel_url": self.success_url(None), "description": self.subject.participant.name}

    def perform(self, form: Any) -> Affiliation:
        return actions.edit_contract(
            self.actor, self.subject, contract=form.contract(), version=self.subject.version
        )

    def success_url(self, result: Any) -> str:
        return reverse("organization", args=[self.subject.participant_id])
