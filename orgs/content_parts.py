"""What of settings can be recreated in another Parent Account: the values assigned at the parent organization."""

from __future__ import annotations

from core.actors import Actor
from core.clock import today_in
from core.content_package import Item, Part, content_parts
from core.setting_types import Picture
from core.settings import Mode, setting_of
from orgs.actions.setting import NewValue, assign_setting
from orgs.queries import tree
from orgs.queries.setting import lines_by_key, resolution_at


def setting_items() -> list[Item]:
    """The settings assigned at the parent organization today; a picture stays where it was uploaded."""
    root = tree.root()
    here = {key: resolution_at(root, key).here for key in lines_by_key()}
    return [
        Item(
            key,
            setting_of(key).label,
            {"value": line.value, "mode": line.mode.value, "reason": line.reason},
        )
        for key, line in sorted(here.items())
        if line is not None and _is_known(key) and not isinstance(setting_of(key).type, Picture)
    ]


def setting_problem(item: Item) -> str:
    if not _is_known(item.code):
        return f"There is no setting {item.code} any more."
    try:
        setting_of(item.code).type.clean(item.data["value"])
        Mode(item.data["mode"])
    except (ValueError, TypeError, KeyError) as error:
        return str(error)
    return ""


def take_setting(actor: Actor, item: Item) -> None:
    setting, root = setting_of(item.code), tree.root()
    new = NewValue(
        setting.type.clean(item.data["value"]),
        Mode(item.data["mode"]),
        item.data["reason"],
        starts_on=today_in(root.time_zone),
    )
    assign_setting(actor, root, setting=setting, new=new)


def _is_known(key: str) -> bool:
    try:
        setting_of(key)
    except KeyError:
        return False
    return True


content_parts.add("settings", Part("settings", "Settings", 10, setting_items, setting_problem, take_setting))
