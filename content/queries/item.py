"""Reads of content: whose one sees, its versions, where it is shared, and which copies drifted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from content.models import ContentItem, ContentShare, ContentVersion
from content.permissions import CONTENT_VIEW
from core.actors import Actor
from orgs.queries.access import organizations_for, where
from orgs.queries.tree import is_below

if TYPE_CHECKING:
    from orgs.models import Organization

PUBLISHED = ContentVersion.State.PUBLISHED


def items_for(actor: Actor) -> QuerySet[ContentItem]:
    """Content of organizations where the actor sees content, and what is linked to one of them or above it.

    A link holds only while its organization stands below the owner, as in `app.content_available`.
    """
    own = where(actor, CONTENT_VIEW, "organization")
    if not own:
        return ContentItem.objects.all()
    reached = organizations_for(actor, CONTENT_VIEW).filter(
        lft__range=(OuterRef("organization__lft"), OuterRef("organization__rght"))
    )
    linked = ContentShare.objects.filter(
        Exists(reached.order_by()),
        item=OuterRef("pk"),
        mode="linked",
        ended_at__isnull=True,
        organization__lft__gt=F("item__organization__lft"),
        organization__rght__lt=F("item__organization__rght"),
    )
    return ContentItem.objects.filter(own | (Exists(linked) & ~Q(status="draft")))


def _newest(of: str) -> Subquery:
    """The number of the newest published version of the item that `of` names."""
    rows = ContentVersion.objects.filter(item=OuterRef(of), state=PUBLISHED).order_by()
    return Subquery(rows.values("item").annotate(n=Max("number")).values("n"), output_field=IntegerField())


def with_state(rows: QuerySet[ContentItem]) -> QuerySet[ContentItem]:
    """Annotate `newest` (published number), `shares_now`, `source_newest`, `pins_behind` and `drift`.

    `drift` is '', 'kept' or 'behind' of what was copied, and 'override' of what is an override.
    """
    shares = (
        ContentShare.objects.filter(item=OuterRef("pk"), ended_at__isnull=True)
        .order_by()
        .values("item")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = rows.annotate(
        newest=_newest("pk"),
        shares_now=Subquery(shares, output_field=IntegerField()),
        source_newest=_newest("source__item"),
        pins_behind=Subquery(
            ContentShare.objects.filter(
                item=OuterRef("pk"), ended_at__isnull=True, pinned__number__lt=_newest("item")
            )
            .order_by()
            .values("item")
            .annotate(n=Count("pk"))
            .values("n"),
            output_field=IntegerField(),
        ),
    )
    return rows.annotate(
        drift=Case(
            When(overrides__isnull=False, then=Value("override")),
            When(source__isnull=True, then=Value("")),
            When(source__number__gte=F("source_newest"), then=Value("")),
            When(kept_number__gte=F("source_newest"), then=Value("kept")),
            default=Value("behind"),
            output_field=CharField(),
        )
    ).select_related("organization", "source__item__organization", "overrides__organization")


def versions_of(item: ContentItem) -> QuerySet[ContentVersion]:
    """The item's versions, newest first, without their bodies."""
    return ContentVersion.objects.filter(item=item).defer("body", "history").order_by("-number")


def draft_of(item: ContentItem) -> ContentVersion | None:
    return ContentVersion.objects.filter(item=item, state="draft").first()


def newest_of(item: ContentItem) -> ContentVersion | None:
    """The newest published version."""
    return ContentVersion.objects.filter(item=item, state=PUBLISHED).order_by("-number").first()


