"""What the shell of every console page needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.access import allowed
from core.actors import Actor
from core.models import Network
from core.modules import on_somewhere
from core.registries import NavItem, navigation
from core.tenancy import bound
from orgs.queries.branding import accent, console_name, portal_name
from orgs.queries.hostname import Face
from orgs.queries.logo import logos
from orgs.queries.tree import root

HOME = "/console/"


def _switched_on(actor: Actor, items: list[NavItem]) -> list[NavItem]:
    """Entries in their order, without those whose module is off wherever the person may open it; one query at most."""
    on = on_somewhere(actor, [(item.permission, item.module) for item in items if item.module])
    answers = iter(on)
    kept = [item for item in items if not item.module or next(answers)]
    return sorted(kept, key=lambda item: item.order)


def _brand(request: Any) -> dict[str, Any]:
    """Before anybody is known, how the network looks whose host name the request came to.

    The portal's pages say it themselves once a contact is known: their database role reads no settings.
    """
    own = getattr(request, "own_host", None)
    if own is None or getattr(request, "portal", None) is not None:
        return {}
    with bound(own.network_id):
        network = Network.objects.get(pk=own.network_id)
        name = portal_name(root(), network.name) if own.face == Face.PORTAL else console_name()
        return {"brand": {"name": name or network.name, "logo": logos()}, "accent": accent()}


def shell(request: Any) -> dict[str, Any]:
    """Navigation by area, only what the person may open; the network they work in, or whose host name they came to."""
    network = getattr(request, "network", None)
    if network is None:
        return _brand(request)
    items = [
        (item, reverse(item.url_name))
        for item in _switched_on(
            request.actor, [item for item in navigation if allowed(request.actor, item.permission)]
        )
    ]
    # The longest address that the page lies under is where one is; the overview only at its own.
    current = max(
        (url for _, url in items if request.path.startswith(url) and (url != HOME or request.path == url)),
        key=len,
        default="",
    )
    sections: dict[str, list[dict[str, Any]]] = {}
    for item, url in items:
        entry = {"label": item.label, "icon": item.icon, "url": url, "current": url == current}
        sections.setdefault(item.section, []).append(entry)
    return {
        "brand": {"name": console_name() or network.name, "logo": logos()} if request.own_host else None,
        "nav": [{"title": title, "items": items} for title, items in sections.items()],
        "accent": accent(),
        "console_name": console_name(),
        "logo": logos(),
        "network": network,
        "enterprise": network.enterprise,
        "actor": request.actor,
    }
