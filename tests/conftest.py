"""What every test can use: a database of its own kind, and the cast of one small network."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from core.settings import Mode, Setting
from core.tenancy import bound
from network.isolation.canaries import plant_in
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import SettingAssignment
from tests import databases
from tests.cast import SYSTEM, Cast, build_cast

if TYPE_CHECKING:
    from network.isolation.stage import Stage

os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # Playwright's sync API runs a loop in the test's thread


def pytest_configure() -> None:
    """Static files under their own names: a test needs no collected manifest."""
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.LOGGING["root"]["level"] = "CRITICAL"
    hypothesis.settings.register_profile("untimed", deadline=None)  # no test is about time
    hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def own_cache() -> None:
    """Rate limits count for each test alone: the workers share one Redis."""
    caches["default"].key_prefix = uuid4().hex


@pytest.fixture(scope="session")
def standing_cast(django_db_blocker: pytest.FixtureRequest) -> Iterator[tuple[str, Cast]]:
    """One clone of the migrated template for this worker, with the cast in it; ordinary tests roll back in it."""
    with django_db_blocker.unblock(), databases.own("session") as name:
        yield name, build_cast()


@pytest.fixture(scope="session")
def django_db_setup(standing_cast: tuple[str, Cast]) -> None:
    """Tests with a database work in that clone."""


@pytest.fixture
def cast(db: None, standing_cast: tuple[str, Cast]) -> Cast:
    """A network with organizations and people of every role, and foreign networks full of canaries."""
    return copy.deepcopy(standing_cast[1])


@pytest.fixture
def world(cast: Cast) -> Iterator[Cast]:
    """The cast, with its network bound."""
    with bound(cast.network.pk):
        yield cast


@pytest.fixture
def assign(world: Cast) -> Callable[..., SettingAssignment]:
    """Assign a setting's value as the system would: `assign("P", DISCOUNT_CAP, 10, "enforced")`."""

    def at(
        code: str, setting: Setting, value: object, mode: str = "default", **more: object
    ) -> SettingAssignment:
        new = NewValue(value, Mode(mode), **({"reason": "The board decided so."} | more))
        return assign_setting(SYSTEM, world[code], setting=setting, new=new)

    return at


@pytest.fixture
def own_database(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own, for real transactions and threads; never flushed, dropped afterwards."""
    with django_db_blocker.unblock(), databases.own("own") as name:
        yield name


@pytest.fixture
def own_world(standing_cast: tuple[str, Cast], django_db_blocker: pytest.FixtureRequest) -> Iterator[Cast]:
    """The cast in a database of its own, committed."""
    name, cast = standing_cast
    with django_db_blocker.unblock(), databases.own("own", source=name):
        yield copy.deepcopy(cast)


@pytest.fixture(scope="session")
def canary_database(standing_cast: tuple[str, Cast]) -> Iterator[tuple[str, Cast, dict[str, str]]]:
    """A clone with the cast in it and a canary in every tenant table of the foreign networks; what failed, by table."""
    name, cast = standing_cast
    with databases.clone("canary", source=name) as copied:
        yield copied, cast, plant_in(copied)


@pytest.fixture(scope="session")
def stage_database(
    canary_database: tuple[str, Cast, dict[str, str]], django_db_blocker: pytest.FixtureRequest
) -> Iterator[tuple[str, Stage]]:
    """A clone of the canary database with a record for every route and a session for every persona."""
    from network.isolation.stage import set_stage  # needs every app; most tests need none

    source, cast, _ = canary_database
    with databases.clone("stage", source=source) as name:
        with django_db_blocker.unblock(), databases.used(name):
            stage = set_stage(copy.deepcopy(cast), name)
        yield name, stage


@pytest.fixture
def stage(stage_database: tuple[str, Stage], django_db_blocker: pytest.FixtureRequest) -> Iterator[Stage]:
    """Every persona among records and canaries; whatever a test does is rolled back."""
    name, stage = stage_database
    with django_db_blocker.unblock(), databases.used(name), transaction.atomic():
        yield stage
        transaction.set_rollback(True)


@pytest.fixture
def browse(cast: Cast):
    """A test client signed in as one of the cast, by the name of the persona."""

    def sign_in(persona: str) -> Client:
        return cast.client(persona)

    return sign_in
