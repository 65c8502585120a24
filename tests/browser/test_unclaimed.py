"""What nobody used is paid to the state, the payment is voided, and the patient is paid after all."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def test_to_the_state_and_back_to_the_patient(browse: Browse, stage: Stage) -> None:
    page, one = browse("finance"), stage.made["unclaimed"]
    page.goto(reverse("unclaimed-list"))
    page.get_by_role("link", name="North Clinic").click()
    assert_accessible(page)
    assert_fits(page)
    row = page.get_by_role("row").filter(has_text=one.entitlement.code)
    expect(row).to_contain_text("Due")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Pay to the state").click()
    expect(page.get_by_text("1 item will be paid to the state")).to_be_visible()
    page.get_by_label("Reference").fill("Report 2026")
    page.get_by_role("button", name="Pay 1 item").click()
    expect(page.get_by_text("paid to the state now").first).to_be_visible()
    row.get_by_role("link", name="Paid to the state").click()
    expect(page.get_by_role("heading", name="Payment Report 2026")).to_be_visible()
    page.get_by_role("link", name="Void").click()
    page.get_by_label("Reason").fill("The transfer came back")
    page.get_by_role("dialog").get_by_role("button", name="Void").click()
    expect(page.get_by_text("voided").first).to_be_visible()
    page.goto(reverse("organization-unclaimed", args=[one.holder_id]))
    row.get_by_role("link", name="Pay to patient").click()
    page.get_by_label("Reference").fill("Cheque 7")
    page.get_by_role("dialog").get_by_role("button", name="Pay").click()
    expect(row).to_contain_text("Paid to the patient")
