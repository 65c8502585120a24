"""The checklist that a new Parent Account starts with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A step: what, why, days after opening when it is due, and how success is measured."""

    title: str
    help: str
    due_after: int
    metric: str
    target: str


STEPS = (
    Step(
        "Appoint the administrators",
        "Two at least, so that nobody is locked out.",
        3,
        "Administrators who signed in",
        "2",
    ),
    Step(
        "Set the branding",
        "Name, colour, sender and portal name in the settings.",
        7,
        "Settings of branding set",
        "4",
    ),
    Step(
        "Decide the sign-in policy",
        "Second factor, methods and length of sessions.",
        7,
        "People with a second factor",
        "100 %",
    ),
    Step(
        "Build the tree",
        "Subs, partners and third parties, by hand or by import.",
        14,
        "Organizations",
        "as planned",
    ),
    Step(
        "Bring the content",
        "Services, packages, rules and settings, by hand or as a package.",
        21,
        "Services with a price",
        "as planned",
    ),
    Step(
        "Invite the staff",
        "Roles for every place, with an end where it is known.",
        21,
        "Invitations accepted",
        "90 %",
    ),
    Step(
        "Set up integrations",
        "Credentials, webhooks and the Bridge belong to this Parent Account alone.",
        28,
        "Integrations live",
        "as planned",
    ),
    Step("Go live", "First sale, first order, first closed month.", 45, "Sales in the first week", "10"),
)
