"""A program from the builder to the organizations that have it, with its timeline."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def add(page: Page, kind: str, name: str, label: str = "Name", **typed: str) -> None:
    """One item, typed into the dialog of the builder."""
    page.locator(".builder-add").get_by_role("link", name=kind, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(label, exact=True).fill(name)
    for field, value in typed.items():
        control = dialog.locator(f"[name={field}]")
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".builder-items").get_by_text(name, exact=True)).to_be_visible()


def test_a_program_is_built_published_and_shared(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto("/console/content/add/")
    page.get_by_label("Owner").select_option(label="Harbor Health")
    page.get_by_label("Kind").select_option(label="Program")
    page.get_by_label("Name").fill("Knee rehabilitation")
    page.get_by_label("Code").fill("knee")
    page.get_by_role("button", name="Add and build").click()
    add(page, "Phase", "At home", duration="6", unit="weeks")
    add(page, "Goal", "Bends to 90 degrees", label="Goal")
    add(page, "Service", "First session", service="CONSULT", day="2", every="7")
    add(page, "Form to fill", "Questions", content="intake", day="1")
    add(page, "Phase", "Strength", duration="10", unit="days")
    add(page, "Note", "Call", label="Note", day="10")
    timeline = page.locator(".program")
    expect(timeline).to_contain_text("52 days")
    expect(timeline).to_contain_text("Consultation · every 7 days, 6 times")
    expect(timeline).to_contain_text("Day 52")
    assert_accessible(page)

    page.get_by_role("button", name="Move up: Strength").click()
    page.get_by_role("button", name="Remove: At home").click()
    expect(page.get_by_text("stands in no phase")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".builder-items b").nth(4)).to_have_text("Strength")

    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What is new").fill("First version")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published.")).to_be_visible()
    page.get_by_role("link", name="Share").click()
    page.get_by_label("North Clinic").check()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Shared with 1 organization.")).to_be_visible()

    clinic = browse("local_admin")
    clinic.goto("/console/content/")
    clinic.get_by_role("link", name="Knee rehabilitation").click()
    clinic.get_by_role("link", name="Version 1").click()
    expect(clinic.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(clinic.get_by_text("Bends to 90 degrees")).to_be_visible()
