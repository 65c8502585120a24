"""The only place that writes overrides: begin one, and lay those there are over what is used now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from content.actions.code import free_code
from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_EDIT
from content.queries.item import draft_of, linked_version, newest_of
from content.rules.kinds import PROGRAM
from content.rules.overlay import NOTHING, in_words, laid_over, overlay_of
from core.actions import Act, action
from core.clock import now
from core.errors import Refused

if TYPE_CHECKING:
    from orgs.models import Organization


@action(CONTENT_EDIT, audit="content.override_begun")
def begin_override(act: Act, organization: Organization, *, item: ContentItem) -> ContentItem:
    """Begin an organization's override of a form that is linked to it, as a draft that asks the same so far.

    Who may: content:edit there. Refusals: a program, the owner doesn't allow it, it isn't linked there, there is one
    already. Audit: of which form.
    """
    base = linked_version(item, organization)
    if base is None or item.status != ContentItem.Status.PUBLISHED:
        raise Refused(
            "not_permitted", f"{item.name} isn’t linked to {organization.name}.", field="organization"
        )
    if item.kind == PROGRAM or item.overriding == ContentItem.Overriding.NONE:
        raise Refused("not_permitted", f"{item.organization.name} allows no changes of {item.name}.")
    if ContentItem.objects.filter(overrides=item, organization=organization.pk).exists():
        raise Refused(
            "duplicate",
            f"{organization.name} has an override of it. Open that one; a new draft brings it back.",
            field="organization",
        )
    override = ContentItem.objects.create(
        organization_id=organization.pk,
        kind=item.kind,
        code=free_code(organization.pk, item.code),
        name=item.name,
        description=item.description,
        category=item.category,
        overrides=item,
        overlay=NOTHING,
    )
    ContentVersion.objects.create(item=override, number=1, body=base.body, base=base)
    act.about(override)
    act.changed({}, {"overrides": item.code, "owner": item.organization.code, "version": base.number})
    return override


def follow_shared(act: Act, item: ContentItem) -> None:
    """Lay the overrides of an item over the version that each organization uses now, where that is another than before.

    It is a consequence of the act under way, as with every link: nobody below has to agree. What doesn't fit is named
    on the override's page; drafts are brought along.
    """
    for override in ContentItem.objects.filter(overrides=item).select_related("organization", "overrides"):
        base = linked_version(item, override.organization)
        draft, newest = draft_of(override), newest_of(override)
        if base is None:
            continue
        if draft is not None and draft.base_id != base.pk:
            _bring_along(act, override, draft, newest, base)
        elif newest is not None and newest.base_id != base.pk:
            _publish_over(act, override, newest, base)


def _bring_along(
    act: Act,
    override: ContentItem,
    draft: ContentVersion,
    newest: ContentVersion | None,
    base: ContentVersion,
) -> None:
    """Publish what is used anew, and begin the draft again behind it."""
    assert draft.base is not None
    body = laid_over(base.body, overlay_of(draft.base.body, draft.body)).body
    ContentVersion.objects.filter(pk=draft.pk).delete()
    number = draft.number
    if newest is not None:
        _publish_over(act, override, newest, base)
        number += 1
    ContentVersion.objects.create(item=override, number=number, body=body, base=base)


def _publish_over(act: Act, override: ContentItem, newest: ContentVersion, base: ContentVersion) -> None:
    if override.status != ContentItem.Status.PUBLISHED:
        return
    overlay = override.overlay or NOTHING
    ContentVersion.objects.create(
        item=override,
        number=newest.number + 1,
        body=laid_over(base.body, overlay).body,
        base=base,
        state=ContentVersion.State.PUBLISHED,
        note=f"As version {base.number} of {base.item.organization.name}, with {in_words(overlay)}"[:500],
        published_at=now(),
        published_by_id=act.actor.id,
        published_by=act.actor.label[:200],
    )
