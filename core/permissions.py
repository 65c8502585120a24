"""The registry of permissions: every app declares its own in `<app>/permissions.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Permission:
    code: str
    label: str
    roles: frozenset[str] = frozenset()


_registry: dict[str, Permission] = {}


def permission(code: str, label: str, *, roles: str = "") -> str:
    """Declare a permission `noun:verb`, with the built-in roles that hold it, and return its code.

    The network administrator holds every permission and need not be named.
    """
    noun, colon, verb = code.partition(":")
    if not (noun and colon and verb):
        raise ValueError(f"A permission is written noun:verb, not {code!r}.")
    declared = Permission(code, label, frozenset(roles.split()))
    if _registry.setdefault(code, declared) != declared:
        raise ValueError(f"The permission {code!r} is declared twice.")
    return code


def all_permissions() -> list[Permission]:
    return sorted(_registry.values(), key=lambda one: one.code)


def is_known(code: str) -> bool:
    return code in _registry
