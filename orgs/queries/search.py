"""What the search palette finds among organizations and settings."""

from __future__ import annotations

import re

from django.urls import reverse

from core.access import allowed
from core.actors import Actor
from core.registries import SearchHit
from core.settings import all_settings
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
    """Settings of which every typed word starts a word of name or key, for whoever may look at settings.

    Not of their help: half of what people are called stands in there.
    """
    if not allowed(actor, SETTING_VIEW):
        return []
    found = [
        setting
        for setting in all_settings()
        if all(
            any(
                word.startswith(start)
                for word in re.findall(r"[^\W_]+", f"{setting.label} {setting.key}".lower())
            )
            for start in typed.lower().split()
        )
    ]
    return [
        SearchHit(
            setting.label, setting.group.label, reverse("setting-spread", args=[setting.key]), "shield-check"
        )
        for setting in found[:limit]
    ]
