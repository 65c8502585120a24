"""A file asked for in the builder, refused and given when the form is filled, and fetched from what was filled."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from content.models import ContentItem
from core.tenancy import bound
from network.isolation.records import PDF
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def prepare(stage: Stage) -> None:
    fill(stage)


def choose(page: Page, label: str, name: str, content: bytes) -> None:
    page.get_by_label(label).first.set_input_files({"name": name, "mimeType": "x/y", "buffer": content})


def test_a_file_is_asked_for_refused_given_and_fetched(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    with bound(stage.network_id):
        item = ContentItem.objects.get(code="empty", source=None)
    page.goto(f"/console/content/{item.pk}/")
    page.get_by_role("button", name="New draft").click()
    page.get_by_role("link", name="Attachment", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Question", exact=True).fill("Discharge letter")
    for kind in ("PDF", "PNG", "JPEG"):
        dialog.get_by_label(kind).uncheck()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("No kind of file is accepted. Choose at least one.").first).to_be_visible()
    dialog.get_by_label("PDF").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".builder-items").get_by_text("Discharge letter")).to_be_visible()
    preview = page.locator(".preview-frame")
    expect(preview.get_by_label("Discharge letter")).to_have_attribute("accept", "application/pdf")
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("What is new").fill("Asks for the letter")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published.")).to_be_visible()

    patient = stage.form_patient.pk
    page.goto(f"/console/patients/{patient}/forms/fill/{stage.form_place.pk}/{item.pk}/")
    page.get_by_label("What brings you here?").fill("A cough since Monday")
    choose(page, "Discharge letter", "letter.pdf", PNG)
    page.get_by_role("button", name="Complete").click()
    expect(page.locator(".error-summary")).to_contain_text("“letter.pdf” is no PDF file")
    expect(page.get_by_label("What brings you here?")).to_have_value("A cough since Monday")
    choose(page, "Discharge letter", "letter.pdf", PDF)
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_label("Keep letter.pdf")).to_be_checked()
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("Completed.")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="letter.pdf").click()
    assert fetched.value.suggested_filename == "letter.pdf"
    assert fetched.value.path().read_bytes() == PDF


def test_without_script_on_a_phone_a_kept_file_is_taken_away(browse: Browse, stage: Stage) -> None:
    page = browse("parent_desk", java_script_enabled=False, size=PHONE)
    page.goto(f"/console/patients/{stage.form_patient.pk}/forms/{stage.begun_form.pk}/edit/")
    page.get_by_label("Keep letter.pdf").uncheck()
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("main")).to_contain_text("Referral letter")
    expect(page.get_by_role("link", name="letter.pdf")).to_have_count(0)
