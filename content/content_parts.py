"""What of content can be recreated in another Parent Account: what the parent organization has published."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from content.actions.item import Details, add_content, edit_content
from content.actions.version import change_draft, publish, start_draft
from content.models import ContentItem
from content.queries.item import draft_of, newest_bodies, newest_of
from content.rules.body import Body, items_of
from content.rules.kinds import PROGRAM, publishing_problems
from core.actors import Actor
from core.content_package import Item, Part, content_parts
from core.errors import Refused
from orgs.queries import tree

_KEY = "item "


def form_items() -> list[Item]:
    """The templates and questionnaires that the parent organization has published, with their newest version."""
    return _items(~Q(kind=PROGRAM))


def program_items() -> list[Item]:
    """The programs that the parent organization has published, with their newest version."""
    return _items(Q(kind=PROGRAM))


def _items(of_kind: Q) -> list[Item]:
    published = ContentItem.objects.filter(of_kind, organization=tree.root().pk, status="published")
    rows = list(published.order_by("code"))
    bodies = newest_bodies(row.pk for row in rows)
    return [
        Item(
            row.code,
            row.name,
            {
                "kind": row.kind,
                "description": row.description,
                "category": row.category,
                "overriding": row.overriding,
            }
            | _written(bodies[row.pk]),
        )
        for row in rows
    ]


def _written(body: Body) -> dict[str, Any]:
    """A body question by question, so that a comparison shows those that differ and no others."""
    items = items_of(body)
    return {"asks": [item["linkId"] for item in items]} | {_KEY + item["linkId"]: item for item in items}


def _read(data: dict[str, Any]) -> Body:
    return {"items": [data[_KEY + link_id] for link_id in data["asks"]]}


def form_problem(item: Item) -> str:
    if item.data["kind"] not in ContentItem.Kind.values:
        return f"There is no kind “{str(item.data['kind'])[:20]}”."
    there = ContentItem.objects.filter(organization=tree.root().pk, code=item.code).first()
    if there is not None and there.kind != item.data["kind"]:
        return f"{item.code} is a {there.get_kind_display().lower()} here."
    if there is not None and newest_of(there) and draft_of(there):
        return "There is a draft of it here. Publish or discard that first."
    wrong = publishing_problems(item.data["kind"], _read(item.data))
    return wrong[0].message if wrong else ""


def take_form(actor: Actor, item: Item) -> None:
    """Make it, or bring it to the package's state as a version of its own."""
    problem = form_problem(item)
    if problem:
        raise Refused("invalid", f"{item.name}: {problem}")
    root, body = tree.root(), _read(item.data)
    allows = item.data.get("overriding", "none")
    details = Details(item.name, item.data["description"], item.data["category"], allows)
    made = ContentItem.objects.filter(organization=root.pk, code=item.code).first()
    if made is None:
        made = add_content(actor, root, kind=item.data["kind"], code=item.code, details=details)
    else:
        made = edit_content(actor, made, details=details, version=made.version)
    newest = newest_of(made)
    if newest is not None and newest.body == body and made.status == "published":
        return
    draft = draft_of(made) or start_draft(actor, made)
    draft = change_draft(actor, draft, body=body, what="From a content package", version=draft.version)
    publish(actor, draft, note="From a content package.", version=draft.version)


content_parts.add("forms", Part("forms", "Templates and forms", 15, form_items, form_problem, take_form))
content_parts.add("programs", Part("programs", "Programs", 80, program_items, form_problem, take_form))
