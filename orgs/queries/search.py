"""What the search palette finds among organizations and settings."""

from __future__ import annotations

from django.urls import reverse

from core.access import allowed
from core.actors import Actor
from core.registries import SearchHit
from core.settings import all_settings, matches
from orgs.permissions import SETTING_VIEW
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


def find_settings(actor: Actor, typed: str, limit: int) -> list[SearchHit]:
    """Settings by name, key or help, those named so first; for whoever may look at settings."""
    if not allowed(actor, SETTING_VIEW):
        return []
    word = typed.lower().split()[0]
    found = [setting for setting in all_settings() if matches(setting, typed)]
    found.sort(key=lambda setting: word not in setting.label.lower())
    return [
        SearchHit(
            setting.label, setting.group.label, reverse("setting-spread", args=[setting.key]), "shield-check"
        )
        for setting in found[:limit]
    ]
