"""Somebody lets a report go out by mail, sends it now, and looks at who got it; an auditor looks at the seals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from audit.actions.seal import seal_waiting
from audit.sealed import SEALED
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage


def test_a_report_is_scheduled_and_sent_now(
    browse: Browse, stage: Stage, worker: Callable[[], list[Any]]
) -> None:
    page = browse("finance")
    page.goto("/console/reports/?kind=balance-sheet")
    page.get_by_role("link", name="Send by mail").click()
    expect(page.get_by_label("Report", exact=True)).to_have_value("balance-sheet")
    page.get_by_label("Name", exact=True).fill("Month-end pack")
    page.get_by_label("How often").select_option("Every month")
    page.get_by_label("Day of the month").fill("")
    page.get_by_label("To", exact=True).fill("desk@harbor.example")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Say on which day of the month.")
    page.get_by_label("Day of the month").fill("3")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("desk@harbor.example may not read this report.")
    assert_accessible(page)
    page.get_by_label("To", exact=True).fill("finance@harbor.example")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_role("heading", name="Month-end pack")).to_be_visible()
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    sent = page.locator("section", has=page.get_by_role("heading", name="What went out"))
    expect(sent).to_contain_text("Waiting")
    (message,) = worker()
    assert message.to == ["finance@harbor.example"]
    assert next(part.get_filename() for part in message.attachments).endswith(".pdf")
    page.reload()
    expect(sent).to_contain_text("finance@harbor.example")
    assert_accessible(page)
    assert_fits(page)


def test_a_saved_view_is_sent_by_mail_and_stays_as_long_as_it_is(browse: Browse, stage: Stage) -> None:
    page = browse("finance")
    page.goto("/console/reports/?kind=trial-balance&scope=alone")
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Books alone")
    page.get_by_role("dialog").get_by_role("button", name="Save view").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="Send by mail").click()
    expect(page.get_by_label("Saved view").locator("option:checked")).to_have_text("Books alone")
    page.get_by_label("Name", exact=True).fill("Alone by mail")
    page.get_by_label("Day of the month").fill("3")
    page.get_by_label("To", exact=True).fill("finance@harbor.example")
    assert_accessible(page)
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.get_by_role("heading", name="Alone by mail")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Books alone").click()
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Delete Books alone").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete view").click()
    expect(page.get_by_role("dialog")).to_contain_text("“Alone by mail” of Harbor Health is sent by it")


def test_an_auditor_finds_the_seals_beside_the_export(browse: Browse, stage: Stage) -> None:
    for kind in SEALED:
        seal_waiting(stage.network_id, kind)
    page = browse("auditor")
    page.goto("/console/journal/export/")
    page.get_by_role("link", name="Seals").click()
    expect(page.get_by_role("heading", name="Seals", level=1)).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("Audit trail")
    assert_accessible(page)
    assert_fits(page)
