"""What the search palette finds among organizations."""

from __future__ import annotations

from django.urls import reverse

from core.actors import Actor
from core.registries import SearchHit
from orgs.queries.organization import search_organizations, visible_organizations

ICONS = {"parent": "building-2", "sub": "hospital", "partner": "handshake", "third_party": "flask-conical"}


def find_organizations(actor: Actor, typed: str, limit: int) -> list[SearchHit]:
    """Organizations that the actor may see, by name, code or city."""
    rows = search_organizations(visible_organizations(actor), typed).order_by("name", "pk")[:limit]
    return [
        SearchHit(
            one.name,
            f"{one.code} · {one.get_kind_display()}",
            reverse("organization", args=[one.pk]),
            ICONS[one.kind],
        )
        for one in rows
    ]
