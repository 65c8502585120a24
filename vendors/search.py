"""What the search palette finds here: vendors by name, requests by number."""

from __future__ import annotations

from django.urls import reverse

from core.actors import Actor
from core.registries import SearchHit
from vendors.queries.request import requests_for, search_requests
from vendors.queries.vendor import search_vendors, visible_vendors

MIN_NUMBER = 4


def find_vendors(actor: Actor, typed: str, limit: int) -> list[SearchHit]:
    """Vendors of which every typed word starts a word of name or code."""
    rows = search_vendors(visible_vendors(actor), typed).order_by("name", "pk")[:limit]
    return [
        SearchHit(row.name, row.get_kind_display(), reverse("vendor", args=[row.pk]), "flask-conical")
        for row in rows
    ]


def find_requests(actor: Actor, typed: str, limit: int) -> list[SearchHit]:
    """Requests whose number starts as typed; a word that can't be a number finds nothing."""
    if len(typed.strip()) < MIN_NUMBER:
        return []
    rows = search_requests(requests_for(actor), typed).select_related("vendor").order_by("-id")[:limit]
    return [
        SearchHit(
            row.number,
            f"{row.service_name} · {row.vendor.name}",
            reverse("request", args=[row.pk]),
            "clipboard-list",
        )
        for row in rows
    ]
