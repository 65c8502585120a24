"""Every page in light and dark and at both sizes: accessible, silent, nothing sticking out; and no page forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from network.loopback import Loopback
from network.pages import ADMINISTRATOR, FRONT_DESK, NO_PAGES, PAGES, STRANGER, VENDOR, Page
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE
from tests.browser.stage import Stage, examples, fill
from tests.browser.watch import Watch

PERSONAS = {STRANGER: "", VENDOR: "vendor", ADMINISTRATOR: "administrator", FRONT_DESK: "desk"}
DESIGN = Page("design", by=STRANGER)


def prepare(stage: Stage) -> None:
    fill(stage)
    stage.made["examples"] = examples(stage)


@pytest.fixture(scope="module")
def contexts(browser: Any, server: Loopback) -> Iterator[Callable[[Stage, str], Any]]:
    """One browser context a persona, kept over all pages: starting one costs as much as looking at a page."""
    open_ones: dict[str, Any] = {}

    def context_of(stage: Stage, persona: str) -> Any:
        if persona not in open_ones:
            context = browser.new_context(base_url=server.url, reduced_motion="reduce")
            context.set_default_timeout(PATIENCE)
            if persona:
                name, value = stage.cookie(persona)
                context.add_cookies([{"name": name, "value": value, "url": server.url}])
            context.new_page()
            open_ones[persona] = context
        return open_ones[persona]

    yield context_of
    for context in open_ones.values():
        context.close()


@pytest.mark.parametrize("one", [*PAGES, DESIGN], ids=lambda one: one.name)
def test_page(one: Page, contexts: Callable[[Stage, str], Any], stage: Stage, watch: Watch) -> None:
    context = contexts(stage, PERSONAS[one.by])
    watch.over(context)
    page = context.pages[0]
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")

    answer = page.goto(one.path(stage.examples))
    assert answer.status == one.status
    if one.status >= 400:
        watch.forgive(f"status of {one.status}")
    assert_accessible(page)
    assert_fits(page)
    if one.like:  # its colours and its layout on a phone are those of another page
        page.set_viewport_size(PHONE)
        assert_fits(page)
        return

    page.emulate_media(color_scheme="dark")
    assert_accessible(page, colours_only=True)
    page.set_viewport_size(PHONE)
    assert_fits(page)
    assert_accessible(page, phone=True)
    page.emulate_media(color_scheme="light")
    assert_accessible(page, colours_only=True)


def test_no_page_is_forgotten() -> None:
    listed = {one.route for one in PAGES} | NO_PAGES.keys()
    routes = dict(_routes(get_resolver("network.urls").url_patterns))
    forgotten = sorted(route for route, shows in routes.items() if shows and route not in listed)
    assert not forgotten, f"Pages that no list in network/pages.py names: {', '.join(forgotten)}"
    gone = sorted(listed - routes.keys() - {"design-dialog", "dev-mail", "dev-mail-page"})
    assert not gone, f"network/pages.py names routes that are no more: {', '.join(gone)}"


def test_a_page_is_like_one_that_is_looked_at() -> None:
    closely = {one.name for one in PAGES if not one.like}
    assert {one.like for one in PAGES if one.like} <= closely


def _routes(patterns: list[Any]) -> Iterator[tuple[str, bool]]:
    """Every named route, and whether it answers a GET."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns)
        else:
            view = getattr(pattern.callback, "view_class", None)
            answers = view is None or (hasattr(view, "get") and "get" in view.http_method_names)
            yield pattern.name, answers
