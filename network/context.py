"""What the shell of every console page needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.access import allowed
from core.actors import Actor
from core.modules import on_somewhere
from core.registries import NavItem, navigation
from orgs.queries.branding import accent, console_name
from orgs.queries.logo import logos

HOME = "/console/"


def _switched_on(actor: Actor, items: list[NavItem]) -> list[NavItem]:
    """Entries in their order, without those whose module is off wherever the person may open it; one query at most."""
    on = on_somewhere(actor, [(item.permission, item.module) for item in items if item.module])
    answers = iter(on)
    kept = [item for item in items if not item.module or next(answers)]
    return sorted(kept, key=lambda item: item.order)


def shell(request: Any) -> dict[str, Any]:
    """Navigation by area, only what the person may open; the network they work in."""
    network = getattr(request, "network", None)
    if network is None:
        return {}
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
        "nav": [{"title": title, "items": items} for title, items in sections.items()],
        "accent": accent(),
        "console_name": console_name(),
        "logo": logos(),
        "network": network,
        "enterprise": network.enterprise,
        "actor": request.actor,
    }
