"""How far long work is, told while its transaction is open: in the cache, which forgets it when nobody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache

from core.tenancy import bound_network_id

Progress = Callable[[int], None]
KEPT = 3600


def silent(percent: int) -> None:
    """Whoever works doesn't look on."""


def between(progress: Progress, first: int, last: int) -> Callable[[int, int], None]:
    """Tells `done` of `all` as a percentage between two others."""
    return lambda done, everything: progress(
        first + (last - first) * min(done, everything) // max(1, everything)
    )


@dataclass(frozen=True)
class Told:
    """The percentages of one kind of work, by the id of its record."""

    kind: str

    def remember(self, pk: int, percent: int) -> None:
        cache.set(self._key(pk), percent, KEPT)

    def percent_of(self, pk: int) -> int:
        """How far it is; 0 where nobody has said yet."""
        return int(cache.get(self._key(pk)) or 0)

    def _key(self, pk: int) -> str:
        return f"{self.kind}-{bound_network_id()}-{pk}"
