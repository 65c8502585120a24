"""Choosing the network to work in: a session is bound to one at a time."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from core.actors import UserActor
from core.models import Network
from core.tenancy import bound
from orgs.hosts import leads_elsewhere
from orgs.middleware import SESSION_KEY
from orgs.queries.enterprise import enterprises_of
from orgs.queries.hostname import own_console_address
from orgs.queries.membership import networks_of_user


class SwitchNetwork(View):
    """The person's networks. Each name is read with its own network bound: nothing is read across.

    A network with a host name of its own is entered there, by signing in: a session belongs to one host.
    """

    def get(self, request: Any) -> HttpResponse:
        return self._page(request)

    def post(self, request: Any) -> HttpResponse:
        chosen = request.POST.get("network", "")
        here = {str(pk) for pk in networks_of_user(request.user.pk) if not leads_elsewhere(request, pk)}
        if chosen not in here:
            return self._page(request, error="Choose one of your networks.", status=422)
        request.session[SESSION_KEY] = int(chosen)
        request.session.cycle_key()
        return HttpResponseRedirect("/console/")

    def _elsewhere(self, request: Any, network_id: int) -> str:
        """Where a network is reached that isn't entered at this host; empty for one that is."""
        if request.own_host is not None and request.own_host.network_id == network_id:
            return ""
        own = own_console_address()
        if own:
            return f"{own}/console/"
        return settings.BASE_URL + reverse("network-switch") if request.own_host is not None else ""

    def _page(self, request: Any, *, error: str = "", status: int = 200) -> HttpResponse:
        networks = []
        for network_id in networks_of_user(request.user.pk):
            with bound(network_id):
                network = Network.objects.select_related("enterprise").get(pk=network_id)
                networks.append({"network": network, "url": self._elsewhere(request, network_id)})
        current = request.session.get(SESSION_KEY)
        owner = UserActor.of(request.user.pk, str(request.user))
        context = {
            "networks": networks,
            "current": current,
            "error": error,
            "owns_enterprise": enterprises_of(owner).exists(),
        }
        return render(request, "network_switch.html", context, status=status)
