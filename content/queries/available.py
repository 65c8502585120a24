"""What may be filled at an organization: its own content, and what is linked to it or above it. Nowhere else."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from content.models import ContentItem, ContentShare, ContentVersion


def available_at(organization: Any) -> QuerySet[ContentItem]:
    """Published content that holds at an organization, by name; `version_id` is its newest published version.

    A link holds only as long as its organization stands below the owner: moving a branch away takes it along.
    """
    linked = ContentShare.objects.filter(
        item=OuterRef("pk"),
        mode=ContentShare.Mode.LINKED,
        ended_at__isnull=True,
        organization__tree_id=organization.tree_id,
        organization__lft__lte=organization.lft,
        organization__rght__gte=organization.rght,
        organization__lft__gt=F("item__organization__lft"),
        organization__rght__lt=F("item__organization__rght"),
    )
    newest = ContentVersion.objects.filter(item=OuterRef("pk"), state="published").order_by("-number")
    return (
        ContentItem.objects.filter(Q(organization=organization.pk) | Exists(linked), status="published")
        .annotate(version_id=Subquery(newest.values("pk")[:1]))
        .select_related("organization")
        .order_by("name", "pk")
    )
