"""Getting in without a password, and out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage

CODE = re.compile(r"^ {4}(\S+)$", re.MULTILINE)


def test_with_a_code_by_mail(browse: Browse, stage: Stage, worker: Callable[[], list[Any]]) -> None:
    page = browse()
    page.goto("/")
    page.get_by_role("link", name="E-mail me a sign-in code").click()
    assert_accessible(page)
    page.get_by_label("E-mail").fill(stage.email("finance"))
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert_accessible(page)
    (mail,) = worker()
    assert mail.to == [stage.email("finance")]

    page.get_by_label("Code").fill("WRONG1")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("Code").fill(CODE.search(mail.body)[1])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    page.get_by_text("Fay Finance").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/console/")
    expect(page).to_have_url(re.compile("/account/sign-in/"))


def test_a_stranger_hears_the_same(browse: Browse, worker: Callable[[], list[Any]]) -> None:
    page = browse()
    page.goto("/account/sign-in/code/")
    page.get_by_label("E-mail").fill("nobody@harbor.example")
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    assert not [mail for mail in worker() if CODE.search(mail.body)]
