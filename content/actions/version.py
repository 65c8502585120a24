"""The only place that writes versions: draft, change, undo, discard, publish."""

from __future__ import annotations

from django.db.models import F

from content.actions.override import follow_shared
from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_EDIT, CONTENT_PUBLISH
from content.queries.item import draft_of, linked_version, newest_of
from content.queries.references import what_keeps_from_publishing
from content.rules.body import Body, Problem, items_of
from content.rules.edit import KEPT
from content.rules.kinds import problems_of
from content.rules.overlay import NOTHING, laid_over, overlay_of, overlay_problems
from core.actions import Act, action
from core.clock import now
from core.errors import Refused, Stale


@action(CONTENT_EDIT, audit="content.drafted")
def start_draft(act: Act, item: ContentItem) -> ContentVersion:
    """Start the next version as a draft, from the newest published one; of an override, from what is shared now.

    Who may: content:edit at its organization. Refusals: there is a draft already; of an override: it isn't linked any
    more, or its owner allows no changes any more. Audit: its number.
    """
    if draft_of(item) is not None:
        raise Refused("duplicate", "There is a draft already. Edit that one, or discard it.")
    newest = newest_of(item)
    number = newest.number + 1 if newest else 1
    body = newest.body if newest else {"items": []}
    base = None
    if item.overrides is not None:
        _require_overriding(item.overrides)
        base = linked_version(item.overrides, item.organization)
        if base is None:
            raise Refused("not_permitted", f"{item.name} isn’t linked to {item.organization.name} any more.")
        body = laid_over(base.body, item.overlay or NOTHING).body
    act.changed({}, {"number": number})
    return ContentVersion.objects.create(item=item, number=number, body=body, base=base)


@action(CONTENT_EDIT, audit="content.changed")
def change_draft(
    act: Act, draft: ContentVersion, *, body: Body, what: str, version: int, about: str = ""
) -> ContentVersion:
    """Give a draft another body; the former one is kept for undoing, the last 20.

    Who may: content:edit at its organization. Refusals: published, changed in the meantime, whatever is wrong with
    the body; of an override: more than its owner allows. Audit: `what` was done.
    """
    wrong = problems_of(draft.item.kind, body) or _beyond_overriding(draft, body)
    if wrong:
        texts = {item.get("linkId"): item.get("text") for item in items_of(body)}
        first = wrong[0]
        named = f"{texts[first.link_id]}: " if texts.get(first.link_id) and first.link_id != about else ""
        raise Refused("invalid", f"{named}{first.message}", field=first.field)
    history = [*draft.history, draft.body][-KEPT:]
    _write(draft, version, body=body, history=history)
    act.changed({"items": len(items_of(draft.body))}, {"what": what[:300], "items": len(items_of(body))})
    draft.refresh_from_db()
    return draft


@action(CONTENT_EDIT, audit="content.change_undone")
def undo_change(act: Act, draft: ContentVersion, *, version: int) -> ContentVersion:
    """Give a draft back the body it had before its last change.

    Who may: content:edit at its organization. Refusals: nothing to undo, changed in the meantime. Audit: it happened.
    """
    if not draft.history:
        raise Refused("not_permitted", "There is nothing to undo.")
    _write(draft, version, body=draft.history[-1], history=draft.history[:-1])
    act.changed({"items": len(items_of(draft.body))}, {"items": len(items_of(draft.history[-1]))})
    draft.refresh_from_db()
    return draft


@action(CONTENT_EDIT, audit="content.draft_discarded")
def discard_draft(act: Act, draft: ContentVersion, *, version: int) -> None:
    """Throw a draft away; the published versions stay.

    Who may: content:edit at its organization. Refusals: nothing was ever published (`discard_content` takes that whole),
    changed in the meantime. Audit: its number.
    """
    if newest_of(draft.item) is None:
        raise Refused("not_permitted", f"{draft.item.name} was never published: nothing would be left of it.")
    _remove(draft, version)
    act.about(draft.item)
    act.changed({"number": draft.number}, {"number": None})


@action(CONTENT_EDIT, audit="content.discarded")
def discard_content(act: Act, draft: ContentVersion, *, version: int) -> None:
    """Throw away what was never published, with its draft: nobody filled it, and an override's organization goes on
    filling the shared form.

    Who may: content:edit at its organization. Refusals: it was published, changed in the meantime. Audit: what it was.
    """
    item = draft.item
    if newest_of(item) is not None:
        raise Refused("not_permitted", f"{item.name} was published. Only its draft can be discarded.")
    _remove(draft, version)
    ContentItem.objects.filter(pk=item.pk).delete()
    act.about(item)
    shared = item.overrides
    was = {"code": item.code, "name": item.name, "items": len(items_of(draft.body))}
    act.changed(was | ({"overrides": shared.code} if shared else {}), {})


@action(CONTENT_PUBLISH, audit="content.published")
def publish(act: Act, draft: ContentVersion, *, note: str, version: int) -> ContentVersion:
    """Publish a draft: from now on it is what is filled, here and wherever the item is linked. It never changes again.

    Who may: content:publish at its organization. Refusals: no note, whatever is wrong with the body, nothing asked or
    due, a form or service that a program refers to and that isn't there, changed in the meantime. Audit: number and note.
    """
    if not note.strip():
        raise Refused("invalid", "Say what is new, for those who fill it.", field="note")
    wrong = what_keeps_from_publishing(draft) or _beyond_overriding(draft, draft.body)
    if wrong:
        raise Refused("invalid", wrong[0].message)
    _write(
        draft,
        version,
        history=[],
        state=ContentVersion.State.PUBLISHED,
        note=note.strip()[:500],
        published_at=now(),
        published_by_id=act.actor.id,
        published_by=act.actor.label[:200],
    )
    item = ContentItem.objects.filter(pk=draft.item_id)
    item.update(status=ContentItem.Status.PUBLISHED, version=F("version") + 1)
    if draft.base is not None:
        item.update(overlay=overlay_of(draft.base.body, draft.body))
    follow_shared(act, draft.item)
    act.changed({}, {"number": draft.number, "note": note.strip()[:500]})
    draft.refresh_from_db()
    return draft


def _require_overriding(shared: ContentItem) -> None:
    if shared.overriding == ContentItem.Overriding.NONE:
        raise Refused(
            "not_permitted", f"{shared.organization.name} allows no changes of {shared.name} any more."
        )


def _beyond_overriding(draft: ContentVersion, body: Body) -> list[Problem]:
    """What of an override's body its owner doesn't allow; nothing of other content."""
    shared = draft.item.overrides
    if shared is None or draft.base is None:
        return []
    _require_overriding(shared)
    adapts = shared.overriding == ContentItem.Overriding.ADAPT
    return overlay_problems(draft.base.body, body, adapts=adapts)


def _remove(draft: ContentVersion, version: int) -> None:
    if not ContentVersion.objects.filter(pk=draft.pk, version=version, state="draft").delete()[0]:
        raise Stale("version")


def _write(draft: ContentVersion, version: int, **values: object) -> None:
    rows = ContentVersion.objects.filter(pk=draft.pk, version=version, state="draft")
    if not rows.update(version=F("version") + 1, **values):
        raise Stale("version")
