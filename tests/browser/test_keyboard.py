"""The console by keyboard alone: tree, dialog, palette, menus, the counter."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def test_the_tree_is_one_stop_and_the_arrows_move_in_it(browse: Browse) -> None:
    page = browse("administrator")
    page.goto("/console/organizations/")
    root = page.get_by_role("treeitem", name="Harbor Health")
    _tab_to(page, root)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("treeitem", name="Dune Dental")).to_be_focused()
    page.keyboard.press("q")
    partner = page.get_by_role("treeitem", name="Quay Partners")
    expect(partner).to_be_focused()
    expect(partner).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    annex = page.get_by_role("treeitem", name="Quay Annex")
    expect(annex).to_be_visible()
    expect(partner).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    expect(annex).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(partner).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(annex).to_be_hidden()
    page.keyboard.press("Home")
    expect(root).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("treeitem", name="Yield Labs")).to_be_focused()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('[role=tree]')")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yield Labs", level=1)).to_be_visible()


def test_a_dialog_keeps_the_focus_and_gives_it_back(browse: Browse) -> None:
    page = browse("administrator")
    page.goto("/console/organizations/")
    opener = page.get_by_role("link", name="Add organization")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Kind")).to_be_focused()
    inside = "document.activeElement.closest('dialog') !== null || document.activeElement === document.body"
    for key in ("Shift+Tab", "Shift+Tab", *["Tab"] * 30):
        page.keyboard.press(key)
        assert page.evaluate(inside), f"{key} left the dialog"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_palette_finds_and_opens(browse: Browse) -> None:
    page = browse("administrator")
    page.goto("/console/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search")
    expect(field).to_be_focused()
    page.keyboard.type("clinic")
    hits = page.get_by_role("option")
    expect(hits.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", hits.nth(1).get_attribute("id"))
    name = hits.nth(1).locator(".two-lines > span").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    page.keyboard.press("Control+k")
    page.keyboard.type("clinic")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Search")).to_be_hidden()


def test_the_drawer_of_a_phone_takes_the_focus_and_gives_it_back(browse: Browse) -> None:
    page = browse("administrator", size=PHONE)
    page.goto("/console/")
    button = page.get_by_role("button", name="Open navigation")
    button.press("Enter")
    assert page.evaluate("document.activeElement.closest('#side') !== null")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_first_tab_skips_to_the_content(browse: Browse) -> None:
    page = browse("administrator")
    page.goto("/console/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_counter_sells_and_redeems_without_a_mouse(browse: Browse, stage: Stage) -> None:
    page = browse("parent_desk")
    page.goto(f"/console/counter/{stage.cast.organizations['P'].pk}/")
    expect(page.get_by_role("searchbox", name="Find a patient")).to_be_focused()
    page.keyboard.type("rao")
    expect(page.get_by_role("link", name=re.compile("Asha Rao"))).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Asha Rao", level=1)).to_be_visible()

    _tab_to(page, page.get_by_role("link", name=re.compile("^Recovery package")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Quantity")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Receipt")).to_contain_text("Asha Rao")

    page.go_back()
    page.reload()
    line = page.get_by_role("link", name=re.compile("^Consultation")).first
    _tab_to(page, line)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Quantity")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Consultation was redeemed at Harbor Health; 0 left.").first).to_be_visible()


def _tab_to(page: Page, target: Locator, most: int = 60) -> Any:
    """Press Tab until the target has the focus."""
    expect(target).to_be_visible()
    handle = target.element_handle()
    for _ in range(most):
        if page.evaluate("(target) => document.activeElement === target", handle):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} tabs don't lead to {target}")
