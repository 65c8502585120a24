"""Content packages: what one Parent Account hands to another as a signed file, by a person, never by a link.

Apps say in `content_parts` what of theirs can be recreated elsewhere. A package is JSON with its items by part and a
signature of this installation over all of it, so that what is imported is what was exported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from django.utils.crypto import salted_hmac

from core import locale
from core.actors import Actor
from core.errors import Refused
from core.registries import Registry

FORMAT = "caretree-content/1"
LARGEST = 1_500_000  # characters
MOST_ITEMS = 5_000


@dataclass(frozen=True)
class Item:
    """One thing that can be recreated: its code within its part, its name, and its values as JSON."""

    code: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A kind of content. `order` puts what others need first.

    `items` are those of the bound network. `problem` says why an item can't be taken over there, or nothing.
    `take` makes or changes it by the part's own actions, whose refusals and permissions hold.
    """

    code: str
    label: str
    order: int
    items: Callable[[], list[Item]]
    problem: Callable[[Item], str]
    take: Callable[[Actor, Item], None]


class Difference(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    EQUAL = "equal"
    REFUSED = "refused"


@dataclass(frozen=True)
class Compared:
    """An item of a package beside what the bound network has: what is different, or why it can't be taken."""

    part: Part
    item: Item
    difference: Difference
    changes: tuple[tuple[str, Any, Any], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Package:
    """A package that was read and whose signature holds."""

    source: str
    made_at: str
    parts: Mapping[str, list[Item]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(len(items) for items in self.parts.values())


content_parts: Registry[Part] = Registry("content parts")


def parts_in_order() -> list[Part]:
    return sorted(content_parts, key=lambda part: part.order)


def write_package(*, source: str, made_at: str, codes: list[str]) -> str:
    """The bound network's items of some parts, as a signed file."""
    body = {
        "format": FORMAT,
        "source": source,
        "made_at": made_at,
        "parts": {
            part.code: [vars(item) for item in part.items()]
            for part in parts_in_order()
            if part.code in codes
        },
    }
    return json.dumps({**body, "signature": _signature(body)}, ensure_ascii=False, indent=1, sort_keys=True)


def read_package(text: str) -> Package:
    """The package of a file; raises `Refused` when it is none, was changed, or comes from elsewhere."""
    if len(text) > LARGEST:
        raise Refused(
            "invalid", f"A content package has at most {locale.number(LARGEST)} characters.", field="file"
        )
    try:
        body = json.loads(text)
        signature = body.pop("signature")
        is_ours = body["format"] == FORMAT and compare_digest(
            str(signature).encode(), _signature(body).encode()
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("invalid", "This file is no content package.", field="file") from None
    if not is_ours:
        raise Refused(
            "invalid",
            "The signature doesn't fit: the package was changed, or another installation made it. Export it again.",
            field="file",
        )
    parts = {code: [Item(**item) for item in items] for code, items in body["parts"].items()}
    package = Package(body["source"], body["made_at"], parts)
    if package.size > MOST_ITEMS:
        raise Refused(
            "invalid", f"A content package has at most {locale.number(MOST_ITEMS)} items.", field="file"
        )
    return package


def compare(package: Package) -> list[Compared]:
    """Every item of a package beside the bound network: new, changed, equal, or not to be taken and why."""
    found = []
    for part in parts_in_order():
        if part.code in package.parts:
            here = {item.code: item for item in part.items()}
            found += [_compared(part, item, here.get(item.code)) for item in package.parts[part.code]]
    return found


def _compared(part: Part, item: Item, here: Item | None) -> Compared:
    if here is not None and (here.name, here.data) == (item.name, item.data):
        return Compared(part, item, Difference.EQUAL)
    try:
        problem = part.problem(item)
    except (KeyError, ValueError, TypeError, IndexError):
        problem = "It is written in a way that this version doesn’t read."
    if problem:
        return Compared(part, item, Difference.REFUSED, problem=problem)
    if here is None:
        return Compared(part, item, Difference.NEW)
    old, new = {"name": here.name} | here.data, {"name": item.name} | item.data
    changes = tuple(
        (key, old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)
    )
    return Compared(part, item, Difference.CHANGED, changes)


def _signature(body: dict[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return salted_hmac("caretree content package", canonical, algorithm="sha256").hexdigest()
