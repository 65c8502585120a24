"""Sockets that the apps above plug into at `ready()`: access, audit, outbox, setting values, modules, views."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from core.actors import Actor

if TYPE_CHECKING:
    from core.modules import Off
    from core.settings import InForce


@dataclass(frozen=True)
class AuditRecord:
    """One line of the audit trail: who did what to which record, with old and new values."""

    actor: Actor
    verb: str
    subject_type: str = ""
    subject_id: int | None = None
    organization_id: int | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)


class AccessPort(Protocol):
    def allowed(self, actor: Actor, permission: str, organization_id: int | None) -> bool:
        """May the actor do this at the organization (None: anywhere in the bound network)?"""

    def foresee(self, actor: Actor, organization_ids: Collection[int]) -> None:
        """Read at once what `allowed` would read about each of these organizations."""


class AuditPort(Protocol):
    def append(self, record: AuditRecord) -> None: ...

    def append_many(self, records: Sequence[AuditRecord]) -> None:
        """Append the lines of one write of many records, in a few statements."""


class OutboxPort(Protocol):
    def put(self, topic: str, ids: dict[str, int], *, after: timedelta = timedelta(0)) -> None:
        """Hand an event to the worker, not before a time has passed."""


@dataclass(frozen=True)
class ListView:
    """A saved view of a list, as its menu shows it: `query` is what stands behind the address's question mark."""

    pk: int
    name: str
    query: str
    is_mine: bool
    is_shared: bool
    is_default: bool


class ViewPort(Protocol):
    def of_list(self, actor: Actor, list_name: str) -> Sequence[ListView]:
        """The actor's own views of a list and those shared in the network, by name; one query."""


class SettingPort(Protocol):
    def in_force(self, organization: Any, key: str) -> InForce | None:
        """What is in force at an organization (None: the network's parent), or None when nothing is assigned."""

    def locale(self) -> str:
        """The locale in force at the bound network's parent."""


class ModulePort(Protocol):
    def off_at(self, organization: Any, code: str) -> Off | None:
        """Why a module or EMR profile is off at an organization; None where it is on."""

    def off_at_all(
        self, actor: Actor, permission: str, code: str, places: tuple[int, ...]
    ) -> tuple[Off, str] | None:
        """Why it is off at all of some organizations (none given: wherever the actor holds the permission), and
        the name of the first; None where it is on at one."""

    def on_somewhere(self, actor: Actor, pairs: list[tuple[str, str]]) -> list[bool]:
        """For each permission and module: is it on anywhere that the actor holds the permission?"""


class Socket:
    """Holds one implementation of each port; an empty socket is a start-up error, not a silent pass."""

    access: AccessPort
    audit: AuditPort
    outbox: OutboxPort
    settings: SettingPort
    modules: ModulePort
    views: ViewPort


socket = Socket()
