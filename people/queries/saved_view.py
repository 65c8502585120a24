"""Reads of saved views: a person's own, and those that others share in the network."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from core.access import allowed
from core.actors import Actor, UserActor
from core.ports import ListView
from people.models import SavedView
from people.permissions import VIEW_SHARE


def _user_id(actor: Actor) -> int:
    """Nobody's where the actor isn't a person."""
    return actor.id or 0 if isinstance(actor, UserActor) else 0


def own_views(actor: Actor) -> QuerySet[SavedView]:
    """The actor's own views, of every list of the bound network."""
    return SavedView.objects.filter(user_id=_user_id(actor))


def removable_views(actor: Actor) -> QuerySet[SavedView]:
    """One's own, and those of others that are shared, for whoever may share."""
    mine = Q(user_id=_user_id(actor))
    return SavedView.objects.filter(mine | Q(is_shared=True) if allowed(actor, VIEW_SHARE) else mine)


class SavedViews:
    """The kernel's lists ask here for their views; one query."""

    def of_list(self, actor: Actor, list_name: str) -> Sequence[ListView]:
        if not isinstance(actor, UserActor):
            return []
        rows = SavedView.objects.filter(Q(user_id=actor.id) | Q(is_shared=True), list_name=list_name)
        return [
            ListView(row.pk, row.name, row.query, row.user_id == actor.id, row.is_shared, row.is_default)
            for row in rows.order_by("name", "pk")
        ]