def newest_bodies(item_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By item, the body of its newest published version, in one query."""
    rows = ContentVersion.objects.filter(item__in=list(item_ids), state=PUBLISHED).order_by("item", "number")
    return dict(rows.values_list("item_id", "body"))


def newest_bases(override_ids: Iterable[int]) -> dict[int, ContentVersion]:
    """By override, the version of the shared form that its newest published version stands on, in one query."""
    rows = ContentVersion.objects.filter(item__in=list(override_ids), state=PUBLISHED)
    return {
        row.item_id: row.base for row in rows.select_related("base").order_by("item", "number") if row.base
    }


def drafts_for(actor: Actor) -> QuerySet[ContentVersion]:
    """Drafts of organizations whose content one sees; a link shows none."""
    rows = ContentVersion.objects.filter(where(actor, CONTENT_VIEW, "item__organization"), state="draft")
    return rows.select_related("item__organization", "item__overrides__organization", "base")


def versions_for(actor: Actor) -> QuerySet[ContentVersion]:
    """Versions of content that one sees; drafts only where one sees the owner's content."""
    drafts = where(actor, CONTENT_VIEW, "item__organization")
    rows = ContentVersion.objects.filter(item__in=items_for(actor).values("pk"))
    return rows.filter(Q(state=PUBLISHED) | drafts if drafts else Q()).select_related("item__organization")


def shares_of(item: ContentItem) -> QuerySet[ContentShare]:
    """Where the item is shared now, in tree order."""
    rows = ContentShare.objects.filter(item=item, ended_at__isnull=True)
    return rows.select_related("organization", "pinned").order_by("organization__lft", "pk")


def still_without(
    items: Sequence[ContentItem], places: Sequence[Organization]
) -> dict[int, list[Organization]]:
    """By item, those of some organizations that stand below its owner and with which it isn't shared yet."""
    shares = ContentShare.objects.filter(item__in=[one.pk for one in items], ended_at__isnull=True)
    taken = set(shares.values_list("item_id", "organization_id"))
    return {
        item.pk: [
            place
            for place in places
            if is_below(place, item.organization) and (item.pk, place.pk) not in taken
        ]
        for item in items
    }


def shares_for(actor: Actor) -> QuerySet[ContentShare]:
    """Shares of content that one sees as its owner does."""
    rows = ContentShare.objects.filter(
        where(actor, CONTENT_VIEW, "item__organization"), ended_at__isnull=True
    )
    return rows.select_related("item__organization", "organization")


def copies_of(actor: Actor, item: ContentItem) -> QuerySet[ContentItem]:
    """Copies of the item that one sees, with their drift, in tree order."""
    return with_state(items_for(actor).filter(source__item=item)).order_by("organization__lft", "pk")


def linked_version(item: ContentItem, place: Organization) -> ContentVersion | None:
    """The version of a shared item that an organization uses without an override; None where it isn't linked."""
    owner = item.organization
    above = Q(organization__lft__lte=place.lft, organization__rght__gte=place.rght)
    below_owner = Q(organization__lft__gt=owner.lft, organization__rght__lt=owner.rght)
    links = ContentShare.objects.filter(above, below_owner, item=item, mode="linked", ended_at__isnull=True)
    nearest = links.select_related("pinned").order_by("-organization__lft").first()
    return (nearest.pinned or newest_of(item)) if nearest else None


def overrides_of(item: ContentItem) -> QuerySet[ContentItem]:
    """The overrides of a shared item that are in use or being drafted, in tree order."""
    drafted = ContentVersion.objects.filter(item=OuterRef("pk"), state="draft")
    rows = ContentItem.objects.filter(Q(status="published") | Exists(drafted), overrides=item)
    return rows.select_related("organization", "overrides").order_by("organization__lft", "pk")


@dataclass(frozen=True)
class Asked:
    """What a filled form was filled with: the version's number and body, and the item's name and kind.

    Of an override, the number is the shared form's, and `changed_by` names the organization that changed it.
    """

    version_id: int
    number: int
    name: str
    kind: str
    body: dict[str, Any]
    changed_by: str = ""


def asked_by(version_ids: Iterable[int], *, bodies: bool = True) -> dict[int, Asked]:
    """Published versions by id, for who keeps what was filled with them; one query."""
    rows = ContentVersion.objects.filter(pk__in=set(version_ids), state=PUBLISHED)
    rows = rows.select_related("item__organization", "base")
    if not bodies:
        rows = rows.defer("body", "history", "base__body", "base__history")
    return {
        row.pk: Asked(
            row.pk,
            row.base.number if row.base else row.number,
            row.item.name,
            row.item.get_kind_display(),
            row.body if bodies else {},
            row.item.organization.name if row.base else "",
        )
        for row in rows
    }
