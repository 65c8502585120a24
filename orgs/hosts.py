"""Which network a request's host name is for: known before anybody is, and the same for the whole request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port, validate_host
from django.urls import reverse

from orgs.queries.hostname import Face, face_at
from orgs.rules.hostname import address_at

_AT_BOTH = ("/logos/", "/dev/mail/")


@dataclass(frozen=True)
class OwnHost:
    """The network that a request's host name belongs to, the face that answers there, and its address."""

    network_id: int
    face: str
    address: str


class HostMiddleware:
    """Lets the confirmed host names of networks in; every other name but the installation's is answered 400.

    `request.own_host` is None at the installation's own names, where every network is reached. At a network's console
    there is no portal, at its portal no console. First of all, since whoever asks for the host must find it let in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.own_host = _own_host(request)
        request.base_url = request.own_host.address if request.own_host else settings.BASE_URL
        response = self.get_response(request)
        if request.own_host and "Strict-Transport-Security" in response.headers:
            # The domain is the network's: other names below it, and browsers' preload lists, are not ours to decide.
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        own = request.own_host
        if own is None or request.path.startswith(_AT_BOTH):
            return None
        if own.face == Face.PORTAL and request.path == "/":
            return HttpResponseRedirect(reverse("portal"))
        if (own.face == Face.PORTAL) != request.path.startswith("/portal/"):
            raise Http404("This host name has no such page.")
        return None


def leads_elsewhere(request: Any, network_id: int | None) -> bool:
    """Did the request come to the own host name of another network than this (None: than any)?"""
    return request.own_host is not None and request.own_host.network_id != network_id


def _own_host(request: Any) -> OwnHost | None:
    """None for the installation's own names, and for names that nobody knows: Django refuses those by itself."""
    name, port = split_domain_port(request.META.get("HTTP_HOST", ""))
    installation = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    if not name or validate_host(name, installation):
        return None
    found = face_at(name)
    if found is None:
        return None
    host = f"{name}:{port}" if port else name
    request.get_host = lambda: host  # let in by the database instead of ALLOWED_HOSTS
    return OwnHost(*found, address_at(name, settings.BASE_URL))
