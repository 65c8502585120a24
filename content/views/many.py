"""One act on several chosen templates and questionnaires."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.db.models import QuerySet

from content.actions.item import retire_content
from content.actions.share import MOST_AT_ONCE, share_content
from content.actions.version import publish
from content.forms.content import PublishForm, ReasonForm, ShareManyForm
from content.models import ContentItem, ContentShare, ContentVersion
from content.permissions import CONTENT_PUBLISH, CONTENT_SHARE
from content.queries.item import drafts_for, items_for, shares_for, still_without
from content.rules.body import publishing_problems
from core import locale
from core.views.bulk import SHOWN, BulkPage

if TYPE_CHECKING:
    from django.http import HttpResponse

    from orgs.models import Organization

NAMED = 3


class ManyItems(BulkPage, abstract=True):
    """Several templates and questionnaires."""

    permission = CONTENT_PUBLISH
    nouns = ("template or questionnaire", "templates and questionnaires")
    list_route = "content-list"

    def get_rows(self) -> QuerySet[ContentItem]:
        return items_for(self.actor).select_related("organization").order_by("name", "pk")

    def name_of(self, record: ContentItem) -> str:
        return f"{record.name} of {record.organization.name}"


def reached(pairs: Iterable[tuple[Organization, ContentItem]]) -> dict[str, Any]:
    """For the preview: by organization in tree order, which items it would receive or lose."""
    items: dict[Organization, list[str]] = {}
    for place, item in sorted(pairs, key=lambda pair: (pair[0].lft, pair[1].name, pair[1].pk)):
        items.setdefault(place, []).append(item.name)
    rows = [
        (place.name, ", ".join(names[:NAMED]), max(0, len(names) - NAMED)) for place, names in items.items()
    ]
    return {"reached": rows[:SHOWN], "reached_count": len(rows), "more_reached": max(0, len(rows) - SHOWN)}


class ContentsShare(ManyItems):
    """Share several with organizations below their owners; who receives what is seen before it is confirmed."""

    permission = CONTENT_SHARE
    template = "content/many_reached.html"
    title = "Share content"
    submit_label = "Share"
    done = "shared"
    #: By item, where it would be shared; nothing before that was chosen.
    going: dict[int, list[Organization]] | None = None
    mode = ""

    def get_form(self, data: Any = None, files: Any = None) -> ShareManyForm:
        return ShareManyForm(self.actor, data)

    def why_not(self, record: ContentItem) -> str:
        if record.overrides_id is not None:
            return "is an override: it holds below by itself"
        if record.status != ContentItem.Status.PUBLISHED:
            return f"is {record.get_status_display().lower()}"
        if self.going is not None and not self.going[record.pk]:
            return "is shared with all of them already, or stands above none of them"
        return ""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST)
        if form.is_valid():
            self.going = still_without(self.found, form.chosen())
            self.mode = form.cleaned_data["mode"]
            if sum(map(len, self.going.values())) > MOST_AT_ONCE:
                form.add_error(
                    "organizations",
                    f"That is more than {locale.number(MOST_AT_ONCE)} shares. Choose fewer organizations.",
                )
                return self.show(form, status=422)
            is_current = request.POST.get("_version") == str(self.record_version())
            if is_current and request.POST.get("_seen") != self.fingerprint():
                return self.show(form)
        return super().post(request, *args, **kwargs)

    def record_version(self) -> int:
        """Of all that was chosen: where it goes is in the preview's fingerprint."""
        return crc32(",".join(f"{one.pk}:{one.version}" for one in self.found).encode())

    def fingerprint(self) -> str:
        """Says which preview somebody has seen: another one has another."""
        assert self.going is not None
        pairs = ((pk, [place.pk for place in places]) for pk, places in self.going.items())
        return sha256(f"{self.mode} {sorted(pairs)}".encode()).hexdigest()[:32]

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        if self.going is None:
            return context | {"submit_label": "Who would receive what?"}
        pairs = [(place, item) for item in self.taking_part for place in self.going[item.pk]]
        note = (
            "It becomes theirs, and they may change it."
            if self.mode == ContentShare.Mode.COPIED
            else "And so does what is below them."
        )
        verbs = ("receives content", "receive content")
        seen = self.fingerprint()
        return context | reached(pairs) | {"seen": seen, "reached_verbs": verbs, "reached_note": note}

    def do(self, record: ContentItem, form: Any) -> list[ContentShare]:
        assert self.going is not None
        return share_content(self.actor, record, organizations=self.going[record.pk], **form.how())


class ContentsPublish(ManyItems):
    """Publish the drafts of several, with one note on what is new."""

    permission = CONTENT_PUBLISH
    form_class = PublishForm
    title = "Publish drafts"
    submit_label = "Publish"
    done = "published"
    effects = (
        "The drafts are what is filled from now on, here and wherever they are linked. They never change again.",
    )

    @cached_property
    def drafts(self) -> dict[int, ContentVersion]:
        """By item."""
        rows = drafts_for(self.actor).filter(item__in=[one.pk for one in self.found])
        return {draft.item_id: draft for draft in rows}

    def why_not(self, record: ContentItem) -> str:
        draft = self.drafts.get(record.pk)
        if draft is None:
            return "has no draft"
        wrong = publishing_problems(draft.body)
        return f"can’t be published yet: {wrong[0].message}" if wrong else ""

    def version_of(self, record: ContentItem) -> int:
        return self.drafts[record.pk].version

    def do(self, record: ContentItem, form: Any) -> ContentVersion:
        draft = self.drafts[record.pk]
        return publish(self.actor, draft, note=form.cleaned_data["note"], version=draft.version)


class ContentsRetire(ManyItems):
    """Take several out of use."""

    permission = CONTENT_PUBLISH
    form_class = ReasonForm
    template = "content/many_reached.html"
    title = "Retire content"
    submit_label = "Retire"
    done = "retired"
    effects = (
        "Nobody fills them any more, here or where they are linked.",
        "What was filled stays as it is. Copies stay in use.",
    )

    def why_not(self, record: ContentItem) -> str:
        return (
            ""
            if record.status == ContentItem.Status.PUBLISHED
            else f"is {record.get_status_display().lower()}"
        )

    def get_context(self) -> dict[str, Any]:
        shares = shares_for(self.actor).filter(item__in=[one.pk for one in self.taking_part], mode="linked")
        verbs = ("loses what is linked to it", "lose what is linked to them")
        note = "And so does what is below them, unless it has it otherwise."
        return (
            super().get_context()
            | reached((share.organization, share.item) for share in shares)
            | {"reached_verbs": verbs, "reached_note": note}
        )

    def do(self, record: ContentItem, form: Any) -> ContentItem:
        reason = form.cleaned_data["reason"]
        return retire_content(self.actor, record, reason=reason, version=record.version)
