"""What the first page weighs, and that the helpers of these tests see what they look for."""

from __future__ import annotations

import gzip

import pytest
from playwright.sync_api import Page, Response

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.watch import Watch

FIRST = 80_000
NEXT = 40_000
PACKED = ("font/", "image/png", "image/jpeg")  # compressing these again gains nothing


@pytest.mark.parametrize(("persona", "path"), [("", "/"), ("vendor", "/portal/")])
def test_the_first_page_is_light(browse: Browse, persona: str, path: str) -> None:
    """All that an empty cache has to fetch."""
    weights = _weights(browse(persona), path)
    assert {"app.css", "portal.js", "inter.woff2"} <= weights.keys()
    assert sum(weights.values()) < FIRST, weights


def test_the_console_adds_little_to_it(browse: Browse) -> None:
    """What comes on top of what the sign-in page brought."""
    first = _weights(browse(), "/")
    weights = _weights(browse("administrator"), "/console/organizations/")
    assert {"app.js", "htmx-2.min.js"} <= weights.keys()
    added = {name: weight for name, weight in weights.items() if name not in first}
    assert sum(added.values()) < NEXT, added


def _weights(page: Page, path: str) -> dict[str, int]:
    """Bytes by name of the file, compressed as a server sends it."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    weights = {}
    for answer in answers:
        if answer.status == 200:
            kind, body = answer.headers.get("content-type", ""), answer.body()
            packed = body if kind.startswith(PACKED) else gzip.compress(body, 6)
            weights[answer.url.rpartition("/")[2] or path] = len(packed)
    return weights


def test_an_inline_script_is_refused_and_seen(browse: Browse, watch: Watch) -> None:
    page = browse()
    page.goto("/")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'taken over'";
            document.head.append(script);
        }"""
    )
    page.wait_for_timeout(100)
    assert "taken over" not in page.title()
    watch.forgive("Content Security Policy")


def test_an_error_of_a_page_is_seen(browse: Browse, watch: Watch) -> None:
    page = browse()
    page.goto("/")
    page.evaluate("() => setTimeout(() => { throw new Error('on purpose'); })")
    page.wait_for_timeout(100)
    watch.forgive("on purpose")


def test_axe_and_overflow_are_seen(browse: Browse) -> None:
    page = browse(size=PHONE)
    page.goto("/")
    page.evaluate(
        """() => {
            const image = document.createElement("img");
            image.src = "/static/images/icon.svg";
            image.width = 900;
            document.querySelector("main").append(image);
        }"""
    )
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)
    with pytest.raises(AssertionError, match="scrolls sideways"):
        assert_fits(page)
