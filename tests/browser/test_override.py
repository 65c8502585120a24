"""A clinic puts its own questions under a shared form, fills it, and goes along with a new version; a pin is moved."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from content.queries.item import draft_of
from content.rules.edit import added
from core.tenancy import bound
from network.isolation.records import INTAKE
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM


def prepare(stage: Stage) -> None:
    fill(stage)
    with bound(stage.network_id):
        stage.made["registered"] = stage.register("Olga", "Override")


def begin(page: Page) -> None:
    """From the shared form's page to the builder of South Clinic's override."""
    page.get_by_role("link", name="Override", exact=True).click()
    page.get_by_role("dialog").get_by_label("Organization").select_option(label="South Clinic")
    page.get_by_role("button", name="Override and build").click()
    expect(page.get_by_label("Override", exact=True)).to_contain_text("From Harbor Health, version 2")


def test_one_clinic_overrides_fills_and_returns(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto(f"/console/content/{stage.shared_form.pk}/")
    begin(page)
    page.get_by_role("link", name="Discard draft").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("South Clinic goes on filling the form of Harbor Health")
    assert_accessible(page)
    dialog.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The draft was discarded.")).to_be_visible()
    begin(page)
    page.get_by_role("button", name="Hide: Cigarettes a day").click()
    expect(page.get_by_role("button", name="Show again: Cigarettes a day")).to_be_visible()
    page.get_by_role("link", name="Edit: Pain").click()
    page.get_by_role("dialog").get_by_label("Question", exact=True).fill("Pain now")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="One line of text").click()
    page.get_by_role("dialog").get_by_label("Question", exact=True).fill("Who came along?")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    items = page.locator(".builder-items")
    expect(items).to_contain_text("Asked by South Clinic")
    expect(items.locator("li:has(.builder-grip:visible)")).to_have_text(
        [re.compile("Asked by South Clinic"), re.compile("Who came along?")]
    )
    assert_accessible(page)
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What is new").fill("Who came along")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("with 1 local question, 1 hidden, 1 reworded")).to_be_visible()
    override = page.url

    patient = stage.registered.pk
    page.goto(f"/console/patients/{patient}/register-at/")
    page.get_by_label("Organization").select_option(label="South Clinic")
    page.get_by_role("button", name="Register").click()
    page.goto(f"/console/patients/{patient}/forms/fill/")
    offered = page.get_by_role("region", name="Forms at South Clinic")
    expect(offered).to_contain_text("as South Clinic changed it")
    offered.get_by_role("link", name="Triage").click()
    expect(page.get_by_label("Cigarettes a day")).to_have_count(0)
    page.get_by_label("What brings you here?").fill("A cough")
    page.get_by_label("Who came along?").fill("Her mother")
    page.get_by_role("button", name="Complete").click()
    heading = page.get_by_role("heading", name="Triage, version 2, as South Clinic changed it")
    expect(heading).to_be_visible()
    filled = page.url

    with bound(stage.network_id):
        later = {"linkId": "since", "type": "date", "text": "Since when?"}
        publish_body(SYSTEM, stage.shared_form, added({"items": INTAKE["items"][:4]}, later))
        assert draft_of(stage.shared_form) is None
    page.goto(override)
    expect(page.get_by_text("From Harbor Health, version 3")).to_be_visible()
    page.goto(filled)
    expect(heading).to_be_visible()
    expect(page.get_by_text("Her mother")).to_be_visible()

    page.goto(override)
    page.get_by_role("link", name="Return to the shared form").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("One form for all")
    page.get_by_role("dialog").get_by_role("button", name="Return to the shared form").click()
    expect(page.get_by_text("South Clinic fills the shared form again.")).to_be_visible()


def test_a_pinned_link_is_moved_on(browse: Browse, stage: Stage) -> None:
    page = browse("administrator", java_script_enabled=False, size=PHONE)
    page.goto("/console/content/?q=triage")
    expect(page.get_by_text("1 pinned to older").first).to_be_visible()
    page.goto(f"/console/content/{stage.shared_form.pk}/copies/")
    row = page.get_by_role("row").filter(has_text="Quay Partners")
    expect(row).to_contain_text("Pinned, older")
    overrides = page.get_by_role("region", name="Overrides").first
    changes = overrides.locator("td[data-label=Changes] > div").first
    assert changes.bounding_box()["width"] > 0.8 * overrides.bounding_box()["width"], "as wide as the card"
    row.get_by_label("Tick the link of Quay Partners").check()
    page.get_by_label("Move the ticked to").select_option(label="the newest, always (live)")
    page.get_by_role("button", name="Move").click()
    expect(row).to_contain_text("Live")
