"""Where content is shared, and how copies follow their source."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from content.actions import share as actions
from content.forms.content import ShareForm
from content.models import ContentItem, ContentShare
from content.permissions import CONTENT_PUBLISH, CONTENT_SHARE, CONTENT_VIEW
from content.queries.item import copies_of, newest_bodies, newest_of, shares_for
from content.rules.difference import differences
from content.views.parts import CRUMB, ItemForm, ItemSubject
from core.errors import Refused
from core.views.base import found
from core.views.form import FormPage
from orgs.queries.access import organizations_for


class Share(ItemForm):
    """Share an item with organizations below its owner."""

    permission = CONTENT_SHARE
    title = "Share"
    submit_label = "Share"

    def record_version(self) -> None:
        """None: sharing overwrites nothing."""

    def get_form(self, data: Any = None, files: Any = None) -> ShareForm:
        return ShareForm(self.actor, self.subject, data)

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        if self.subject.status != ContentItem.Status.PUBLISHED:
            return context | {"blockers": [{"text": "Publish it before you share it."}]}
        if not self.get_form().places.exists():
            text = (
                "No organization is left to share it with: none of yours stands below the owner without it."
            )
            return context | {"blockers": [{"text": text}]}
        return context

    def perform(self, form: Any) -> list[ContentShare]:
        return actions.share_content(
            self.actor, self.subject, organizations=form.chosen(), mode=form.cleaned_data["mode"]
        )

    def success_message(self, result: list[ContentShare]) -> str:
        return f"Shared with {len(result)} organization{'s' if len(result) != 1 else ''}."


class ShareEnd(FormPage):
    """Stop sharing with one organization."""

    permission = CONTENT_SHARE
    subject: ContentShare
    title = "Stop sharing"
    submit_label = "Stop sharing"

    def get_subject(self) -> ContentShare:
        return found(shares_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        share = self.subject
        linked = [
            f"{share.organization.name} and what is below it can use it no longer, unless they have it otherwise.",
            "What was filled stays as it is.",
        ]
        copied = ["The copy stays theirs. It still shows how it drifts."]
        return {
            "description": f"{share.item.name}, with {share.organization.name}",
            "consequences": linked if share.mode == ContentShare.Mode.LINKED else copied,
            "crumbs": [CRUMB, {"label": share.item.name, "url": self.success_url(None)}],
            "cancel_url": self.success_url(None),
            "danger": True,
        }

    def perform(self, form: Any) -> None:
        actions.end_share(self.actor, self.subject)

    def success_url(self, result: Any) -> str:
        return reverse("content", args=[self.subject.item_id])

    def success_message(self, result: None) -> str:
        return f"It isn’t shared with {self.subject.organization.name} any more."


class Drift(ItemSubject):
    """The copies of an item, how each differs from the newest version, and bringing them up to it or keeping them."""

    permission = CONTENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        item = self.subject
        newest = newest_of(item)
        copies = list(copies_of(self.actor, item))
        bodies = newest_bodies(copy.pk for copy in copies)
        ours = organizations_for(self.actor, CONTENT_PUBLISH)
        places = set(ours.filter(pk__in=[one.organization_id for one in copies]).values_list("pk", flat=True))
        rows = [
            {
                "copy": copy,
                "differences": differences(bodies[copy.pk], newest.body) if newest else [],
                "may": copy.drift != "" and copy.organization_id in places,  # type: ignore[attr-defined]
            }
            for copy in copies
            if copy.pk in bodies
        ]
        here = reverse("content", args=[pk])
        context = {
            "title": "Copies",
            "description": f"{item.name}: how each copy differs from version {newest.number if newest else 0}.",
            "crumbs": [CRUMB, {"label": item.name, "url": here}],
            "rows": rows,
            "newest": newest,
            "may": any(row["may"] for row in rows),
        }
        return self.page("content/drift.html", context)

    def post(self, request: Any, pk: int) -> HttpResponse:
        number, do = request.POST.get("number", ""), request.POST.get("do", "")
        ticked = {int(one) for one in request.POST.getlist("copy") if one.isascii() and one.isdigit()}
        chosen = [copy for copy in copies_of(self.actor, self.subject) if copy.pk in ticked]
        act = {"update": actions.update_copy, "keep": actions.keep_copy}.get(do)
        if act is None or not number.isascii() or not number.isdigit() or len(number) > 9 or not chosen:
            messages.error(request, "Nothing was saved. Tick the copies, then choose what to do with them.")
            return HttpResponseRedirect(request.path)
        done = 0
        for copy in chosen:
            try:
                act(self.actor, copy, number=int(number))
                done += 1
            except Refused as refusal:
                messages.error(request, f"{copy.organization.name}: {refusal.message}")
        if done:
            words = "brought up to the newest version" if do == "update" else "kept as they are"
            messages.success(request, f"{done} of {len(chosen)} {words}.")
        return HttpResponseRedirect(request.path)
