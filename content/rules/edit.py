"""Changes of a body: each gives a new one and leaves the old as it was."""

from __future__ import annotations

from copy import deepcopy

from content.rules.body import Body, Item, fresh_link_id, items_of

KEPT = 20


def _with(items: list[Item]) -> Body:
    return {"items": deepcopy(items)}


def place_of(body: Body, link_id: str) -> int:
    """Where an item stands, from 0 on; ValueError when it doesn't."""
    return [item["linkId"] for item in items_of(body)].index(link_id)


def added(body: Body, item: Item, *, after: str = "") -> Body:
    """With an item behind another, or at the end."""
    items = list(items_of(body))
    items.insert(place_of(body, after) + 1 if after else len(items), item)
    return _with(items)


def replaced(body: Body, link_id: str, item: Item) -> Body:
    """With another item in the place of one."""
    items = list(items_of(body))
    items[place_of(body, link_id)] = item
    return _with(items)


def removed(body: Body, link_id: str) -> Body:
    place = place_of(body, link_id)
    return _with([item for number, item in enumerate(items_of(body)) if number != place])


def duplicated(body: Body, link_id: str) -> Body:
    """With a second one behind an item, under an id of its own."""
    twin = deepcopy(items_of(body)[place_of(body, link_id)])
    twin["linkId"] = fresh_link_id(body, twin["linkId"])
    return added(body, twin, after=link_id)


def moved(body: Body, link_id: str, to: int) -> Body:
    """With an item in another place, counted from 0; beyond the ends is at the end."""
    items = list(items_of(body))
    item = items.pop(place_of(body, link_id))
    items.insert(max(0, min(to, len(items))), item)
    return _with(items)
