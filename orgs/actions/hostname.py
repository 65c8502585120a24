"""The only place that writes host names."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from core.actions import Act, action
from core.actors import SystemActor
from core.clock import now
from core.errors import Refused
from orgs.models import HostName
from orgs.permissions import HOSTNAME_EDIT
from orgs.rules.hostname import host_name, is_of_installation

MOST = 10


@action(HOSTNAME_EDIT, audit="hostname.requested")
def request_host_name(act: Act, network: None, *, name: str, face: str) -> HostName:
    """Ask for a host name of the network's own, for its console or its portal. It answers once it is confirmed.

    Refusals: what is no host name, the installation's own, one that was asked for before, too many. Audit: all values.
    """
    try:
        written = host_name(name)
    except ValueError as error:
        raise Refused("invalid", str(error), field="name") from None
    if is_of_installation(written, [*settings.ALLOWED_HOSTS, urlsplit(settings.BASE_URL).hostname or ""]):
        raise Refused("invalid", f"{written} is the installation's own; take a name of yours.", field="name")
    if HostName.objects.count() >= MOST:
        raise Refused(
            "too_many", f"A network has at most {MOST} host names; give one up first.", field="name"
        )
    made = HostName.objects.create(
        name=written, face=face, requested_by=act.actor.label[:200], requested_at=now()
    )
    act.about(made)
    act.changed({}, {"name": written, "face": face})
    return made


@action(HOSTNAME_EDIT, audit="hostname.confirmed")
def confirm_host_name(act: Act, host: HostName) -> HostName:
    """Let a host name answer: the name and its certificate lead here.

    Who may: an operator, by `manage.py hostnames`. Refusals: anybody else, a name that another network has.
    """
    if not isinstance(act.actor, SystemActor):
        raise Refused("not_permitted", "Host names are confirmed by an operator of the installation.")
    if host.confirmed_at is not None:
        raise Refused("not_permitted", f"{host.name} was confirmed already.")
    host.confirmed_by, host.confirmed_at = act.actor.label[:200], now()
    host.save(update_fields=["confirmed_by", "confirmed_at"])
    act.changed({}, {"name": host.name, "face": host.face})
    return host


@action(HOSTNAME_EDIT, audit="hostname.given_up")
def give_up_host_name(act: Act, host: HostName) -> None:
    """Take a host name back: from the next request on it answers to nobody. Audit: the old values."""
    act.changed({"name": host.name, "face": host.face}, {})
    act.about(None)
    host.delete()
