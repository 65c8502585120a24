"""Moving organizations, one or several: what would change is shown before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core.errors import Refused, Stale
from core.views.chosen import Chosen
from core.views.export import keys_of
from core.views.form import FormPage
from orgs.actions import organization as actions
from orgs.forms.organization import MoveForm, MoveManyForm
from orgs.models import Organization
from orgs.permissions import ORGANIZATION_MOVE
from orgs.queries.access import organizations_for
from orgs.queries.move import MovePreview, preview
from orgs.rules.settings import MAX_SUB_DEPTH
from orgs.rules.structure import THIRD_PARTY
from orgs.views.organization import OrganizationForm


class MovePage(FormPage, abstract=True):
    """A form with a place and a reason, whose last button appears once the preview of just that was seen."""

    permission = ORGANIZATION_MOVE
    template = "orgs/organization_move.html"

    def chosen(self, form: Any) -> list[Organization]:
        """The organizations that a valid form moves."""
        raise NotImplementedError

    def places(self) -> QuerySet[Organization]:
        """Where the person may move organizations to."""
        return (
            organizations_for(self.actor, ORGANIZATION_MOVE)
            .exclude(kind=THIRD_PARTY)
            .exclude(status=Organization.Status.ARCHIVED)
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form: Any = self.get_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        target = form.cleaned_data["parent"]
        try:
            self._compare_version()
            self.check(self.chosen(form), target)
        except Stale:
            return super().post(request, *args, **kwargs)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            self.problem_at = target if refusal.code == "structure" else None
            return self.show(form, status=422)
        self.seen = preview(self.actor, self.chosen(form), target)
        if "_preview" in request.POST or request.POST.get("_seen") != self.seen.fingerprint:
            return self.show(form)
        return super().post(request, *args, **kwargs)

    seen: MovePreview | None = None
    problem_at: Organization | None = None

    def check(self, chosen: Sequence[Organization], target: Organization) -> None:
        """Raise `Refused` where moving would."""
        for one in chosen:
            actions.check_move(self.actor, one, target)

    def get_context(self) -> dict[str, Any]:
        again = self.request.POST.get("_seen")
        return super().get_context() | {
            "preview": self.seen,
            "policy_url": reverse("setting-edit", args=[self.problem_at.pk, MAX_SUB_DEPTH.key])
            if self.problem_at
            else "",
            "is_another": bool(again and self.seen and again != self.seen.fingerprint),
            "submit_label": self.submit_label if self.seen else "What would change?",
        }


class OrganizationMove(MovePage, OrganizationForm):
    """Move an organization with everything below it."""

    permission = ORGANIZATION_MOVE
    title = "Move organization"
    submit_label = "Move"

    def get_form(self, data: Any = None, files: Any = None) -> MoveForm:
        to = keys_of(Organization, self.request.GET.getlist("to"))  # as when it was dragged there
        form = MoveForm(data, initial={"parent": to[0]} if to else {})
        places = self.places().exclude(lft__range=(self.subject.lft, self.subject.rght))
        form.fields["parent"].set_places(places)  # type: ignore[attr-defined]
        return form

    def chosen(self, form: Any) -> list[Organization]:
        return [self.subject]

    def perform(self, form: Any) -> Organization:
        data = form.cleaned_data
        return actions.move_organization(
            self.actor, self.subject, to=data["parent"], reason=data["reason"], version=self.subject.version
        )

    def success_message(self, result: Organization) -> str:
        return f"{result.name} was moved."


class OrganizationMoveMany(MovePage):
    """Move several organizations under another, all of them or none."""

    permission = ORGANIZATION_MOVE
    title = "Move organizations"
    submit_label = "Move"

    @cached_property
    def movable(self) -> QuerySet[Organization]:
        rows = organizations_for(self.actor, ORGANIZATION_MOVE).exclude(parent=None)
        return rows.exclude(status=Organization.Status.ARCHIVED)

    def get_form(self, data: Any = None, files: Any = None) -> MoveManyForm:
        form = MoveManyForm(data, initial=self.get_initial())
        form.fields["organizations"].set_places(self.movable)  # type: ignore[attr-defined]
        form.fields["parent"].set_places(self.places())  # type: ignore[attr-defined]
        return form

    def get_initial(self) -> dict[str, Any]:
        chosen = Chosen.among(self.movable, self.request, "organization-list")
        return {"organizations": list(chosen.rows.values_list("pk", flat=True))}

    def chosen(self, form: Any) -> list[Organization]:
        return list(form.cleaned_data["organizations"])

    def perform(self, form: Any) -> list[Organization]:
        data = form.cleaned_data
        return actions.move_organizations(
            self.actor, data["parent"], organizations=self.chosen(form), reason=data["reason"]
        )

    def get_context(self) -> dict[str, Any]:
        here = reverse("organization-list")
        return super().get_context() | {
            "cancel_url": here,
            "crumbs": [{"label": "Organizations", "url": here}],
            "description": "Each with everything below it: all of them, or none.",
        }

    def success_url(self, result: Any) -> str:
        return reverse("organization-list")

    def success_message(self, result: list[Organization]) -> str:
        return f"{len(result)} organization{'' if len(result) == 1 else 's'} moved."
