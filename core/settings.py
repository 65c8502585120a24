"""The registry of settings: apps declare their keys, `orgs` plugs in the values that organizations were given.

A setting is read by its declaration, and nowhere else::

    DISCOUNT_CAP.at(seller)

A *policy* is a setting with a legal or safety purpose. A refusal for its sake says so by `why`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from core import locale
from core.ports import socket
from core.setting_types import ValueType

T = TypeVar("T")


class Mode(StrEnum):
    """How a value binds the organizations below the one that it is assigned at."""

    DEFAULT = "default"
    RECOMMENDED = "recommended"
    ENFORCED = "enforced"
    LOCAL = "local"


MODE_HELP = {
    Mode.DEFAULT: "May be overridden below.",
    Mode.RECOMMENDED: "May be overridden below, with a reason.",
    Mode.ENFORCED: "Locked below; only a waiver lifts it.",
    Mode.LOCAL: "For this organization alone, never inherited.",
}


@dataclass(frozen=True)
class Group:
    """Settings that belong together, and the permission to change them."""

    code: str
    label: str
    help: str
    permission: str


GROUPS: dict[str, Group] = {
    group.code: group
    for group in (
        Group("structure", "Structure", "What the tree may look like.", "setting:structure"),
        Group("branding", "Branding", "How the network looks and signs its mail.", "setting:edit"),
        Group("signin", "Sign-in security", "Who comes in, and for how long.", "setting:security"),
        Group("privacy", "Privacy", "What is asked of patients and who sees it.", "setting:security"),
        Group("billing", "Billing", "Selling, redeeming and giving money back.", "setting:billing"),
        Group("content", "Content", "What forms may ask for.", "setting:edit"),
        Group("vendors", "Vendors", "Orders to outside vendors and their portal.", "setting:edit"),
    )
}

EVERY_KIND = frozenset({"parent", "sub", "partner", "third_party"})
WITH_BOOKS = frozenset({"parent", "sub", "partner"})
NETWORK_WIDE = frozenset({"parent"})


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting.

    `kinds`: the kinds of organization that it applies to; `NETWORK_WIDE` settings are assigned at the root alone.
    `modes`: how it may be assigned. `help` says what it does, as a sentence.
    """

    key: str
    type: ValueType[T]
    default: T
    label: str
    help: str
    kinds: frozenset[str] = WITH_BOOKS
    modes: tuple[Mode, ...] = tuple(Mode)
    policy: bool = False

    @property
    def group(self) -> Group:
        return GROUPS[self.key.partition(".")[0]]

    @property
    def permission(self) -> str:
        """The permission that changing it needs."""
        return self.group.permission

    def at(self, organization: Any) -> T:
        """The value in force at an organization now."""
        found = socket.settings.in_force(organization, self.key)
        return self.default if found is None else self.type.read(found.value)

    def at_network(self) -> T:
        """The value in force at the bound network's parent organization."""
        found = socket.settings.in_force(None, self.key)
        return self.default if found is None else self.type.read(found.value)

    def strictest(self, organizations: Any, least: Any) -> T:
        """Of the values at several organizations the one that `least` (as `min`) chooses; the default without any."""
        values = [self.at(one) for one in organizations]
        return least(values) if values else self.default

    def show(self, value: T) -> str:
        """A value in words, with its unit."""
        return self.type.show(value)


@dataclass(frozen=True)
class InForce:
    """An assigned value in force, as stored, and where it comes from."""

    value: Any
    mode: Mode
    organization_id: int
    organization_name: str
    set_by: str
    since: date
    reason: str
    waived_until: date | None = None


_registry: dict[str, Setting[Any]] = {}


def declare(setting: Setting[T]) -> Setting[T]:
    """Declare a setting; called at import of the app that reads it."""
    if setting.key.partition(".")[0] not in GROUPS:
        raise ValueError(f"The setting {setting.key!r} is in no known group.")
    setting.type.check(setting.default)
    if _registry.setdefault(setting.key, setting) != setting:
        raise ValueError(f"The setting {setting.key!r} is declared twice.")
    return setting


def all_settings() -> list[Setting[Any]]:
    """Every setting, in the order of the groups, then as declared."""
    order = list(GROUPS)
    return sorted(_registry.values(), key=lambda one: order.index(one.group.code))


def settings_of(kind: str) -> Iterator[Setting[Any]]:
    """The settings that apply to a kind of organization."""
    return (one for one in all_settings() if kind in one.kinds)


def setting_of(key: str) -> Setting[Any]:
    """A setting by its key; raises KeyError."""
    return _registry[key]


def why(setting: Setting[Any], organization: Any) -> str:
    """The end of a refusal: which policy, its value, who set it where, and where to ask for a waiver."""
    found = socket.settings.in_force(organization, setting.key)
    if found is None:
        return (
            f"The policy “{setting.label}” ({setting.key}) is {setting.show(setting.default)}, as Caretree brings it; "
            f"it can be changed in the settings of {organization.name}."
        )
    value = setting.show(setting.type.read(found.value))
    start = f"The policy “{setting.label}” ({setting.key}) is {value}"
    if found.waived_until is not None:
        return f"{start} by a waiver until {locale.long_day(found.waived_until)}."
    by = f", set by {found.set_by} at {found.organization_name} on {locale.long_day(found.since)}"
    is_locked = found.mode == Mode.ENFORCED and found.organization_id != organization.pk
    ask = (
        f"An administrator of {organization.name} can ask for a waiver in its settings."
        if is_locked
        else f"It can be changed in the settings of {organization.name}."
    )
    return f"{start}{by}. {ask}"
