"""The builder of forms and programs: a draft's items, what can be done with them, and how they will look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property

from content.actions import version as actions
from content.forms.content import PublishForm
from content.forms.item import ItemForm, RewordForm
from content.forms.step import StepForm
from content.models import ContentVersion
from content.permissions import CONTENT_EDIT, CONTENT_PUBLISH
from content.queries.item import newest_of
from content.queries.references import what_keeps_from_publishing
from content.rules import edit
from content.rules.body import (
    LONGEST_TEXT,
    OPERATORS,
    Body,
    Item,
    fresh_link_id,
    item_of,
    items_of,
    section_of,
)
from content.rules.difference import differences
from content.rules.kinds import PROGRAM, types_of
from content.rules.overlay import laid_over, overlay_of
from content.rules.program import TYPES as PROGRAM_TYPES
from content.rules.program import in_words
from content.views.override import provenance_of
from content.views.parts import CRUMB, DraftForm, DraftSubject
from content.views.preview import ICONS, preview_of
from core.errors import Refused, Stale


class BuilderPage(DraftSubject, abstract=True):
    """The items of a draft beside what the person who uses it will see."""

    def show(self, note: str = "", *, status: int = 200) -> HttpResponse:
        draft = self.subject
        body, types = draft.body, types_of(draft.item.kind)
        publish = {
            "label": "Publish",
            "url": reverse("content-publish", args=[draft.pk]),
            "icon": "send",
            "style": "primary",
        }
        context = {
            "note": note,
            "preview_url": self.builder_url(),
            "title": draft.item.name,
            "status": "draft",
            "status_label": f"Draft of version {draft.number}",
            "description": "Build it on the left; on the right it looks as it will to who uses it.",
            "crumbs": self.crumbs(),
            "draft": draft,
            "override": draft.item,
            "provenance": provenance_of(draft.item) if draft.base else None,
            "hidden": self._hidden(),
            "lines": [_line(body, types, number, self.shared()) for number in range(len(items_of(body)))],
            "adapts": self.adapts(),
            "types": [{"kind": kind, "label": label, "icon": ICONS[kind]} for kind, label in types.items()],
            "first_hint": (
                "Add the first phase below. It holds what follows it, up to the next phase."
                if draft.item.kind == PROGRAM
                else "Add the first one below. A section holds what follows it, up to the next section."
            ),
            "actions": [*self._import(), *([publish] if self.may(CONTENT_PUBLISH, draft) else [])],
        }
        context |= preview_of(draft.item, body, self.request.GET)
        return self.page("content/builder.html", context, status=status)

    def _import(self) -> list[dict[str, Any]]:
        draft = self.subject
        if draft.item.kind == PROGRAM or draft.base is not None:
            return []
        url = reverse("content-fhir-import", args=[draft.pk])
        return [{"label": "Import FHIR", "url": url, "icon": "upload", "style": "", "dialog": True}]

    def _hidden(self) -> list[Item]:
        """The shared items that an override's draft doesn't ask."""
        base = self.subject.base
        return (
            [one for one in items_of(base.body) if not item_of(self.subject.body, one["linkId"])]
            if base
            else []
        )


class Builder(BuilderPage):
    """The builder."""

    permission = CONTENT_EDIT

    def get(self, request: Any, pk: int) -> HttpResponse:
        return self.show()


def _line(body: dict[str, Any], types: dict[str, str], number: int, shared: set[str]) -> dict[str, Any]:
    """One item as the list of the builder shows it."""
    items = items_of(body)
    item = items[number]
    joined = " or " if item.get("enableBehavior") == "any" else " and "
    return {
        "item": item,
        "label": types[item["type"]],
        "when": in_words(item) if types is PROGRAM_TYPES else "",
        "icon": ICONS[item["type"]],
        "shared": item["linkId"] in shared,
        "yours": bool(shared) and item["linkId"] not in shared,
        "first": number == 0,
        "last": number == len(items) - 1,
        "shown_when": joined.join(_in_words(body, one) for one in item.get("enableWhen", [])),
    }


def _in_words(body: dict[str, Any], condition: dict[str, str]) -> str:
    asked = item_of(body, condition["question"])
    words = f"“{asked['text'] if asked else ''}” {OPERATORS[condition['operator']]}"
    return words if condition["operator"] == "exists" else f"{words} {condition['answer']}"


class BuilderChange(BuilderPage):
    """A button of the builder: move, duplicate, remove, undo."""

    permission = CONTENT_EDIT

    def post(self, request: Any, pk: int) -> HttpResponse:
        if request.POST.get("_version") != str(self.subject.version):
            return self.show(Stale("draft").message, status=409)
        word, _, rest = request.POST.get("do", "").partition(":")
        done = "Undone." if word == "undo" else "Changed."
        return self.act(lambda: self._do(word, rest), success=done, url=self.builder_url())

    def _do(self, word: str, rest: str) -> Any:
        version = self.subject.version
        if word == "undo":
            return actions.undo_change(self.actor, self.subject, version=version)
        link_id, _, place = rest.partition(":")
        body = self.subject.body
        if word == "show" and link_id in self.shared():
            return self._show_again(link_id)
        item = item_of(body, link_id)
        if item is None:
            raise Refused("invalid", "That item is gone. Reload the page.")
        at = edit.place_of(body, link_id)
        if word in ("up", "down"):
            made = edit.moved(body, link_id, at + (1 if word == "down" else -1))
        elif word == "to" and place.isascii() and place.isdigit() and len(place) < 5:
            made = edit.moved(body, link_id, int(place))
        elif word == "twin":
            made = edit.duplicated(body, link_id)
        elif word == "remove":
            made = self._without(body, item)
        else:
            raise Refused("invalid", "There is no such button. Reload the page.")
        what = f"{word}: {item['text']}"
        return actions.change_draft(self.actor, self.subject, body=made, what=what, version=version)

    def _without(self, body: Body, item: Item) -> Body:
        """Without an item; a shared section is hidden with what it holds."""
        sections = section_of(items_of(body))
        held = [key for key, section in sections.items() if section == item]
        for link_id in (held if item["linkId"] in self.shared() else [], [item["linkId"]]):
            for one in link_id:
                body = edit.removed(body, one)
        return body

    def _show_again(self, link_id: str) -> Any:
        """A hidden item where the shared form has it."""
        draft = self.subject
        assert draft.base is not None
        overlay = overlay_of(draft.base.body, draft.body)
        text = overlay["hidden"].pop(link_id, "")
        body = laid_over(draft.base.body, overlay).body
        return actions.change_draft(self.actor, draft, body=body, what=f"show: {text}", version=draft.version)


class ItemDialog(DraftForm, abstract=True):
    """The form of one item, as wide as its conditions need."""

    form_class = ItemForm

    def item_form(self, kind: str, before: list[Item], data: Any, *, item: Item | None = None) -> forms.Form:
        draft = self.subject
        if item is not None and item["linkId"] in self.shared():
            return RewordForm(item, data)
        if draft.item.kind == PROGRAM:
            return StepForm(kind, draft.body, draft.item.organization_id, data, item=item)
        return ItemForm(kind, draft.body, before, data, item=item)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"dialog_wide": True}


class ItemAdd(ItemDialog):
    """Add an item of a type at the end, or behind another (`?after=`)."""

    permission = CONTENT_EDIT
    submit_label = "Add"
    success = "Added."

    def get_subject(self) -> ContentVersion:
        draft = super().get_subject()
        if self.kwargs["kind"] not in types_of(draft.item.kind):
            raise Http404("There is no such type of item.")
        return draft

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Add: {types_of(self.subject.item.kind)[self.kwargs['kind']]}"

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        items = items_of(self.subject.body)
        after = self._after()
        before = items[: edit.place_of(self.subject.body, after) + 1] if after else items
        return self.item_form(self.kwargs["kind"], before, data)

    def _adds_first(self) -> bool:
        """Whether an override has no items of its own yet: they begin with a section."""
        return all(item["linkId"] in self.shared() for item in items_of(self.subject.body))

    def _after(self) -> str:
        after = self.request.GET.get("after", "")
        return after if item_of(self.subject.body, after) else ""

    def perform(self, form: Any) -> ContentVersion:
        item = form.made()
        body = self.subject.body
        if self.subject.base and item["type"] != "group" and self._adds_first():
            section = {
                "type": "group",
                "text": f"Asked by {self.subject.item.organization.name}"[:LONGEST_TEXT],
            }
            body = edit.added(body, {"linkId": fresh_link_id(body, section["text"])} | section)
        body = edit.added(body, item, after=self._after())
        return actions.change_draft(
            self.actor,
            self.subject,
            body=body,
            what=f"add: {item['text']}",
            version=self.subject.version,
            about=item["linkId"],
        )


class ItemEdit(ItemDialog):
    """Edit one item of a draft."""

    permission = CONTENT_EDIT
    submit_label = "Save"
    item: Item

    def get_subject(self) -> ContentVersion:
        draft = super().get_subject()
        item = item_of(draft.body, self.kwargs["link_id"])
        if item is None:
            raise Http404("There is no such item in this draft.")
        self.item = item
        return draft

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Edit: {types_of(self.subject.item.kind)[self.item['type']]}"

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        items = items_of(self.subject.body)
        before = items[: edit.place_of(self.subject.body, self.item["linkId"])]
        return self.item_form(self.item["type"], before, data, item=self.item)

    def perform(self, form: Any) -> ContentVersion:
        item = form.made()
        return actions.change_draft(
            self.actor,
            self.subject,
            body=edit.replaced(self.subject.body, item["linkId"], item),
            what=f"edit: {item['text']}",
            version=self.subject.version,
            about=item["linkId"],
        )


class Discard(DraftForm):
    """Throw a draft away; with it what was never published."""

    permission = CONTENT_EDIT
    form_class = forms.Form
    title = "Discard this draft"
    submit_label = "Discard"
    success = "The draft was discarded."

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"consequences": [self._what_stays()], "danger": True}

    @cached_property
    def is_all(self) -> bool:
        """Whether nothing was ever published, so that nothing is left."""
        return newest_of(self.subject.item) is None

    def _what_stays(self) -> str:
        item = self.subject.item
        if not self.is_all:
            return "What was built since the last version is gone. The published versions stay as they are."
        if item.overrides is None:
            return "It was never published, so all of it is gone."
        owner = item.overrides.organization.name
        return f"The override is gone. {item.organization.name} goes on filling the form of {owner}."

    def perform(self, form: Any) -> None:
        discard = actions.discard_content if self.is_all else actions.discard_draft
        discard(self.actor, self.subject, version=self.subject.version)

    def success_url(self, result: None) -> str:
        item = self.subject.item
        if not self.is_all:
            return reverse("content", args=[item.pk])
        return reverse("content", args=[item.overrides_id]) if item.overrides_id else CRUMB["url"]


class Publish(DraftForm):
    """Publish a draft, beside what it changes."""

    permission = CONTENT_PUBLISH
    template = "content/publish.html"
    form_class = PublishForm
    title = "Publish"
    submit_label = "Publish"

    def get_context(self) -> dict[str, Any]:
        draft = self.subject
        published = newest_of(draft.item)
        return super().get_context() | {
            "blockers": [{"text": one.message} for one in what_keeps_from_publishing(draft)],
            "published": published,
            "differences": differences(published.body, draft.body) if published else [],
            "consequences": [
                "From now on this version is what is used, here and wherever it is linked.",
                "It never changes again; what was filled before keeps its version.",
            ],
        }

    def perform(self, form: Any) -> ContentVersion:
        return actions.publish(
            self.actor, self.subject, note=form.cleaned_data["note"], version=self.subject.version
        )

    def success_url(self, result: ContentVersion) -> str:
        return reverse("content", args=[result.item_id])

    def success_message(self, result: ContentVersion) -> str:
        return f"Version {result.number} is published."
