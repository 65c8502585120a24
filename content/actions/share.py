"""The only place that writes where content is shared, and how copies follow their source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F

from content.actions.code import free_code
from content.actions.override import follow_shared
from content.models import ContentItem, ContentShare, ContentVersion
from content.permissions import CONTENT_PUBLISH, CONTENT_SHARE
from content.queries.item import draft_of, newest_of
from core import locale
from core.access import allowed, foresee
from core.actions import Act, action
from core.clock import now
from core.errors import Refused, Stale
from orgs.queries.organization import hold_standing
from orgs.rules.structure import THIRD_PARTY

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_AT_ONCE = 1000


@action(CONTENT_SHARE, audit="content.shared")
def share_content(
    act: Act, item: ContentItem, *, organizations: Sequence[Organization], mode: str, pinned: bool = False
) -> list[ContentShare]:
    """Share published content with organizations below its owner: linked, live or pinned to the newest version, or as
    a copy of their own.

    Who may: content:share at the owner and at every organization chosen. Refusals: not published, an override, nowhere
    chosen, a place that isn't below, isn't active, is a third party's or where it is shared already, a copy that is
    pinned. Audit: where and how.
    """
    if item.overrides_id is not None:
        raise Refused("not_permitted", "An override holds below by itself. Share the form that it changes.")
    source = newest_of(item)
    if source is None or item.status != ContentItem.Status.PUBLISHED:
        raise Refused("not_permitted", f"{item.name} is {item.status}. Publish it before you share it.")
    if not organizations:
        raise Refused("invalid", "Choose at least one organization.", field="organizations")
    if len(organizations) > MOST_AT_ONCE:
        raise Refused(
            "invalid", f"At most {locale.number(MOST_AT_ONCE)} organizations at once.", field="organizations"
        )
    if mode not in ContentShare.Mode.values:
        raise Refused("invalid", "It is either linked or copied.", field="mode")
    if pinned and mode != ContentShare.Mode.LINKED:
        raise Refused("invalid", "A copy stays as it is by itself; only a link is pinned.", field="mode")
    taken = set(
        ContentShare.objects.filter(item=item, ended_at__isnull=True).values_list(
            "organization_id", flat=True
        )
    )
    hold_standing(*organizations)
    foresee(act.actor, organizations)
    for place in organizations:
        _check_place(act, place, taken)
    made = [_share(act, item, source, place, mode, pinned=pinned) for place in organizations]
    follow_shared(act, item)
    said = {"mode": mode, "organizations": [place.code for place in organizations]}
    act.changed({}, said | ({"pinned": source.number} if pinned else {}))
    return made


def _check_place(act: Act, place: Organization, taken: set[int]) -> None:
    wrong = ""
    if not allowed(act.actor, CONTENT_SHARE, place):
        wrong = f"{place.name} isn’t yours to share with. Take it out."
    elif place.kind == THIRD_PARTY or place.status != "active":
        wrong = f"{place.name} fills no forms: it is a third party or not active. Take it out."
    elif place.pk in taken:
        wrong = f"It is shared with {place.name} already. Take it out."
    if wrong:
        raise Refused("not_permitted", wrong, field="organizations")


def _share(
    act: Act, item: ContentItem, source: ContentVersion, place: Organization, mode: str, *, pinned: bool
) -> ContentShare:
    copy = _copy(act, item, source, place) if mode == ContentShare.Mode.COPIED else None
    return ContentShare.objects.create(
        item=item,
        organization_id=place.pk,
        mode=mode,
        pinned=source if pinned else None,
        copy=copy,
        shared_at=now(),
        shared_by_id=act.actor.id,
        shared_by=act.actor.label[:200],
    )


def _copy(act: Act, item: ContentItem, source: ContentVersion, place: Organization) -> ContentItem:
    copy = ContentItem.objects.create(
        organization_id=place.pk,
        kind=item.kind,
        code=free_code(place.pk, item.code),
        name=item.name,
        description=item.description,
        category=item.category,
        status=ContentItem.Status.PUBLISHED,
        source=source,
    )
    _publish_as(act, copy, source, 1)
    return copy


def _publish_as(act: Act, copy: ContentItem, source: ContentVersion, number: int) -> None:
    ContentVersion.objects.create(
        item=copy,
        number=number,
        body=source.body,
        state=ContentVersion.State.PUBLISHED,
        note=f"As version {source.number} of {source.item.name}"[:500],
        published_at=now(),
        published_by_id=act.actor.id,
        published_by=act.actor.label[:200],
    )


@action(CONTENT_SHARE, audit="content.share_ended")
def end_share(act: Act, share: ContentShare) -> None:
    """Stop sharing with one organization: a link holds there and below no longer, a copy stays theirs.

    Who may: content:share at the owner. Refusals: ended already. Audit: where and how it was shared.
    """
    rows = ContentShare.objects.filter(pk=share.pk, ended_at__isnull=True)
    if not rows.update(ended_at=now(), ended_by=act.actor.label[:200]):
        raise Refused("not_permitted", "It isn’t shared there any more.")
    follow_shared(act, share.item)
    act.about(share.item)
    act.changed({"mode": share.mode, "organization": share.organization.code}, {"mode": None})


@action(CONTENT_SHARE, audit="content.pinned")
def pin_shares(
    act: Act, item: ContentItem, *, shares: Sequence[ContentShare], number: int | None
) -> list[ContentShare]:
    """Pin links of an item to one of its published versions, or let them follow the newest again (no number).

    Who may: content:share at the owner. Refusals: nothing chosen, a copy, a link that ended or is another item's, a
    version that isn't published. Audit: from which versions to which, by organization.
    """
    if not shares:
        raise Refused("invalid", "Tick the organizations first.")
    version = None
    if number is not None:
        version = ContentVersion.objects.filter(item=item, number=number, state="published").first()
        if version is None:
            raise Refused("invalid", f"{item.name} has no published version {number}. Choose another.")
    there = ContentShare.objects.filter(item=item, mode="linked", ended_at__isnull=True)
    rows = list(there.filter(pk__in=[one.pk for one in shares]).select_related("organization", "pinned"))
    if len(rows) != len({one.pk for one in shares}):
        raise Refused("not_permitted", "Some of them aren’t linked any more. Reload the page.")
    there.filter(pk__in=[one.pk for one in rows]).update(pinned=version)
    follow_shared(act, item)
    act.changed(
        {one.organization.code: one.pinned.number if one.pinned else "live" for one in rows},
        {one.organization.code: number or "live" for one in rows},
    )
    return rows


@action(CONTENT_PUBLISH, audit="content.copy_updated")
def update_copy(act: Act, copy: ContentItem, *, number: int) -> ContentItem:
    """Publish the newest version of its source as a copy's next one; changes of its own are not in it.

    Who may: content:publish at the copy's organization. `number` is the source's version that the person saw.
    Refusals: no copy, nothing newer, a draft under way, a newer version since it was seen. Audit: old and new version.
    """
    newest = _newer(copy, number)
    if draft_of(copy) is not None:
        raise Refused("not_permitted", f"{copy.organization.name} has a draft. Publish or discard it first.")
    own = newest_of(copy)
    _publish_as(act, copy, newest, own.number + 1 if own else 1)
    act.changed({"source": copy.source and copy.source.number}, {"source": newest.number})
    ContentItem.objects.filter(pk=copy.pk).update(
        source=newest, kept_number=None, status=ContentItem.Status.PUBLISHED, version=F("version") + 1
    )
    copy.refresh_from_db()
    return copy


@action(CONTENT_PUBLISH, audit="content.copy_kept")
def keep_copy(act: Act, copy: ContentItem, *, number: int) -> ContentItem:
    """Keep a copy as it is although its source is newer; it asks again with the next version.

    Who may: content:publish at the copy's organization. `number` and refusals: as of `update_copy`. Audit: up to where.
    """
    newest = _newer(copy, number)
    act.changed({"kept": copy.kept_number}, {"kept": newest.number})
    ContentItem.objects.filter(pk=copy.pk).update(kept_number=newest.number, version=F("version") + 1)
    copy.refresh_from_db()
    return copy


def _newer(copy: ContentItem, number: int) -> ContentVersion:
    if copy.source is None:
        raise Refused("not_permitted", f"{copy.name} is no copy.")
    newest = newest_of(copy.source.item)
    if newest is None or newest.number <= copy.source.number:
        raise Refused("not_permitted", f"{copy.organization.name} has the newest version already.")
    if newest.number != number:
        raise Stale("content")
    return newest
