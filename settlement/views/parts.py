"""What several pages of settlement have."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.files import check_size
from settlement.actions.dispute import Said

_LABELS = {
    "claim-list": "Reconciliation",
    "dispute-list": "Disputes",
    "reconciliation-list": "Statements matched",
}


def crumbs(route: str) -> list[dict[str, str]]:
    return [{"label": _LABELS[route], "url": reverse(route)}]


def said_of(data: dict[str, Any]) -> Said:
    """What a form says, with its file; raises `Refused` when that is too large."""
    file = data.get("file")
    if not file:
        return Said(data["text"])
    check_size(file.name, file.size, field="file")
    return Said(data["text"], file.name, file.read())
