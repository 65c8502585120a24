"""Actors: who does something. Never None."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T")


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts: `kind` and `id` identify it in the audit trail, `label` names it."""

    kind: str
    id: int | None
    label: str


@dataclass(frozen=True)
class UserActor(Actor):
    """A signed-in person, with what they hold in the bound network, read once per request."""

    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, user_id: int, label: str) -> UserActor:
        return cls("user", user_id, label)

    def remember(self, key: str, read: Callable[[], T]) -> T:
        """The value of `read()`, read once for this actor's lifetime (one request)."""
        if key not in self.memo:
            self.memo[key] = read()
        return cast("T", self.memo[key])


@dataclass(frozen=True)
class ContactActor(Actor):
    """A vendor's contact in the portal; sees one vendor of one network."""

    vendor_id: int = 0

    @classmethod
    def of(cls, contact_id: int, label: str, vendor_id: int) -> ContactActor:
        return cls("contact", contact_id, label, vendor_id)


@dataclass(frozen=True)
class SystemActor(Actor):
    """The product itself, with the reason why it acts."""

    @classmethod
    def of(cls, why: str) -> SystemActor:
        return cls("system", None, why)
