"""The only place that writes what is said about content: add, edit, retire."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db.models import F

from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_EDIT, CONTENT_PUBLISH
from content.rules.kinds import PROGRAM
from core.actions import Act, action
from core.errors import Refused, Stale
from core.validators import refuse_unseen
from orgs.queries.organization import hold_standing
from orgs.rules.structure import THIRD_PARTY

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Details:
    """What is said about content besides what it asks."""

    name: str
    description: str = ""
    category: str = ""
    overriding: str = "none"


@action(CONTENT_EDIT, audit="content.added")
def add_content(
    act: Act, organization: Organization, *, kind: str, code: str, details: Details
) -> ContentItem:
    """Make an empty template, questionnaire or program of an organization, with its first draft.

    Who may: content:edit there. Refusals: a kind that isn't, a code that is taken or has spaces, a third party's.
    Audit: its values.
    """
    hold_standing(organization)
    if organization.kind == THIRD_PARTY or organization.status != "active":
        raise Refused(
            "not_permitted",
            f"{organization.name} has no content: choose an active organization that is no third party.",
            field="organization",
        )
    if kind not in ContentItem.Kind.values:
        raise Refused("invalid", f"There is no kind “{kind[:20]}”.", field="kind")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code):
        raise Refused(
            "invalid",
            f"“{code[:40]}” is no code: small letters, digits and dashes, such as intake-adults.",
            field="code",
        )
    if kind == PROGRAM and details.overriding != "none":
        raise Refused("invalid", "A program can’t be overridden below.", field="overriding")
    item = ContentItem.objects.create(
        organization_id=organization.pk, kind=kind, code=code, **asdict(_tidy(details))
    )
    ContentVersion.objects.create(item=item, number=1, body={"items": []})
    act.about(item)
    act.changed({}, {"kind": kind, "code": code} | asdict(details))
    return item


@action(CONTENT_EDIT, audit="content.edited")
def edit_content(act: Act, item: ContentItem, *, details: Details, version: int) -> ContentItem:
    """Change the name, description and category; what is asked changes by versions.

    Who may: content:edit at its organization. Refusals: changed in the meantime, no name. Audit: old and new values.
    """
    new = asdict(_tidy(details))
    if new["overriding"] != "none" and (item.overrides_id is not None or item.kind == PROGRAM):
        raise Refused(
            "not_permitted", "Only a form of one’s own can be overridden below.", field="overriding"
        )
    old = {key: getattr(item, key) for key in new}
    if not ContentItem.objects.filter(pk=item.pk, version=version).update(version=F("version") + 1, **new):
        raise Stale("content")
    act.changed(old, new)
    item.refresh_from_db()
    return item


@action(CONTENT_PUBLISH, audit="content.retired")
def retire_content(act: Act, item: ContentItem, *, reason: str, version: int) -> ContentItem:
    """Take published content out of use, here and wherever it is linked; what was filled stays.

    Who may: content:publish at its organization. Refusals: not published, no reason, changed in the meantime.
    Audit: the reason. Publishing another version brings it back.
    """
    if item.status != ContentItem.Status.PUBLISHED:
        raise Refused(
            "not_permitted", f"{item.name} is {item.status}; only what is published can be retired."
        )
    if not reason.strip():
        raise Refused("reason_missing", "Say why it is retired.", field="reason")
    changed = ContentItem.objects.filter(pk=item.pk, version=version)
    if not changed.update(version=F("version") + 1, status=ContentItem.Status.RETIRED):
        raise Stale("content")
    act.changed({"status": item.status}, {"status": "retired", "reason": reason.strip()[:500]})
    item.refresh_from_db()
    return item


def _tidy(details: Details) -> Details:
    name = " ".join(details.name.split())
    if not name:
        raise Refused("invalid", "The name is missing.", field="name")
    refuse_unseen("name", name)
    if details.overriding not in ContentItem.Overriding.values:
        raise Refused("invalid", "That can’t be allowed. Choose what is offered.", field="overriding")
    return Details(
        name[:200],
        details.description.strip()[:500],
        " ".join(details.category.split())[:80],
        details.overriding,
    )
