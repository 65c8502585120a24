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
from content.queries.item import (
    copies_of,
    newest_bases,
    newest_bodies,
    newest_of,
    overrides_of,
    shares_for,
    shares_of,
    versions_of,
)
from content.rules.difference import differences
from content.rules.overlay import NOTHING, in_words, laid_over
from content.views.parts import CRUMB, ItemForm, ItemSubject
from core.errors import Refused
from core.views.base import found
from core.views.export import keys_of
from core.views.form import FormPage
from orgs.queries.access import organizations_for

#: So many versions can be chosen to move to; older ones are moved away from.
MOST_NUMBERS = 50


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
        return actions.share_content(self.actor, self.subject, organizations=form.chosen(), **form.how())

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
    """Which version each organization uses: links and moving their pins, copies and how they drift, and overrides."""

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
        links = list(shares_of(item).filter(mode="linked")) if self.may(CONTENT_VIEW, item) else []
        context = {
            "title": "Versions in use",
            "description": f"{item.name}: which version each organization has; the newest is version {newest.number if newest else 0}.",
            "crumbs": [CRUMB, {"label": item.name, "url": here}],
            "rows": rows,
            "newest": newest,
            "may": any(row["may"] for row in rows),
            "links": links,
            "may_pin": bool(links) and self.may(CONTENT_SHARE, item),
            "numbers": [one.number for one in versions_of(item).filter(state="published")[:MOST_NUMBERS]],
            "overrides": _overrides(item) if links else [],
        }
        return self.page("content/drift.html", context)

    def post(self, request: Any, pk: int) -> HttpResponse:
        if request.POST.get("do") == "move":
            return self._move()
        number, do = request.POST.get("number", ""), request.POST.get("do", "")
        ticked = keys_of(ContentItem, request.POST.getlist("copy"))
        chosen = list(copies_of(self.actor, self.subject).filter(pk__in=ticked))
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

    def _move(self) -> HttpResponse:
        """Pin the ticked links to a version, or let them follow the newest."""
        to, ticked = (
            self.request.POST.get("to", ""),
            keys_of(ContentShare, self.request.POST.getlist("share")),
        )
        shares = list(shares_for(self.actor).filter(item=self.subject, pk__in=ticked))
        here = self.request.path
        if to != "live" and not (to.isascii() and to.isdigit() and len(to) < 10):
            messages.error(self.request, "Nothing was saved. Choose the version to move to.")
            return HttpResponseRedirect(here)
        number = None if to == "live" else int(to)
        words = "follow the newest version" if number is None else f"pinned to version {number}"
        return self.act(
            lambda: actions.pin_shares(self.actor, self.subject, shares=shares, number=number),
            success=f"{len(shares)} {words}.",
            url=here,
        )


def _overrides(item: ContentItem) -> list[dict[str, Any]]:
    """Each override of an item with the version it stands on, what it changes, and what of that doesn't fit."""
    rows = list(overrides_of(item))
    bases = newest_bases(row.pk for row in rows)
    return [
        {
            "item": row,
            "number": bases[row.pk].number if row.pk in bases else None,
            "changes": in_words(row.overlay or NOTHING),
            "misfits": laid_over(bases[row.pk].body, row.overlay or NOTHING).misfits
            if row.pk in bases
            else [],
        }
        for row in rows
    ]
