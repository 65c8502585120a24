"""The registry of modules and EMR profiles: apps declare what an organization can have, `orgs` plugs in what it has.

A module is asked by its declaration, and nowhere else::

    PACKAGES.off_at(seller)

An organization has only what its parent has. Everything is on until somebody switches it off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied

from core import locale
from core.access import organizations_of
from core.actors import Actor
from core.errors import Refused
from core.ports import socket

PRODUCT, CLINICAL, PROFILE = "product", "clinical", "profile"
AREAS = {PRODUCT: "Product areas", CLINICAL: "Clinical areas", PROFILE: "EMR profiles"}
WITH_BOOKS = frozenset({"parent", "sub", "partner"})


@dataclass(frozen=True)
class Module:
    """A functional area.

    A *product area* switches pages and actions, a *clinical area* the service `categories` that it brings. `requires`
    are codes of modules that it can't do without, `kinds` the kinds of organization that it applies to,
    `permissions` those by which people use it, for the impact of switching it off.
    """

    code: str
    label: str
    help: str
    icon: str
    area: str = CLINICAL
    requires: tuple[str, ...] = ()
    kinds: frozenset[str] = WITH_BOOKS
    categories: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    def off_at(self, organization: Any) -> Off | None:
        """Why it is off at an organization; None where it is on."""
        return socket.modules.off_at(organization, self.code)

    def require_at(self, organization: Any, *, field: str = "") -> None:
        """Refuse (`module_off`) where it is off."""
        off = self.off_at(organization)
        if off is not None:
            raise Refused("module_off", off.sentence(organization.name), field=field)

    def why_off(self, organization: Any) -> str:
        """Why it is off at an organization, as a sentence; '' where it is on."""
        off = self.off_at(organization)
        return "" if off is None else off.sentence(organization.name)


@dataclass(frozen=True)
class Profile(Module):
    """An EMR profile: a clinical specialty with its categories, specialties and codes of charting templates."""

    area: str = PROFILE
    specialties: tuple[str, ...] = ()
    template_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Off:
    """Who switched a module off, where and since when. `cause` is it, or what it requires; `ask_at` is the name of the
    organization whose administrators can switch it on: the one above."""

    module: Module
    cause: Module
    organization_id: int
    organization_name: str
    set_by: str
    since: date
    reason: str
    ask_at: str

    def sentence(self, name: str) -> str:
        """Why it is off at the organization of that name, and where to ask."""
        needs = "" if self.cause == self.module else f" It needs “{self.cause.label}”."
        cause = "It was" if self.cause == self.module else f"“{self.cause.label}” was"
        reason = f": {self.reason.rstrip('.')}" if self.reason else ""
        return (
            f"“{self.module.label}” is switched off at {name}.{needs} {cause} switched off at {self.organization_name} "
            f"by {self.set_by} on {locale.long_day(self.since)}{reason}. Ask an administrator of {self.ask_at} "
            "to switch it on."
        )


class ModuleOff(PermissionDenied):
    """A page of a module that is off there: answered with 403 and the reason."""

    def __init__(self, off: Off, name: str) -> None:
        super().__init__(off.sentence(name))
        self.off = off
        self.place_name = name
        self.explained = off.sentence(name)


M = TypeVar("M", bound=Module)
_registry: dict[str, Module] = {}


def declare(module: M) -> M:
    """Declare a module, after those that it requires; called at import of the app that asks it."""
    missing = [code for code in module.requires if code not in _registry]
    if missing:
        raise ValueError(
            f"The module {module.code!r} requires {missing[0]!r}, which isn't declared before it."
        )
    if module.area not in AREAS:
        raise ValueError(f"The module {module.code!r} is in no known area: {module.area!r}.")
    if _registry.setdefault(module.code, module) != module:
        raise ValueError(f"The module {module.code!r} is declared twice.")
    return module


def all_modules() -> list[Module]:
    """Every module without the EMR profiles: product areas first, each as declared."""
    return sorted(
        (one for one in _registry.values() if one.area != PROFILE), key=lambda one: one.area != PRODUCT
    )


def all_profiles() -> list[Profile]:
    """Every EMR profile, as declared."""
    return [one for one in _registry.values() if isinstance(one, Profile)]


def everything() -> list[Module]:
    """Modules, then EMR profiles."""
    return [*all_modules(), *all_profiles()]


def module_of(code: str) -> Module:
    """A module or EMR profile by its code; raises KeyError."""
    return _registry[code]


def needed_by(code: str) -> tuple[str, ...]:
    """A code and all that it requires, itself first; a code of nothing declared stands for itself."""
    found = [code]
    for one in found:
        found += [each for each in (_registry[one].requires if one in _registry else ()) if each not in found]
    return tuple(found)


def that_need(code: str) -> list[Module]:
    """What goes off with a module: everything that requires it."""
    return [one for one in everything() if code != one.code and code in needed_by(one.code)]


def category_key(category: str) -> str:
    """A category as it is compared."""
    return " ".join(category.lower().split())


def bringing(category: str) -> list[Module]:
    """The modules and EMR profiles that bring a service category; none: it is offered everywhere."""
    key = category_key(category)
    return [one for one in everything() if key in one.categories] if key else []


def why_not_offered(organization: Any, category: str) -> str:
    """Why services of a category aren't offered at an organization; '' where they are.

    They are where at least one module or profile that brings the category is on, or none brings it.
    """
    found = bringing(category)
    offs = [one.off_at(organization) for one in found]
    if not found or None in offs:
        return ""
    first = offs[0]
    assert first is not None
    others = ", ".join(one.label for one in found[1:])
    also = f" The same goes for {others}." if others else ""
    return f"Services of the category “{category}” aren’t offered here. {first.sentence(organization.name)}{also}"


def refuse_not_offered(organization: Any, category: str, *, field: str = "") -> None:
    """Refuse (`module_off`) a category that isn't offered at an organization."""
    reason = why_not_offered(organization, category)
    if reason:
        raise Refused("module_off", reason, field=field)


def check_on(actor: Actor, permission: str, module: Module, target: Any) -> None:
    """Raise `ModuleOff` where a module is off at every organization of a target (None: all that the actor holds
    the permission at)."""
    found = _off_for(actor, permission, module, target)
    if found is not None:
        raise ModuleOff(*found)


def module_is_off(actor: Actor, permission: str, module: Module, target: Any) -> bool:
    """Is a module off at every organization of a target?"""
    return _off_for(actor, permission, module, target) is not None


def on_somewhere(actor: Actor, pairs: list[tuple[str, str]]) -> list[bool]:
    """For pairs of a permission and a module's code: is it on anywhere that the actor holds the permission?"""
    return socket.modules.on_somewhere(actor, pairs)


def _off_for(actor: Actor, permission: str, module: Module, target: Any) -> tuple[Off, str] | None:
    places = tuple(one for one in organizations_of(target) if one is not None)
    return socket.modules.off_at_all(actor, permission, module.code, places)
