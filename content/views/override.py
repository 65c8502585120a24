"""Overrides: begin one at an organization, and what one page says of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from content.actions.override import begin_override
from content.forms.content import OverrideForm
from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_EDIT
from content.queries.item import draft_of, linked_version, newest_of
from content.rules.overlay import NOTHING, in_words, laid_over
from content.views.parts import ItemForm


class OverrideBegin(ItemForm):
    """Begin an organization's override of a form that is linked to it; afterwards its builder."""

    permission = CONTENT_EDIT
    title = "Override"
    submit_label = "Override and build"
    success = "A draft that asks the same so far. Add your own questions here, then publish it."

    def permission_target(self) -> None:
        """Anywhere: the form offers only where one may."""

    def record_version(self) -> None:
        """None: it overwrites nothing."""

    def get_form(self, data: Any = None, files: Any = None) -> OverrideForm:
        return OverrideForm(self.actor, self.subject, data)

    def get_context(self) -> dict[str, Any]:
        item = self.subject
        text = ""
        if item.overriding == ContentItem.Overriding.NONE:
            text = f"{item.organization.name} allows no changes of it."
        elif not self.get_form().places.exists():
            text = "It is linked to none of your organizations, or they have an override already."
        return super().get_context() | {
            "blockers": [{"text": text}] if text else [],
            "consequences": [
                "Once published, it is filled there and below in place of the shared form.",
                "New versions of the shared form reach it by themselves; your changes stay on top.",
            ],
        }

    def perform(self, form: Any) -> ContentItem:
        return begin_override(self.actor, form.cleaned_data["organization"], item=self.subject)

    def success_url(self, result: ContentItem) -> str:
        draft = draft_of(result)
        assert draft is not None
        return reverse("content-build", args=[draft.pk])


def provenance_of(override: ContentItem) -> dict[str, Any]:
    """Where an override comes from, what it changes, what of that doesn't fit, and whether it is used."""
    newest = newest_of(override)
    version: ContentVersion | None = newest or draft_of(override)
    assert version is not None
    assert version.base is not None
    assert override.overrides is not None
    overlay, linked = override.overlay or NOTHING, linked_version(override.overrides, override.organization)
    return {
        "shared": override.overrides,
        "number": version.base.number,
        "changes": in_words(overlay) or "no changes so far",
        "misfits": laid_over(version.base.body, overlay).misfits,
        "linked": linked is not None,
        "newer": linked.number if linked and linked.pk != version.base_id else None,
    }
