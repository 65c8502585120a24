"""What leaving the network means to shared content, and what organizations take along of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from content.models import ContentItem, ContentShare, ContentVersion
from content.permissions import CONTENT_VIEW
from content.queries.available import available_at_each
from core import locale
from core.access import allowed
from core.actors import Actor
from core.registries import LeaveEffect, Leavers, LeaveStep, RecordTable
from orgs.queries.leaving import shortened

_STAYS = "What was filled with it stays, with its questions, in the own records."


def shares_across(leavers: Leavers) -> QuerySet[ContentShare]:
    """What is shared from outside to organizations that leave, or from them to outside."""
    received = Q(organization__in=leavers.ids) & ~Q(item__organization__in=leavers.ids)
    given = ~Q(organization__in=leavers.ids) & Q(item__organization__in=leavers.ids)
    rows = ContentShare.objects.filter(received | given, ended_at__isnull=True)
    return rows.select_related("item__organization", "organization").order_by("item__name", "pk")


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Links end, copies stay, and what is linked to something above can't be filled there any more."""
    may = allowed(actor, CONTENT_VIEW, leavers.top)
    found: dict[tuple[bool, str], list[tuple[str, str]]] = {}
    linked: set[int] = set()
    for share in shares_across(leavers):
        received = share.organization_id in leavers.names
        other = share.item.organization.name if received else share.organization.name
        here = leavers.names[share.organization_id if received else share.item.organization_id]
        words = f"{share.item.name}, {'of' if received else 'to'} {other} ({here})"
        kept = (share.copy_id if received else share.item_id) or 0
        url = reverse("content", args=[kept]) if may and kept else ""
        found.setdefault((received, share.mode), []).append((words, url))
        if received and share.mode == ContentShare.Mode.LINKED:
            linked.add(share.item_id)
    for key, (one, many), text in (
        ((True, "linked"), ("link to it ends", "links to it end"), _STAYS),
        (
            (True, "copied"),
            ("copy there stays its own", "copies there stay its own"),
            "It no longer shows when its source changes.",
        ),
        (
            (False, "linked"),
            ("link to others ends", "links to others end"),
            "They can’t fill it any more; what they filled stays.",
        ),
        (
            (False, "copied"),
            ("copy of others stays theirs", "copies of others stay theirs"),
            "Nothing of it changes.",
        ),
    ):
        count = len(found.get(key, []))
        if count:
            yield LeaveEffect(
                LeaveStep.SHARING,
                locale.counted(count, one, many),
                shortened(found[key]),
                text,
            )
    yield from _linked_above(leavers, linked)


def _linked_above(leavers: Leavers, linked: set[int]) -> Iterator[LeaveEffect]:
    """What is filled there because it is linked to something above them, where the link stays for the others."""
    names = {
        f"{one.name}, of {one.owner}"
        for offered in available_at_each(leavers.ids).values()
        for one in offered
        if one.owner_id not in leavers.names and one.item_id not in linked
    }
    if names:
        yield LeaveEffect(
            LeaveStep.SHARING,
            f"{locale.counted(len(names), 'form')} linked above it can’t be filled there any more",
            shortened((name, "") for name in sorted(names)),
            _STAYS,
        )


def own_records(leavers: Leavers) -> Iterator[RecordTable]:
    """Its own templates, questionnaires and programs, every published version of them."""
    yield RecordTable(
        "content",
        "Its own charting templates, questionnaires and programs, version by version, as FHIR items.",
        "organization, kind, code, name, category, state, version, published, body",
        _versions(leavers),
    )


def _versions(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = ContentVersion.objects.filter(
        item__organization__in=leavers.ids, item__overrides__isnull=True, state="published"
    ).select_related("item")
    for row in rows.order_by("item", "number").iterator(200):
        item: ContentItem = row.item
        yield (
            leavers.codes[item.organization_id],
            item.get_kind_display(),
            item.code,
            item.name,
            item.category,
            item.get_status_display(),
            row.number,
            row.published_at,
            json.dumps(row.body, ensure_ascii=False),
        )
