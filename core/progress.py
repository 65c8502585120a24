"""How far an import is, told while its transaction is open: in the cache, which forgets it when nobody asks."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import cache

from core.tenancy import bound_network_id

Progress = Callable[[int], None]
KEPT = 3600

COMPARED, ADDED, RECORDED = 10, 70, 90


def silent(percent: int) -> None:
    """Whoever imports doesn't look on."""


def between(progress: Progress, first: int, last: int) -> Callable[[int, int], None]:
    """Tells `done` of `all` as a percentage between two others."""
    return lambda done, everything: progress(first + (last - first) * done // max(1, everything))


def remember(import_id: int, percent: int) -> None:
    cache.set(_key(import_id), percent, KEPT)


def percent_of(import_id: int) -> int:
    """How far it is; 0 where nobody has said yet."""
    return int(cache.get(_key(import_id)) or 0)


def _key(import_id: int) -> str:
    return f"organization-import-{bound_network_id()}-{import_id}"
