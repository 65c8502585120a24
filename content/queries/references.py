"""What programs refer to: forms that their owner fills, and services of the network."""

from __future__ import annotations

from collections.abc import Sequence

from content.models import ContentItem, ContentVersion
from content.queries.available import Available, available_at
from content.rules.body import Body, Problem, items_of
from content.rules.kinds import PROGRAM, publishing_problems
from core.registries import service_names


def forms_at(organization_id: int) -> dict[str, Available]:
    """By code, the forms that an organization fills; its own before one of the same code from above."""
    rows = available_at(organization_id)
    own = {one.code: one for one in rows if one.owner_id == organization_id}
    return {one.code: one for one in rows} | own


def services_named(codes: Sequence[str]) -> dict[str, str]:
    """By code, the names of the services that are offered."""
    return {code: name for names in service_names for code, name in names(codes).items()}


def codes_in(body: Body, kind: str, key: str) -> list[str]:
    return [item[key] for item in items_of(body) if item["type"] == kind and item.get(key)]


def what_keeps_from_publishing(draft: ContentVersion) -> list[Problem]:
    """What is wrong with a draft's body, and what it refers to and isn't there."""
    wrong = publishing_problems(draft.item.kind, draft.body)
    return wrong or _dangling(draft.item, draft.body)


def _dangling(item: ContentItem, body: Body) -> list[Problem]:
    if item.kind != PROGRAM:
        return []
    forms, services = forms_at(item.organization_id), services_named(codes_in(body, "service", "service"))
    found = []
    for one in items_of(body):
        if one["type"] == "form" and one["content"] not in forms:
            says = (
                f"{item.organization.name} fills no form “{one['content']}”. Publish or share it there first."
            )
            found.append(Problem(one["linkId"], "content", f"{one['text']}: {says}"))
        if one["type"] == "service" and one["service"] not in services:
            says = f"there is no service “{one['service']}”. Choose another, or add it to the catalog."
            found.append(Problem(one["linkId"], "service", f"{one['text']}: {says}"))
    return found
