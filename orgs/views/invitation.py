"""The link of an invitation: public, because the person may have no login yet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.errors import Refused
from core.models import Network
from core.tenancy import bound
from orgs.actions.invitation import accept_invitation, open_invitation, token_hash
from orgs.forms.membership import AcceptForm
from orgs.hosts import leads_elsewhere
from orgs.middleware import SESSION_KEY
from orgs.models import Invitation
from orgs.queries.membership import network_of_invitation
from orgs.rules.settings import SHORTEST_PASSWORD
from people.actions.second_factor import came_by_password
from people.queries.user import user_by_email


@method_decorator(login_not_required, name="dispatch")
class AcceptInvitation(View):
    """Shows the invitation; accepting is a POST, so that a mail scanner's prefetch does nothing."""

    def dispatch(self, request: Any, token: str) -> Any:
        network_id = network_of_invitation(token_hash(token))
        if network_id is None or leads_elsewhere(request, network_id):
            return self._gone(request, "This invitation is not known. Check the link or ask for a new one.")
        try:
            with bound(network_id):
                response = super().dispatch(request, token)
        except Refused as refusal:
            return self._gone(request, refusal.message)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def get(self, request: Any, token: str) -> HttpResponse:
        invitation = open_invitation(token)
        return self._page(request, invitation, self._form(invitation))

    def post(self, request: Any, token: str) -> HttpResponse:
        invitation = open_invitation(token)
        signed_in = request.user if request.user.is_authenticated else None
        form = self._form(invitation, request.POST) if signed_in is None else None
        if form is not None and not form.is_valid():
            return self._page(request, invitation, form, status=422)
        try:
            password = form.cleaned_data["password"] if form is not None else ""
            user = accept_invitation(invitation, signed_in=signed_in, password=password)
        except Refused as refusal:
            if form is None:
                raise
            form.add_error("password" if refusal.field == "password" else None, refusal.message)
            return self._page(request, invitation, form, status=422)
        if signed_in is None:
            login(request, user, backend="people.backends.EmailBackend")
            came_by_password(request, user)
        request.session[SESSION_KEY] = invitation.network_id
        messages.success(request, f"Welcome to {invitation.organization.name}.")
        return HttpResponseRedirect("/console/")

    def _form(self, invitation: Invitation, data: Any = None) -> AcceptForm:
        return AcceptForm(data, shortest=SHORTEST_PASSWORD.at(invitation.organization))

    def _page(
        self, request: Any, invitation: Invitation, form: AcceptForm, *, status: int = 200
    ) -> HttpResponse:
        context = {
            "invitation": invitation,
            "form": form,
            "invited_network": Network.objects.get(pk=invitation.network_id),
            "has_login": user_by_email(invitation.email) is not None,
        }
        return render(request, "orgs/invitation_accept.html", context, status=status)

    def _gone(self, request: Any, message: str) -> HttpResponse:
        return render(request, "orgs/invitation_gone.html", {"message": message}, status=410)
