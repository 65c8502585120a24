"""One act on several chosen templates and questionnaires."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from content.actions.item import retire_content
from content.actions.version import publish
from content.forms.content import PublishForm, ReasonForm
from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_PUBLISH
from content.queries.item import drafts_for, items_for
from content.rules.body import publishing_problems
from core.views.bulk import BulkPage


class ManyItems(BulkPage, abstract=True):
    """Several templates and questionnaires."""

    permission = CONTENT_PUBLISH
    nouns = ("template or questionnaire", "templates and questionnaires")
    list_route = "content-list"

    def get_rows(self) -> QuerySet[ContentItem]:
        return items_for(self.actor).select_related("organization").order_by("name", "pk")

    def name_of(self, record: ContentItem) -> str:
        return f"{record.name} of {record.organization.name}"


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

    def do(self, record: ContentItem, form: Any) -> ContentItem:
        reason = form.cleaned_data["reason"]
        return retire_content(self.actor, record, reason=reason, version=record.version)
