"""Pages of content: list, page, add, edit, retire, a version as it is filled."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from content.actions import item as actions
from content.actions.version import start_draft
from content.forms.content import AddForm, DetailsForm, ReasonForm
from content.models import ContentItem, ContentVersion
from content.permissions import CONTENT_EDIT, CONTENT_PUBLISH, CONTENT_SHARE, CONTENT_VIEW
from content.queries.item import (
    copies_of,
    draft_of,
    items_for,
    newest_of,
    overrides_of,
    shares_of,
    versions_of,
    with_state,
)
from content.rules.kinds import PROGRAM
from content.tables.item import ContentFilter, ContentTable
from content.views.override import provenance_of
from content.views.parts import CRUMB, ItemForm, ItemSubject, VersionSubject
from content.views.preview import preview_of
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage

SHOWN = 100


class ContentList(ListPage):
    """Every template, questionnaire and program that one sees."""

    permission = CONTENT_VIEW
    title = "Content"
    table_class = ContentTable
    filter_class = ContentFilter

    def get_rows(self) -> QuerySet[ContentItem]:
        return with_state(items_for(self.actor))

    def bulk_actions(self) -> list[BulkAction]:
        wanted = (
            (CONTENT_PUBLISH, "Publish drafts", "send", "content-publish-many"),
            (CONTENT_SHARE, "Share", "share-2", "content-share-many"),
            (CONTENT_PUBLISH, "Retire", "archive", "content-retire-many"),
        )
        return [BulkAction(label, icon, reverse(name)) for may, label, icon, name in wanted if self.may(may)]

    def get_context(self) -> dict[str, Any]:
        add = {"label": "Add content", "url": reverse("content-add"), "icon": "plus", "style": "primary"}
        return {
            "description": "Charting templates, questionnaires and programs: built once, shared with the organizations below.",
            "actions": [add] if self.may(CONTENT_EDIT) else [],
        }


class ContentPage(ItemSubject):
    """One item: its versions, where it is shared, and how its copies drift."""

    permission = CONTENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        item = self.subject
        owns = self.may(CONTENT_VIEW, item)
        draft = draft_of(item) if owns else None
        versions = versions_of(item) if owns else versions_of(item).filter(state="published")
        drifts = [copy.drift for copy in copies_of(self.actor, item)]  # type: ignore[attr-defined]
        context = {
            "title": item.name,
            "status": item.status,
            "status_label": item.get_status_display(),
            "description": f"{item.get_kind_display()} of {item.organization.name} · {item.code}",
            "crumbs": [CRUMB],
            "item": item,
            "draft": draft,
            "versions": [(version, *version.standing(item.newest)) for version in versions[:SHOWN]],  # type: ignore[attr-defined]
            "shares": list(shares_of(item)[:SHOWN]) if owns else [],
            "owns": owns,
            "provenance": provenance_of(item) if item.overrides else None,
            "overrides": overrides_of(item).count() if owns else 0,
            "may_share": self.may(CONTENT_SHARE, item),
            "behind": drifts.count("behind"),
            "copies": len(drifts),
            "actions": [*self._fhir(), *self._buttons(draft)],
            "may_draft": draft is None and self.may(CONTENT_EDIT, item),
        }
        return self.page("content/item.html", context)

    def _fhir(self) -> list[dict[str, Any]]:
        newest = newest_of(self.subject)
        return [fhir_button(newest)] if newest and self.subject.kind != PROGRAM else []

    def _buttons(self, draft: ContentVersion | None) -> list[dict[str, Any]]:
        item = self.subject
        wanted = [
            (
                CONTENT_PUBLISH,
                "Return to the shared form" if item.overrides_id else "Retire",
                "content-retire",
                "archive",
                "",
                True,
                item.status == "published",
                item.pk,
            ),
            (CONTENT_EDIT, "Edit details", "content-edit", "pencil", "", True, True, item.pk),
            (
                CONTENT_SHARE,
                "Share",
                "content-share",
                "share-2",
                "",
                False,
                item.status == "published" and not item.overrides_id,
                item.pk,
            ),
            (
                CONTENT_EDIT,
                "Open the draft",
                "content-build",
                "hammer",
                "primary",
                False,
                draft is not None,
                draft and draft.pk,
            ),
        ]
        override = {"label": "Override", "url": reverse("content-override", args=[item.pk]), "icon": "layers"}
        allowed = item.overriding != ContentItem.Overriding.NONE and item.status == "published"
        return ([override | {"dialog": True}] if allowed and self.may(CONTENT_EDIT) else []) + [
            {
                "label": label,
                "url": reverse(name, args=[pk]),
                "icon": icon,
                "style": style,
                "dialog": dialog,
            }
            for permission, label, name, icon, style, dialog, sensible, pk in wanted
            if sensible and self.may(permission, item)
        ]


class ContentAdd(FormPage):
    """A new template, questionnaire or program; afterwards the builder."""

    permission = CONTENT_EDIT
    form_class = AddForm
    title = "Add content"
    submit_label = "Add and build"
    success = "Added. Build it here, then publish it."

    def get_form(self, data: Any = None, files: Any = None) -> AddForm:
        return AddForm(self.actor, data)

    def get_context(self) -> dict[str, Any]:
        return {"crumbs": [CRUMB], "cancel_url": CRUMB["url"]}

    def perform(self, form: Any) -> ContentItem:
        data = form.cleaned_data
        return actions.add_content(
            self.actor,
            data["organization"],
            kind=data["kind"],
            code=data["code"],
            details=form.details(),
        )

    def success_url(self, result: ContentItem) -> str:
        draft = draft_of(result)
        assert draft is not None
        return reverse("content-build", args=[draft.pk])


class ContentEdit(ItemForm):
    """Change what is said about an item."""

    permission = CONTENT_EDIT
    form_class = DetailsForm
    title = "Edit details"

    def get_form(self, data: Any = None, files: Any = None) -> DetailsForm:
        form = DetailsForm(data, initial=self.get_initial())
        if self.subject.overrides_id or self.subject.kind == PROGRAM:  # neither is overridden below
            del form.fields["overriding"]
        return form

    def get_initial(self) -> dict[str, Any]:
        return {
            name: getattr(self.subject, name) for name in ("name", "category", "description", "overriding")
        }

    def perform(self, form: Any) -> ContentItem:
        return actions.edit_content(
            self.actor, self.subject, details=form.details(), version=self.subject.version
        )


class ContentRetire(ItemForm):
    """Take an item out of use."""

    permission = CONTENT_PUBLISH
    form_class = ReasonForm
    success = "Retired. Publishing another version brings it back."

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Return to the shared form" if self.subject.overrides_id else "Retire"

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        return self.title

    def get_context(self) -> dict[str, Any]:
        consequences = [
            "Nobody uses it any more, here or where it is linked.",
            "What was filled stays as it is. Copies stay in use.",
        ]
        if self.subject.overrides_id:
            consequences[0] = "The shared form is filled there and below again."
            consequences[1] = "What was filled stays as it is. A new draft brings the override back."
        return super().get_context() | {"danger": True, "consequences": consequences}

    def perform(self, form: Any) -> ContentItem:
        return actions.retire_content(
            self.actor, self.subject, reason=form.cleaned_data["reason"], version=self.subject.version
        )


class ContentDraft(ItemSubject):
    """Start the next version and open the builder."""

    permission = CONTENT_EDIT

    def post(self, request: Any, pk: int) -> HttpResponse:
        made: list[ContentVersion] = []

        def perform() -> None:
            made.append(start_draft(self.actor, self.subject))

        here = reverse("content", args=[pk])
        answer = self.act(perform, success="The next version is a draft. Change it here.", url=here)
        if made:
            answer.headers["Location"] = reverse("content-build", args=[made[0].pk])
        return answer


def fhir_button(version: ContentVersion) -> dict[str, Any]:
    url = reverse("content-fhir", args=[version.pk])
    return {"label": "FHIR Questionnaire", "url": url, "icon": "download", "style": ""}


class ContentPreview(VersionSubject):
    """A version as it is used: typed answers show what applies and what it scores, and are kept nowhere."""

    permission = CONTENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        item = self.subject.item
        newest = newest_of(item)
        status, label = self.subject.standing(newest.number if newest else None)
        context = {
            "title": f"{item.name}, version {self.subject.number}",
            "description": self.subject.note or "A draft.",
            "status": status,
            "status_label": label,
            "crumbs": [CRUMB, {"label": item.name, "url": reverse("content", args=[item.pk])}],
            "actions": [] if item.kind == PROGRAM else [fhir_button(self.subject)],
        } | preview_of(item, self.subject.body, request.GET)
        return self.page("content/preview.html", context)
