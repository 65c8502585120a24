"""Switching a module as the system would."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.modules import module_of
from orgs.actions.module import Switching, switch_modules
from orgs.models import ModuleBatch
from tests.cast import SYSTEM, Cast


@pytest.fixture
def off(world: Cast) -> Callable[..., ModuleBatch]:
    """Switch modules off: `off("P", "packages", "dental")`."""
    return lambda codes, *modules: _switch(world, codes, modules, is_on=False)


@pytest.fixture
def on(world: Cast) -> Callable[..., ModuleBatch]:
    """Switch modules on again."""
    return lambda codes, *modules: _switch(world, codes, modules, is_on=True)


def _switch(world: Cast, codes: str, modules: tuple[str, ...], *, is_on: bool) -> ModuleBatch:
    switching = Switching(
        tuple(module_of(code) for code in modules), is_on, "" if is_on else "The board decided so."
    )
    return switch_modules(SYSTEM, switching, organizations=[world[code] for code in codes])
