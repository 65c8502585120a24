"""Parts of the pages of organizations, as the components want them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.access import allowed
from core.actors import UserActor
from orgs.models import Organization
from orgs.permissions import ORGANIZATION_MOVE
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.queries.organization import visible_organizations
from orgs.rules.structure import THIRD_PARTY

BRANCHES = 200


def branch(actor: UserActor, above: Organization, level: int) -> list[dict[str, Any]]:
    """What lies directly below an organization, for components/tree_nodes.html.

    Of more than nobody reads through, the first, and a last node that leads to all of them in the table.
    """
    found = list(tree.visible_children(actor, above)[: BRANCHES + 1])
    shown = with_moves(actor, nodes(found[:BRANCHES], level))
    if len(found) > BRANCHES:
        shown.append(
            {
                "id": f"more-{above.pk}",
                "label": f"All below {above.name}",
                "url": f"{reverse('organization-list')}?{urlencode({'under': above.code})}",
                "icon": "ellipsis",
                "level": level,
            }
        )
    return shown


def nodes(organizations: Iterable[Organization], level: int) -> list[dict[str, Any]]:
    """Organizations as nodes of the tree; what is below each is fetched when it is unfolded."""
    url, children_url = _address("organization"), _address("organization-branch")
    return [
        {
            "id": node.id,
            "label": node.name,
            "url": url(node.id),
            "kind": node.kind,
            "level": level,
            "has_children": node.has_children,
            "children_url": children_url(node.id),
            "count": node.below_count,
            "is_leaf": node.kind == THIRD_PARTY or node.status == Organization.Status.ARCHIVED,
            "faded": node.status != Organization.Status.ACTIVE,
        }
        for node in organizations
    ]


def with_moves(actor: UserActor, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same nodes; those that the actor may move say where the dialog for it is. One query, none for most people."""
    if allowed(actor, ORGANIZATION_MOVE):
        ids, url = [node["id"] for node in shown], _address("organization-move")
        places = organizations_for(actor, ORGANIZATION_MOVE).filter(pk__in=ids, parent__isnull=False)
        movable = set(places.values_list("pk", flat=True))
        for node in shown:
            if node["id"] in movable:
                node["move_url"] = url(node["id"])
    return shown


def _address(route: str) -> Callable[[int], str]:
    """The address of a route by id, looked up once for the hundreds of nodes of a tree."""
    pattern = reverse(route, args=[0])
    return lambda pk: pattern.replace("/0/", f"/{pk}/", 1)


def top_of_tree(actor: UserActor) -> list[dict[str, Any]]:
    """The topmost organizations one may see; where there is but one, unfolded."""
    roots = tree.visible_roots(actor)
    shown = with_moves(actor, nodes(roots, 1))
    if len(roots) == 1 and shown[0]["has_children"]:
        shown[0] |= {"children": branch(actor, roots[0], 2), "expanded": True}
    return shown


def crumbs_to(actor: UserActor, organization: Organization) -> list[dict[str, str]]:
    """The path above an organization, as far as one may see it."""
    visible = visible_organizations(actor).filter(
        tree_id=organization.tree_id, lft__lt=organization.lft, rght__gt=organization.rght
    )
    start = {"label": "Organizations", "url": reverse("organization-list")}
    return [
        start,
        *(
            {"label": node.name, "url": reverse("organization", args=[node.pk])}
            for node in visible.order_by("lft")
        ),
    ]


def add_button(under: Organization) -> dict[str, Any]:
    url = reverse("organization-add", args=[under.pk])
    return {"label": "Add organization", "url": url, "icon": "plus", "style": "primary", "dialog": True}


def buttons(organization: Organization, may: dict[str, bool]) -> list[dict[str, Any]]:
    """What one may do with an organization, in the order of how often it is done."""
    active = organization.status == Organization.Status.ACTIVE
    wanted = [
        (may["suspend"] and active, "Suspend", "organization-suspend", "circle-pause", ""),
        (may["suspend"] and not active, "Reactivate", "organization-reactivate", "circle-play", ""),
        (
            may["suspend"] and organization.status != "archived",
            "Archive",
            "organization-archive",
            "archive",
            "",
        ),
        (may["leave"], "Leave the network", "organization-leave", "door-open", ""),
        (may["move"], "Move", "organization-move", "folder-tree", ""),
        (may["edit"], "Edit", "organization-edit", "pencil", ""),
        (may["add"], "Add below", "organization-add", "plus", "primary"),
    ]
    return [
        {
            "label": label,
            "url": reverse(name, args=[organization.pk]),
            "icon": icon,
            "style": style,
            "dialog": name != "organization-leave",  # a page of its own
        }
        for shown, label, name, icon, style in wanted
        if shown
    ]


def facts(organization: Organization) -> list[dict[str, Any]]:
    """The details of an organization, what is unknown left out."""
    place = ", ".join(
        part
        for part in (
            organization.address,
            organization.city,
            organization.state,
            organization.postal_code,
            organization.country,
        )
        if part
    )
    pairs = [
        ("Kind", organization.get_kind_display()),
        ("Code", organization.code),
        ("Books in", organization.currency if organization.keeps_books else "No books"),
        ("Time zone", organization.time_zone),
        ("Phone", organization.phone),
        ("E-mail", organization.email),
        ("Address", place),
    ]
    return [{"label": label, "value": value} for label, value in pairs if value]
