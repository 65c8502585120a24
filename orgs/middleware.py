"""Binding a request of a signed-in person to their network, once, from the session; the host name may object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.access import Denied
from core.actors import UserActor
from core.models import Network
from core.ports import AuditRecord, socket
from core.tenancy import bound
from orgs.gate import turned_away
from orgs.hosts import leads_elsewhere
from orgs.queries.access import holds_anything
from orgs.queries.membership import networks_of_user

SESSION_KEY = "network_id"


class NetworkMiddleware:
    """Opens the transaction of a console request and binds it; times are told in the network's zone.

    Only `/console/` is bound here; the portal binds its own requests. A request that ends in 403 or a
    fault is rolled back; the denial is then recorded in a transaction of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.path.startswith("/console/") or not request.user.is_authenticated:
            return self.get_response(request)
        network_id = self._network_of(request)
        if leads_elsewhere(request, network_id):
            return render(request, "orgs/not_at_this_host.html", status=403)
        if network_id is None:
            return HttpResponseRedirect(reverse("network-switch"))
        request.actor = UserActor.of(request.user.pk, str(request.user))
        request.denied = None
        with bound(network_id):
            if not holds_anything(request.actor):
                del request.session[SESSION_KEY]
                return HttpResponseRedirect(reverse("network-switch"))
            request.network = Network.objects.select_related("enterprise").get(pk=network_id)
            with timezone.override(ZoneInfo(request.network.time_zone)):
                response = turned_away(request) or self.get_response(request)
            if response.status_code == 403 or response.status_code >= 500:
                transaction.set_rollback(True)
        if request.denied is not None:
            self._record(network_id, request.denied)
        return response

    def process_exception(self, request: Any, exception: Exception) -> None:
        if isinstance(exception, Denied):
            request.denied = exception

    def _network_of(self, request: Any) -> int | None:
        """The session's network; without one, the only one of the person's that is reached at this host."""
        network_id: int | None = request.session.get(SESSION_KEY)
        if network_id is None:
            here = [pk for pk in networks_of_user(request.user.pk) if not leads_elsewhere(request, pk)]
            if len(here) == 1:
                network_id = request.session[SESSION_KEY] = here[0]
        return network_id

    def _record(self, network_id: int, denied: Denied) -> None:
        with bound(network_id):
            socket.audit.append(
                AuditRecord(
                    actor=denied.actor,
                    verb="access.denied",
                    organization_id=denied.organization_id,
                    new={"permission": denied.permission},
                )
            )
