"""Everything works without JavaScript, only slower."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage, fill
from tests.cast import PASSWORD


def prepare(stage: Stage) -> None:
    fill(stage)


@pytest.fixture
def plain(browse: Browse) -> Browse:
    """A browser whose pages run no script."""
    return lambda persona="", **options: browse(persona, java_script_enabled=False, **options)


def test_sign_in_and_out(plain: Browse, stage: Stage) -> None:
    page = plain()
    page.goto("/")
    page.get_by_label("E-mail").fill(stage.email("administrator"))
    page.get_by_label("Password").fill("not this one at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("E-mail")).to_have_value(stage.email("administrator"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.get_by_text("Ada Admin").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/console/")
    expect(page).to_have_url(re.compile("/account/sign-in/"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_navigation_list_and_filter(plain: Browse, size: dict[str, int]) -> None:
    page = plain("administrator", size=size)
    page.goto("/console/")
    if size is PHONE:
        page.get_by_role("button", name="Open navigation").click()
    page.get_by_role("navigation", name="Areas").get_by_role("link", name="Organizations").click()
    expect(page.get_by_role("heading", name="Organizations", level=1)).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("clinic")
    page.get_by_role("combobox", name="Kind").select_option(label="Sub")
    page.get_by_role("button", name="Apply", exact=True).click()
    names = page.get_by_role("table").get_by_role("rowheader").locator("a")
    expect(names).to_have_text(["North Clinic", "Old Mill Clinic", "South Clinic"])
    if size is DESKTOP:  # a phone shows cards, without heads to sort by
        page.get_by_role("link", name="Name").click()
        expect(names).to_have_text(["South Clinic", "Old Mill Clinic", "North Clinic"])
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("clinic")


def test_a_form_with_a_mistake_and_then_right(plain: Browse) -> None:
    page = plain("administrator")
    page.goto("/console/organizations/")
    page.get_by_role("link", name="Add organization").click()
    page.get_by_label("Name").fill("Plain Clinic")
    page.get_by_role("button", name="Add organization").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Plain Clinic")
    page.get_by_label("Code", exact=True).fill("PLAIN")
    page.get_by_role("button", name="Add organization").click()
    expect(page.get_by_role("heading", name="Plain Clinic", level=1)).to_be_visible()
    expect(page.get_by_text("was added under Harbor Health")).to_be_visible()


def test_sell_and_redeem(plain: Browse, stage: Stage) -> None:
    page = plain("parent_desk")
    page.goto("/console/counter/")
    page.get_by_role("searchbox", name="Find a patient").fill("rao")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name=re.compile("Asha Rao")).click()
    page.get_by_role("link", name=re.compile("^Recovery package")).click()
    page.get_by_role("button", name="Sell").click()
    expect(page.get_by_role("article", name="Receipt")).to_contain_text("Asha Rao")
    page.get_by_role("link", name="To the counter").click()
    page.get_by_role("searchbox", name="Find a patient").fill("rao")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name=re.compile("Asha Rao")).click()
    page.get_by_role("link", name=re.compile("^Consultation")).first.click()
    page.get_by_role("button", name="Redeem").click()
    expect(page.get_by_text("Consultation was redeemed at Harbor Health; 0 left.")).to_be_visible()


def test_the_portal(plain: Browse) -> None:
    page: Page = plain("vendor", size=PHONE)
    page.goto("/portal/")
    page.get_by_role("link", name=re.compile("X-100")).first.click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted. The patient's details are shown below.")).to_be_visible()
