"""Registries that apps fill in `ready()`: what must go upward in the house goes through one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from core import locale
from core.actors import Actor
from core.ports import AuditRecord

T = TypeVar("T")


class Registry(Generic[T]):
    """An ordered, named list of plug-ins."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}

    def add(self, key: str, item: T) -> None:
        self._items[key] = item

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __getitem__(self, key: str) -> T:
        return self._items[key]


@dataclass(frozen=True)
class Blocker:
    """Why an organization can't be archived: '3 live entitlements', with where to look."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class MovedNode:
    """An organization that would move: the codes from the root down to it as they are and as they would be.

    Where not `is_seen`, the person who asks may not know its name.
    """

    id: int
    code: str
    name: str
    kind: str
    old_path: tuple[str, ...]
    new_path: tuple[str, ...]
    is_seen: bool


def named(moved: Iterable[MovedNode], most: int = 3) -> str:
    """Some of what would move: by name what the person may see, and how many others there are."""
    nodes = list(moved)
    names = [node.name for node in nodes if node.is_seen]
    said = [", ".join(names[:most])] if names else []
    if len(names) > most:
        said.append(f"{len(names) - most} more")
    if hidden := len(nodes) - len(names):
        noun = "other" if names else "organization"
        said.append(f"{hidden} {noun}{'s' if hidden > 1 else ''} that you may not see")
    return " and ".join(said)


@dataclass(frozen=True)
class MoveEffect:
    """What moving organizations would do to something, in words, with where to look."""

    title: str
    items: tuple[tuple[str, str], ...]
    tone: str = ""


@dataclass(frozen=True)
class Leavers:
    """Organizations that leave a network, one with everything below it: names and codes by id, in tree order."""

    top: Any
    names: Mapping[int, str]
    codes: Mapping[int, str]
    last_day: date

    @property
    def ids(self) -> list[int]:
        return list(self.names)


class LeaveStep(StrEnum):
    """The steps of leaving a network that apps have something to say to, in their order."""

    WORK = "work"
    SHARING = "sharing"
    ACCESS = "access"
    MONEY = "money"
    STATEMENT = "statement"


@dataclass(frozen=True)
class LeaveEffect:
    """What leaving the network meets or does, in words that hold before and after, with where to look.

    What `blocks` has to be gone before; of it, `text` says what to do. What shows more than whoever may take the records
    along would see is not `is_kept` with the departure.
    """

    step: LeaveStep
    title: str
    items: tuple[tuple[str, str], ...] = ()
    text: str = ""
    blocks: bool = False
    is_kept: bool = True


@dataclass(frozen=True)
class RecordTable:
    """One table of an organization's own records; `patient_ids` are whose records it holds, read with the rows.

    `header` names the columns, with commas between. `files` are what stands beside it: names and contents, one at a time.
    """

    name: str
    what: str
    header: str
    rows: Iterable[Sequence[Any]]
    files: Iterable[tuple[str, bytes]] = ()
    patient_ids: Callable[[], Iterable[int]] = field(default=lambda: ())


@dataclass(frozen=True)
class LeavePart:
    """What an app knows, keeps and ends of organizations that leave the network: each in constant queries.

    `effects` says to an actor what it would meet and do; `end` does it, inside the action that ends it all, and
    returns the audit lines of what it ended; `records` are the organizations' own.
    """

    effects: Callable[[Actor, Leavers], Iterable[LeaveEffect]]
    records: Callable[[Leavers], Iterable[RecordTable]]
    end: Callable[[Actor, Leavers], list[AuditRecord]] = field(default=lambda actor, leavers: [])


@dataclass(frozen=True)
class CloseFinding:
    """What an app says before a month is closed: 3 disputes are open, with where to look. What `blocks` has to be gone
    before the month closes for good; the rest is for people to judge.
    """

    organization_id: int
    text: str
    url: str = ""
    blocks: bool = False


@dataclass(frozen=True)
class Impact:
    """What switching modules off meets at an organization: 3 'live entitlements'; `noun` is singular."""

    organization_id: int
    count: int
    noun: str
    nouns: str

    @property
    def text(self) -> str:
        return locale.counted(self.count, self.noun, self.nouns)


@dataclass(frozen=True)
class NavItem:
    """One entry of the console's navigation; shown to those who hold the permission anywhere.

    It is hidden where its `module` is off wherever they hold it.
    """

    section: str
    label: str
    icon: str
    url_name: str
    permission: str
    order: int = 100
    module: str = ""


@dataclass(frozen=True)
class SearchHit:
    label: str
    detail: str
    url: str
    icon: str


@dataclass(frozen=True)
class SearchSource:
    """Finds at most `limit` hits for what somebody typed, within what the actor may see."""

    title: str
    find: Callable[[Actor, str, int], list[SearchHit]]


@dataclass(frozen=True)
class Tab:
    """A tab on another app's page: shown to those who hold the permission there, unless its `module` is off there."""

    label: str
    url_name: str
    permission: str
    order: int = 100
    shown: Callable[[Any], bool] = field(default=lambda subject: True)
    module: str = ""


#: What closing the books of organizations (their ids) through a day would meet: in constant queries.
close_checks: Registry[Callable[[Sequence[int], date], list[CloseFinding]]] = Registry(
    "checks before closing"
)
archive_blockers: Registry[Callable[[Any], list[Blocker]]] = Registry("archive blockers")
leave_parts: Registry[LeavePart] = Registry("parts of leaving the network")
move_effects: Registry[Callable[[Actor, list[MovedNode]], list[MoveEffect]]] = Registry("move effects")
#: What modules (their codes, with what needs them) mean at organizations (their ids): in constant queries.
module_impacts: Registry[Callable[[Sequence[str], Sequence[int]], list[Impact]]] = Registry("module impacts")
#: The names of services that are offered, by code, of those codes that are asked about.
service_names: Registry[Callable[[Sequence[str]], dict[str, str]]] = Registry("service names")
#: What follows a saved view (its id) and would have nothing to follow without it, in words.
view_followers: Registry[Callable[[int], list[str]]] = Registry("what follows saved views")
navigation: Registry[NavItem] = Registry("navigation")
search_sources: Registry[SearchSource] = Registry("search sources")
organization_tabs: Registry[Tab] = Registry("organization tabs")
patient_tabs: Registry[Tab] = Registry("patient tabs")
outbox_handlers: Registry[Callable[[dict[str, int]], None]] = Registry("outbox handlers")
