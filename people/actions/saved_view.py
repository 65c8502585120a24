"""The only place that writes saved views."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import connection

from core.access import require
from core.actions import Act, action
from core.errors import Refused, Stale
from core.registries import view_followers
from people.models import SavedView
from people.permissions import VIEW_SAVE, VIEW_SHARE
from people.queries.saved_view import own_views

MOST_VIEWS = 50
_SAID = 3


@dataclass(frozen=True)
class ViewDetails:
    """What a person says about a view."""

    name: str
    is_default: bool = False
    is_shared: bool = False


@action(VIEW_SAVE, audit="view.saved")
def save_view(act: Act, target: None, *, list_name: str, query: str, details: ViewDetails) -> SavedView:
    """Save how a list is seen, as the actor's own.

    Who may: `view:save`, and `view:share` for a shared one. Refusals: a name used before, more than 50 of one list.
    Audit: what was saved.
    """
    _lock(act, list_name)
    if own_views(act.actor).filter(list_name=list_name).count() >= MOST_VIEWS:
        raise Refused("too_many_views", f"You have {MOST_VIEWS} views of this list. Delete one first.")
    view = SavedView(user_id=act.actor.id or 0, list_name=list_name, query=query)
    _write(act, view, details)
    act.about(view)
    act.changed({}, asdict(details) | {"list": list_name, "query": query})
    return view


@action(VIEW_SAVE, audit="view.changed")
def change_view(
    act: Act, view: SavedView, *, details: ViewDetails, version: int, query: str | None = None
) -> SavedView:
    """Rename a view of one's own, make it the default, share it, and (`query`) let it show something else, to whatever
    follows it too. Refusals: somebody else's, stale, a name used before.
    """
    _lock(act, view.list_name)
    current = own_views(act.actor).select_for_update().filter(pk=view.pk).first()
    if current is None:
        raise Refused("not_yours", "Only the person who saved a view can change it.")
    if current.version != version:
        raise Stale("view")
    old = {name: getattr(current, name) for name in (*asdict(details), "query")}
    if query is not None:
        current.query = query
    _write(act, current, details)
    act.changed(old, asdict(details) | {"query": current.query})
    return current


@action(VIEW_SAVE, audit="view.deleted")
def delete_view(act: Act, view: SavedView) -> None:
    """Delete a view: one's own, or with `view:share` a shared one of somebody else. Refusals: something follows it."""
    if view.user_id != act.actor.id:
        require(act.actor, VIEW_SHARE)
        if not view.is_shared:
            raise Refused("not_yours", "Only the person who saved a view can delete it.")
    current = SavedView.objects.select_for_update().get(pk=view.pk)  # nothing begins to follow it meanwhile
    if followers := [one for said in view_followers for one in said(current.pk)]:
        raise Refused(
            "view_followed",
            f"{'; '.join(followers[:_SAID])}. Change that first, or let the view show something else.",
        )
    act.changed({"list": view.list_name, "name": view.name, "query": view.query}, {})
    SavedView.objects.filter(pk=view.pk).delete()


def _write(act: Act, view: SavedView, details: ViewDetails) -> None:
    if details.is_shared and not view.is_shared:
        require(act.actor, VIEW_SHARE)
    others = own_views(act.actor).filter(list_name=view.list_name).exclude(pk=view.pk)
    if others.filter(name__iexact=details.name).exists():
        raise Refused(
            "name_taken", f"You have a view “{details.name}” of this list. Choose another name.", field="name"
        )
    if details.is_default:
        others.filter(is_default=True).update(is_default=False)
    for name, value in asdict(details).items():
        setattr(view, name, value)
    view.version = view.version + 1 if view.pk else 1
    view.save()


def _lock(act: Act, list_name: str) -> None:
    """One change of a person's views of a list at a time: their number and their default are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s || '|' || app.network_id(), %s))",
            [f"views|{list_name}", act.actor.id or 0],
        )
