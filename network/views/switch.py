"""Choosing the network to work in: a session is bound to one at a time."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.generic import View

from core.actors import UserActor
from core.models import Network
from core.tenancy import bound
from orgs.middleware import SESSION_KEY
from orgs.queries.enterprise import enterprises_of
from orgs.queries.membership import networks_of_user


class SwitchNetwork(View):
    """The person's networks. Each name is read with its own network bound: nothing is read across."""

    def get(self, request: Any) -> HttpResponse:
        return self._page(request)

    def post(self, request: Any) -> HttpResponse:
        chosen = request.POST.get("network", "")
        if chosen not in {str(pk) for pk in networks_of_user(request.user.pk)}:
            return self._page(request, error="Choose one of your networks.", status=422)
        request.session[SESSION_KEY] = int(chosen)
        request.session.cycle_key()
        return HttpResponseRedirect("/console/")

    def _page(self, request: Any, *, error: str = "", status: int = 200) -> HttpResponse:
        networks = []
        for network_id in networks_of_user(request.user.pk):
            with bound(network_id):
                networks.append(Network.objects.select_related("enterprise").get(pk=network_id))
        current = request.session.get(SESSION_KEY)
        owner = UserActor.of(request.user.pk, str(request.user))
        context = {
            "networks": networks,
            "current": current,
            "error": error,
            "owns_enterprise": enterprises_of(owner).exists(),
        }
        return render(request, "network_switch.html", context, status=status)
