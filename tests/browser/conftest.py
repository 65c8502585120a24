"""A real Chromium before a real server: the story's network in a database of its own, and helpers that look on."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from network.loopback import Loopback
from tests import databases
from tests.browser.chromium import chromium_path
from tests.browser.stage import Stage, build_stage
from tests.browser.watch import Watch
from work.actions.mail import send_due_mail
from work.actions.relay import relay_due_events

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000  # milliseconds: a busy machine is slow, and no proof of anything

Browse = Callable[..., Page]

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright while a module of browser tests runs, and no longer.

    It leaves an event loop running in the thread, and Django keeps other connections where a loop runs: those from
    before would stay open, and tests after it would work beside their own transaction.
    """
    databases.disconnect()
    with sync_playwright() as running:
        yield running
        databases.disconnect()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that asks nobody outside for anything."""
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    machine = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]
    chromium = playwright.chromium.launch(executable_path=chromium_path(), args=[*quiet, *machine])
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def assets() -> None:
    """The style sheet and scripts as they are in the working copy; building does nothing when they are fresh."""
    built = subprocess.run(
        ["make", "--no-print-directory", "--silent", "assets"],
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    if built.returncode:
        pytest.fail(
            f"The browser's files could not be built; try: make assets\n{built.stderr}", pytrace=False
        )


@pytest.fixture(scope="module")
def browser_context_args() -> dict[str, Any]:
    """Every test says itself how its contexts are."""
    return {}


@pytest.fixture(scope="module")
def server(assets: None) -> Iterator[Loopback]:
    """The real application with its middleware; static files come from where they are made."""
    django_settings.WHITENOISE_AUTOREFRESH = django_settings.WHITENOISE_USE_FINDERS = True
    django_settings.ROOT_URLCONF = "tests.browser.urls"
    with Loopback() as running:
        yield running
    django_settings.ROOT_URLCONF = "network.urls"
    del django_settings.WHITENOISE_AUTOREFRESH, django_settings.WHITENOISE_USE_FINDERS


@pytest.fixture(scope="session")
def standing_stage(django_db_blocker: Any) -> Iterator[tuple[str, Stage]]:
    """The story's network before the story begins, committed; every module works in a copy."""
    with django_db_blocker.unblock(), databases.clone("browser") as name:
        with databases.used(name):
            stage = build_stage()
        yield name, stage


@pytest.fixture(scope="module")
def stage_database(
    request: pytest.FixtureRequest, standing_stage: tuple[str, Stage], django_db_blocker: Any
) -> Iterator[tuple[str, Stage]]:
    """The module's own copy. A module may prepare it by a function `prepare(stage)`."""
    source, stage = standing_stage
    with django_db_blocker.unblock(), databases.clone("browser_module", source=source) as name:
        stage = copy.deepcopy(stage)
        with databases.used(name):
            getattr(request.module, "prepare", lambda stage: None)(stage)
        yield name, stage


@pytest.fixture
def stage(stage_database: tuple[str, Stage], django_db_blocker: Any) -> Iterator[Stage]:
    """The story's network, with real transactions: what a test writes stays until its module ends."""
    name, stage = stage_database
    with django_db_blocker.unblock(), databases.used(name):
        yield stage


@pytest.fixture
def fresh_stage(stage: Stage, standing_stage: tuple[str, Stage]) -> Iterator[Stage]:
    """The network before the story begins, whatever other tests of the module did."""
    source, _ = standing_stage
    with databases.own("browser_fresh", source=source):
        stage.cookies.clear()
        yield stage
        stage.cookies.clear()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when the console, a page or the server complains."""
    with Watch() as watching:
        yield watching
    watching.assert_silent()


@pytest.fixture
def browse(
    new_context: Callable[..., BrowserContext], server: Loopback, stage: Stage, watch: Watch
) -> Browse:
    """A browser of somebody: `browse("desk")` is signed in already, `browse()` is a stranger."""

    def start(
        persona: str = "", *, size: dict[str, int] = DESKTOP, scheme: str = "light", **options: Any
    ) -> Page:
        context = new_context(
            base_url=server.url, viewport=size, color_scheme=scheme, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        if persona:
            name, value = stage.cookie(persona)
            context.add_cookies([{"name": name, "value": value, "url": server.url}])
        return context.new_page()

    return start


@pytest.fixture
def worker(stage: Stage) -> Callable[[], list[Any]]:
    """What the worker does every two seconds; returns the mail it sent."""

    def work() -> list[Any]:
        known = len(mail.outbox)
        relay_due_events()
        send_due_mail()
        return mail.outbox[known:]

    return work
