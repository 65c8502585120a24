"""The base of every page about one template, questionnaire or program."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_VIEW
from content.queries.item import drafts_for, items_for, versions_for, with_state
from content.rules.body import items_of
from core.views.base import ConsoleView, found
from core.views.form import FormPage

CRUMB = {"label": "Content", "url": "/console/content/"}


class ItemSubject(ConsoleView, abstract=True):
    """A page about one item among those the actor sees. Seeing is settled by finding; the rest is asked of its owner."""

    subject: ContentItem

    def get_subject(self) -> ContentItem:
        rows = with_state(items_for(self.actor))
        return found(rows, pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def permission_target(self) -> Any:
        return None if self.permission == CONTENT_VIEW else self.subject


class ItemForm(ItemSubject, FormPage, abstract=True):
    """A form about one item; afterwards its page."""

    def get_context(self) -> dict[str, Any]:
        here = reverse("content", args=[self.subject.pk])
        crumbs = [CRUMB, {"label": self.subject.name, "url": here}]
        return {"description": self.subject.name, "crumbs": crumbs, "cancel_url": here}

    def success_url(self, result: Any) -> str:
        return reverse("content", args=[self.subject.pk])


class VersionSubject(ConsoleView, abstract=True):
    """A page about one version among those the actor sees. Finding it has settled that one sees it."""

    subject: ContentVersion

    def get_subject(self) -> ContentVersion:
        return found(versions_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def permission_target(self) -> None:
        """Anywhere: seeing is settled."""


class DraftSubject(ConsoleView, abstract=True):
    """A page about one draft among those the actor sees."""

    subject: ContentVersion

    def get_subject(self) -> ContentVersion:
        return found(drafts_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def shared(self) -> set[str]:
        """Of an override's draft, the items that are the shared form's; nothing of other drafts."""
        base = self.subject.base
        return {item["linkId"] for item in items_of(base.body)} if base else set()

    def adapts(self) -> bool:
        """Whether the shared items may be hidden and reworded; they are one's own without an override."""
        shared = self.subject.item.overrides
        return shared is None or shared.overriding == ContentItem.Overriding.ADAPT

    def builder_url(self) -> str:
        return reverse("content-build", args=[self.subject.pk])

    def crumbs(self) -> list[dict[str, str]]:
        item = self.subject.item
        return [CRUMB, {"label": item.name, "url": reverse("content", args=[item.pk])}]


class DraftForm(DraftSubject, FormPage, abstract=True):
    """A form about one draft; afterwards the builder."""

    def get_context(self) -> dict[str, Any]:
        crumbs = [*self.crumbs(), {"label": "Builder", "url": self.builder_url()}]
        return {"description": self.subject.item.name, "crumbs": crumbs, "cancel_url": self.builder_url()}

    def success_url(self, result: Any) -> str:
        return self.builder_url()
