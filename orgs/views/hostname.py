"""Host names of the network's own: asked for here, confirmed by an operator, given up here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from core.views.base import found
from core.views.form import FormPage
from orgs.actions.hostname import give_up_host_name, request_host_name
from orgs.forms.hostname import HostNameForm
from orgs.models import HostName
from orgs.permissions import HOSTNAME_EDIT
from orgs.queries.hostname import host_names

CRUMB = {"label": "Parent Account", "url": "/console/parent-account/"}


class HostNameAdd(FormPage):
    """Ask for a host name."""

    permission = HOSTNAME_EDIT
    form_class = HostNameForm
    title = "Host name of your own"
    submit_label = "Ask for it"

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "People sign in there under the network’s own name and logo, and the links in its mail lead "
            "there. Let the name lead to this installation first; an operator then confirms it.",
            "cancel_url": self.success_url(None),
            "crumbs": [CRUMB],
        }

    def perform(self, form: Any) -> HostName:
        return request_host_name(self.actor, None, **form.cleaned_data)

    def success_message(self, result: HostName) -> str:
        return f"{result.name} was asked for. It answers once an operator has confirmed it."

    def success_url(self, result: Any) -> str:
        return reverse("parent-account")


class HostNameGiveUp(FormPage):
    """Give a host name up."""

    permission = HOSTNAME_EDIT
    submit_label = "Give it up"
    subject: HostName

    def get_subject(self) -> HostName:
        return found(host_names(), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Give up {self.subject.name}"

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        face = self.subject.get_face_display().lower()
        live = [
            f"From the next request on {self.subject.name} answers to nobody, links in mail that was sent included.",
            f"The {face} stays reachable at the installation’s own address.",
        ]
        return {
            "consequences": live
            if self.subject.confirmed_at
            else ["It was not confirmed: nobody has used it."],
            "danger": True,
            "cancel_url": self.success_url(None),
            "crumbs": [CRUMB],
        }

    def perform(self, form: Any) -> None:
        give_up_host_name(self.actor, self.subject)

    def success_message(self, result: None) -> str:
        return f"{self.subject.name} was given up."

    def success_url(self, result: Any) -> str:
        return reverse("parent-account")
