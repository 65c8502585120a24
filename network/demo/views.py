"""Saved views of the demo: how its administrator likes to see lists."""

from __future__ import annotations

from core.actors import UserActor
from people.actions.saved_view import ViewDetails, save_view

CLOSED_MONTH = "Result of the last closed month"

#: Of which list, its name, its query, and whether everybody may use it.
VIEWS = (
    ("organization-list", "Partners and what lies below", "kind=partner&columns=city&columns=below", True),
    ("organization-list", "Suspended", "status=suspended", False),
    (
        "report",
        CLOSED_MONTH,
        "kind=profit-and-loss&scope=consolidated&period=last_closed_month",
        True,
    ),
    (
        "report",
        "Prepaid proof of this quarter",
        "kind=prepaid-proof&scope=subtree&period=this_quarter",
        False,
    ),
    ("request-list", "Open requests", "status=open&sort=due_at", True),
)


def build_views(actor: UserActor) -> None:
    """Save them as the administrator would."""
    for list_name, name, query, is_shared in VIEWS:
        save_view(
            actor, None, list_name=list_name, query=query, details=ViewDetails(name, is_shared=is_shared)
        )
