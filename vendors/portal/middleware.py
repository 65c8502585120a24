"""Binding a portal request: network and vendor from the portal's own cookie, then the portal's database role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.access import Denied
from core.ports import AuditRecord, socket
from core.tenancy import bound
from orgs.hosts import leads_elsewhere
from vendors.actions.contact import secret_hash
from vendors.models import PortalSession
from vendors.portal.role import as_contact
from vendors.portal.session import COOKIE, PortalVisit
from vendors.queries.portal import live_session, network_of_session


class PortalMiddleware:
    """Runs the portal's pages as caretree_portal, inside one transaction bound to network, vendor and contact.

    Staff sessions mean nothing here: whoever is signed in to the console is a stranger to the portal. A request
    that ends in 403 or a fault is rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.path.startswith("/portal/"):
            return self.get_response(request)
        request.user = AnonymousUser()
        request.__dict__.pop("_messages", None)  # the console's messages are not for the portal
        request.portal = None
        request.denied = None
        token_sha256 = self._token_of(request)
        network_id = network_of_session(token_sha256) if token_sha256 else None
        if network_id is None or leads_elsewhere(request, network_id):
            return self.get_response(request)
        with bound(network_id):
            session = live_session(token_sha256)
            if session is None:
                return self.get_response(request)
            request.portal = PortalVisit.of(session)
            return self._answer(request, request.portal)

    def process_exception(self, request: Any, exception: Exception) -> None:
        if isinstance(exception, Denied) and request.path.startswith("/portal/"):
            request.denied = exception

    def _token_of(self, request: Any) -> str:
        """The hash of the cookie; the pages of a link need none and are bound by their own view."""
        token = request.COOKIES.get(COOKIE, "")
        return secret_hash(token) if token and not request.path.startswith("/portal/link/") else ""

    def _answer(self, request: Any, visit: PortalVisit) -> HttpResponse:
        """The page as the portal role; then, still in the same transaction, what only the web role can do."""
        vendor = visit.contact.vendor
        with transaction.atomic():
            with as_contact(visit.contact), timezone.override(ZoneInfo(vendor.time_zone)):
                PortalSession.objects.filter(pk=visit.session_id).update(seen_at=Now())
                response = self.get_response(request)
                failed = response.status_code == 403 or response.status_code >= 500
                transaction.set_rollback(failed)
            for follow_up in () if failed else visit.follow_ups:
                follow_up()
        if request.denied is not None:
            with as_contact(visit.contact):
                self._record(request.denied)
        return response

    def _record(self, denied: Denied) -> None:
        socket.audit.append(
            AuditRecord(
                actor=denied.actor,
                verb="access.denied",
                organization_id=denied.organization_id,
                new={"permission": denied.permission},
            )
        )
