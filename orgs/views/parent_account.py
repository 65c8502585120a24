"""The Parent Account one works in: the advisor, the onboarding checklist, the data ownership record."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from orgs.actions import onboarding as actions
from orgs.forms.enterprise import AdvisorForm, DataOwnershipForm, StepForm
from orgs.models import DataOwnership, OnboardingStep
from orgs.permissions import (
    CONTENT_EXPORT,
    CONTENT_IMPORT,
    HOSTNAME_EDIT,
    ONBOARDING_EDIT,
    ONBOARDING_VIEW,
    ORGANIZATION_ADD,
)
from orgs.queries.enterprise import checklist, owner_names, owns
from orgs.queries.hostname import host_names
from orgs.rules.advisor import advise
from orgs.rules.hostname import address_at
from orgs.rules.settings import MAX_SUB_DEPTH

CRUMB = {"label": "Parent Account", "url": "/console/parent-account/"}


class Advisor(ConsoleView):
    """Sub, partner or secondary Parent Account? Three questions and an answer with its reasons."""

    permission = ORGANIZATION_ADD

    def get(self, request: Any) -> HttpResponse:
        form = AdvisorForm(request.GET or None)
        advice = advise(**form.cleaned_data) if form.is_bound and form.is_valid() else None
        enterprise = request.network.enterprise
        context = {
            "title": "Advisor",
            "description": f"This network allows {MAX_SUB_DEPTH.show(MAX_SUB_DEPTH.at_network())} of subs.",
            "form": form,
            "advice": advice,
            "open_url": reverse("parent-account-open", args=[enterprise.pk])
            if owns(self.actor, enterprise)
            else "",
            "owners": owner_names(enterprise),
        }
        return self.page("orgs/advisor.html", context)


class ParentAccountPage(ConsoleView):
    """How far this Parent Account is, and what was agreed about its data."""

    permission = ONBOARDING_VIEW

    def get(self, request: Any) -> HttpResponse:
        network, steps = request.network, list(checklist())
        done = sum(step.done_at is not None for step in steps)
        context = {
            "title": network.name,
            "description": f"Parent Account of {network.enterprise.name}.",
            "status": network.status,
            "status_label": network.get_status_display(),
            "actions": [
                {"label": label, "url": reverse(name), "icon": icon}
                for permission, label, name, icon in (
                    (CONTENT_EXPORT, "Export content", "content-export", "package-open"),
                    (CONTENT_IMPORT, "Import content", "content-import", "package-plus"),
                )
                if self.may(permission)
            ],
            "stats": [
                {"label": "Steps done", "value": f"{done} of {len(steps)}" if steps else "–"},
                {"label": "Currency", "value": network.currency},
                {"label": "Time zone", "value": network.time_zone},
                {"label": "Open since", "value": locale.day(network.created_at)},
            ],
            "steps": steps,
            "today": today_in(network.time_zone),
            "record": DataOwnership.objects.first(),
            "may_edit": self.may(ONBOARDING_EDIT),
            "may_ask": self.may(ORGANIZATION_ADD),
            "owns_enterprise": owns(self.actor, network.enterprise),
            "host_names": [(host, address_at(host.name, settings.BASE_URL)) for host in host_names()],
            "may_edit_hosts": self.may(HOSTNAME_EDIT),
        }
        return self.page("orgs/parent_account.html", context)


class OfParentAccount(FormPage, abstract=True):
    """A form about the whole Parent Account; afterwards its page."""

    def success_url(self, result: Any) -> str:
        return reverse("parent-account")


class OnboardingStepEdit(OfParentAccount):
    """Change a step of the checklist, or tick it off."""

    permission = ONBOARDING_EDIT
    form_class = StepForm

    def get_subject(self) -> OnboardingStep:
        return found(checklist(), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.subject.title)

    def get_initial(self) -> dict[str, Any]:
        names = ("owner", "due_on", "metric", "target", "result")
        return {name: getattr(self.subject, name) for name in names} | {
            "done": self.subject.done_at is not None
        }

    def get_context(self) -> dict[str, Any]:
        return {"description": self.subject.help, "cancel_url": self.success_url(None), "crumbs": [CRUMB]}

    def perform(self, form: Any) -> OnboardingStep:
        return actions.change_step(
            self.actor, self.subject, details=form.details(), version=self.subject.version
        )


class DataOwnershipEdit(OfParentAccount):
    """Record what was agreed about data between this Parent Account and anything else."""

    permission = ONBOARDING_EDIT
    form_class = DataOwnershipForm
    title = "Data ownership"

    def get_subject(self) -> DataOwnership | None:
        return DataOwnership.objects.first()

    def get_initial(self) -> dict[str, Any]:
        names = ("must_flow", "what_flows", "api_owner", "on_mismatch")
        return {name: getattr(self.subject, name) for name in names} if self.subject else {}

    def get_context(self) -> dict[str, Any]:
        intro = "Nothing flows by itself between Parent Accounts. What has to, flows through your own API clients."
        return {"intro": intro, "cancel_url": self.success_url(None), "crumbs": [CRUMB]}

    def perform(self, form: Any) -> DataOwnership:
        return actions.record_data_ownership(
            self.actor, self.subject, flow=form.flow(), version=self.record_version()
        )
