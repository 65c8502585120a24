"""What the shell of every console page needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.access import allowed
from core.registries import navigation
from orgs.queries.branding import accent, console_name

HOME = "/console/"


def shell(request: Any) -> dict[str, Any]:
    """Navigation by area, only what the person may open; the network they work in."""
    network = getattr(request, "network", None)
    if network is None:
        return {}
    items = [
        (item, reverse(item.url_name))
        for item in sorted(navigation, key=lambda item: item.order)
        if allowed(request.actor, item.permission)
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
        "network": network,
        "enterprise": network.enterprise,
        "actor": request.actor,
    }
