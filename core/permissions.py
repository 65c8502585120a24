"""The registry of permissions: every app declares its own in `<app>/permissions.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Permission:
    code: str
    label: str
    roles: frozenset[str] = frozenset()
    network_wide: bool = False


_registry: dict[str, Permission] = {}


def permission(code: str, label: str, *, roles: str = "", network_wide: bool = False) -> str:
    """Declare a permission `noun:verb`, with the built-in roles that hold it, and return its code.

    The network administrator holds every permission and need not be named. A network-wide one is about what all
    organizations have in common: only who holds it at the parent organization has it, and a role at a branch
    that brings it elsewhere gives nothing.
    """
    noun, colon, verb = code.partition(":")
    if not (noun and colon and verb):
        raise ValueError(f"A permission is written noun:verb, not {code!r}.")
    declared = Permission(code, label, frozenset(roles.split()), network_wide)
    if _registry.setdefault(code, declared) != declared:
        raise ValueError(f"The permission {code!r} is declared twice.")
    return code


def all_permissions() -> list[Permission]:
    return sorted(_registry.values(), key=lambda one: one.code)


def is_known(code: str) -> bool:
    return code in _registry


def is_network_wide(code: str) -> bool:
    """Does it count only where it is held at the parent organization? False for one that nobody declared."""
    return code in _registry and _registry[code].network_wide
