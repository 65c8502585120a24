"""Content from the form builder to a filled form, and what a second version does to links, copies and what was filled."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from content.models import ContentItem
from core.tenancy import bound
from orgs.actions.organization import add_organization
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill
from tests.cast import details


def prepare(stage: Stage) -> None:
    fill(stage)
    with bound(stage.network_id):
        administrator = stage.cast.actor("administrator")
        for number in range(1, 13):
            place = details(f"Bay Clinic {number:02}", f"BAY-{number:02}")
            add_organization(administrator, stage.cast["P"], kind="sub", details=place)
        stage.made["registered"] = stage.register("Bea", "Bay")


def add(
    page: Page,
    kind: str,
    question: str,
    *,
    field: str = "Question",
    options: str = "",
    when: tuple[str, str] | None = None,
    more: dict[str, str] | None = None,
    ticked: str = "",
) -> None:
    """One item, typed into the dialog of the form builder."""
    page.get_by_role("link", name=kind, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(field, exact=True).fill(question)
    for label, text in (more or {}).items():
        dialog.get_by_label(label).fill(text)
    if ticked:
        dialog.get_by_role("checkbox", name=ticked).check()
    if options:
        dialog.get_by_label("Options").fill(options)
    if when:
        dialog.get_by_label("Question 1").select_option(label=when[0])
        dialog.get_by_label("Answer (optional)").first.fill(when[1])
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".builder-items").get_by_text(question).first).to_be_visible()


def publish(page: Page, note: str) -> None:
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What is new").fill(note)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published.")).to_be_visible()


def test_from_the_builder_to_a_filled_form_and_a_second_version(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto("/console/content/")
    page.get_by_role("link", name="Add content").click()
    page.get_by_label("Owner").select_option(label="Harbor Health")
    page.get_by_label("Kind").select_option(label="Questionnaire")
    page.get_by_label("Name").fill("First visit")
    page.get_by_role("button", name="Add and build").click()
    add(page, "One of several", "Any allergies?", options="Yes\nNo")
    add(page, "Paragraph", "Which allergies?", when=("Any allergies?", "Yes"))
    add(page, "Section", "Pain", field="Title")
    add(page, "Number", "Weight", more={"Unit": "kg"})
    add(page, "Scale", "How strong is it?")
    add(
        page, "Score", "Pain score", field="Name", ticked="How strong is it?", more={"Bands": "0 Low\n7 High"}
    )

    preview = page.locator(".preview-frame")
    expect(preview.get_by_label("Which allergies?")).to_be_hidden()
    preview.get_by_label("Yes").check()
    expect(preview.get_by_label("Which allergies?")).to_be_visible()
    publish(page, "First version")

    page.get_by_role("link", name="Share").click()
    find = page.get_by_role("searchbox", name="Find in Organizations")
    for number in range(1, 12):  # without a pointer: type, tick, type the next
        find.fill(f"bay {number:02}")
        find.press("Enter")
    expect(page.get_by_text("1 of 18 shown, 11 ticked")).to_be_visible()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Shared with 11 organizations.")).to_be_visible()
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Bay Clinic 12").check()
    page.get_by_label("Copied").check()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Shared with 1 organization.")).to_be_visible()

    patient = stage.registered.pk
    page.goto(f"/console/patients/{patient}/register-at/")
    page.get_by_label("Organization").select_option(label="Bay Clinic 07")
    page.get_by_role("button", name="Register").click()
    page.goto(f"/console/patients/{patient}/forms/fill/")
    page.get_by_role("region", name="Bay Clinic 07").get_by_role("link", name="First visit").click()
    page.get_by_label("Yes").check()
    page.get_by_label("Which allergies?").fill("Penicillin")
    page.get_by_label("Weight").fill("62")
    page.get_by_role("radio", name="8", exact=True).check()
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("heading", name="First visit, version 1")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("High")
    filled = page.url

    with bound(stage.network_id):
        item = ContentItem.objects.get(code="first-visit", source=None)
    page.goto(f"/console/content/{item.pk}/")
    page.get_by_role("button", name="New draft").click()
    add(page, "Date", "Since when?")
    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_role("list").filter(has_text="Since when?").first).to_contain_text("added")
    page.get_by_label("What is new").fill("Asks since when")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()

    page.goto(filled)
    expect(page.get_by_role("heading", name="First visit, version 1")).to_be_visible()
    expect(page.get_by_text("Penicillin")).to_be_visible()
    expect(page.get_by_text("Since when?")).to_have_count(0)

    page.goto(f"/console/content/{item.pk}/")
    page.get_by_role("link", name="1 copy, 1 behind").click()
    expect(page.get_by_text("Newer source")).to_be_visible()
    page.get_by_label("Tick Bay Clinic 12").check()
    page.get_by_role("button", name="Bring up to version 2").click()
    expect(page.get_by_text("1 of 1 brought up to the newest version.")).to_be_visible()
    expect(page.get_by_text("Copy, up to date")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_items_are_moved_duplicated_removed_and_undone(browse: Browse, stage: Stage, script: bool) -> None:
    page = browse("administrator", java_script_enabled=script)
    page.goto(f"/console/content/drafts/{stage.content_draft.pk}/")
    names = page.locator(".builder-items b")
    before = names.all_text_contents()
    page.get_by_role("button", name="Move up: Pain").click()
    assert names.all_text_contents().index("Pain") == before.index("Pain") - 1
    page.get_by_role("button", name="Duplicate: Pain").click()
    expect(names).to_have_count(len(before) + 1)
    page.get_by_role("button", name="Remove: Do you smoke?").click()
    expect(page.get_by_text(re.compile("no question that stands before"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_count(len(before))
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(before)


def test_an_item_is_dragged_to_another_place(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto(f"/console/content/drafts/{stage.content_draft.pk}/")
    names = page.locator(".builder-items b")
    before = names.all_text_contents()
    lines = page.locator(".builder-items > li")
    lines.nth(before.index("Pain")).locator(".builder-grip").hover()
    page.mouse.down()
    lines.first.hover()
    page.mouse.up()
    expect(names).to_have_text(["Pain", *(one for one in before if one != "Pain")])
    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(before)


def test_without_script_a_form_is_filled_on_a_phone(browse: Browse, stage: Stage) -> None:
    page = browse("parent_desk", java_script_enabled=False, size=PHONE)
    page.goto(f"/console/patients/{stage.form_patient.pk}/forms/")
    page.get_by_role("link", name="Fill a form").click()
    page.get_by_role("link", name="Empty").click()
    page.get_by_label("What brings you here?").fill("A cough")
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Show what applies").click()
    page.get_by_label("Cigarettes a day").fill("500")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator(".error-summary")).to_contain_text("500 is above 100")
    page.get_by_label("Cigarettes a day").fill("5")
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("heading", name="Empty, version 1")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("A cough")


def test_several_are_shared_at_once_after_a_look(browse: Browse) -> None:
    page = browse("administrator", size=PHONE)
    page.goto("/console/content/")
    for name in ("Empty", "Weight management"):
        page.get_by_role("checkbox", name=re.compile(f"^Tick {name}")).check()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("heading", name="Share content")).to_be_visible()
    assert_accessible(page, phone=True)
    page.get_by_role("checkbox", name="Bay Clinic 05").check()
    page.get_by_role("button", name="Who would receive what?").click()
    expect(page.get_by_text("Bay Clinic 05: Empty, Weight management")).to_be_visible()
    assert_accessible(page, phone=True)
    assert_fits(page)
    page.get_by_role("button", name="Share 2 templates and questionnaires").click()
    expect(page.get_by_text("2 templates and questionnaires are shared now.")).to_be_visible()
