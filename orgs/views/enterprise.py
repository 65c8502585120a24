"""Pages of an enterprise's owners: no network is bound, and nothing inside one is shown."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from core.actors import UserActor
from core.errors import Refused
from core.models import Enterprise
from orgs.actions.enterprise import open_parent_account
from orgs.forms.enterprise import OpenAccountForm
from orgs.gate import owner_turned_away
from orgs.queries.enterprise import enterprises_of, like_the_first, parent_accounts
from orgs.rules.advisor import TRADE_OFFS


class EnterpriseView(View):
    """A page for a signed-in person, outside every network; what they own decides what they see.

    It opens with the second factor that the networks of their enterprises ask their administrators for.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return owner_turned_away(request) or super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> UserActor:
        user: Any = self.request.user
        return UserActor.of(user.pk, str(user))


class EnterprisePage(EnterpriseView):
    """The Parent Accounts of the enterprises that one owns: their status and their checklists."""

    def get(self, request: Any) -> HttpResponse:
        owned = [
            {"enterprise": enterprise, "accounts": parent_accounts(self.actor, enterprise)}
            for enterprise in enterprises_of(self.actor)
        ]
        return render(request, "orgs/enterprise.html", {"owned": owned})


class OpenAccount(EnterpriseView):
    """Open another Parent Account."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        enterprise = self._enterprise(pk)
        return self._page(request, enterprise, OpenAccountForm(initial=like_the_first(enterprise)))

    def post(self, request: Any, pk: int) -> HttpResponse:
        enterprise, form = self._enterprise(pk), OpenAccountForm(request.POST)
        if not form.is_valid():
            return self._page(request, enterprise, form, status=422)
        try:
            network = open_parent_account(self.actor, enterprise, form.new())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self._page(request, enterprise, form, status=422)
        invited = form.cleaned_data["administrator_email"]
        messages.success(request, f"{network.name} is open. The invitation to {invited} is on its way.")
        return HttpResponseRedirect(reverse("enterprise"))

    def _enterprise(self, pk: int) -> Enterprise:
        try:
            return enterprises_of(self.actor).get(pk=pk)
        except (Enterprise.DoesNotExist, OverflowError):
            raise Http404("There is no such page, or it isn't yours to see.") from None

    def _page(
        self, request: Any, enterprise: Enterprise, form: OpenAccountForm, *, status: int = 200
    ) -> HttpResponse:
        context = {"enterprise": enterprise, "form": form, "trade_offs": TRADE_OFFS}
        return render(request, "orgs/parent_account_open.html", context, status=status)
