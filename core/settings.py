"""The registry of settings: apps declare their keys, `orgs` plugs in the values.

Every policy is read here and nowhere else: `effective(organization, "billing.discount_cap")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.ports import socket


@dataclass(frozen=True)
class Setting:
    """One setting: its key, type, default, unit and what it does."""

    key: str
    kind: type
    default: Any
    help: str
    unit: str = ""


_registry: dict[str, Setting] = {}


def declare(key: str, kind: type, default: Any, help: str, *, unit: str = "") -> Setting:
    """Declare a setting; called at import of the app that reads it."""
    setting = Setting(key, kind, default, help, unit)
    if _registry.setdefault(key, setting) != setting:
        raise ValueError(f"The setting {key!r} is declared twice.")
    return setting


def effective(organization: Any, key: str) -> Any:
    """The value in force at an organization: the assigned one, else the default. Unknown keys raise KeyError."""
    setting = _registry[key]
    try:
        return socket.settings.value(organization, key)
    except KeyError:
        return setting.default
