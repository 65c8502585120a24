"""Beside a sale: prices changed at once and taken back, a quote that is sold, and more units of what was bought."""

from __future__ import annotations

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def test_a_patient_permits_to_be_written_to(browse: Browse, stage: Stage) -> None:
    page = browse("parent_desk")
    page.goto(reverse("patient-edit", args=[stage.patient.pk]))
    page.get_by_label("E-mail").fill("asha@rao.example")
    page.get_by_label("Communication consent").select_option(label="Permitted")
    assert_accessible(page)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Permitted", exact=True)).to_be_visible()


def test_prices_are_seen_changed_and_taken_back(browse: Browse, stage: Stage) -> None:
    page = browse("finance")
    page.goto(reverse("price-change-add"))
    page.get_by_label("From").fill((timezone.now().date() + timedelta(days=60)).isoformat())
    page.get_by_label("By percent").fill("10")
    page.get_by_label("Rounded").select_option(label="to .99")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name=re.compile("prices would change"))).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name=re.compile(r"^Change \d+ prices")).click()
    row = page.get_by_role("row").filter(has_text="+10 % on all services, rounded to .99")
    row.get_by_role("link", name=re.compile("^Undo")).click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_text(re.compile(r"\d+ prices were taken back")).first).to_be_visible()
    expect(row.get_by_role("link", name=re.compile("^Undo"))).to_have_count(0)


def test_a_quote_is_written_and_sold(browse: Browse, stage: Stage) -> None:
    page, counter = browse("parent_desk"), stage.cast.organizations["P"].pk
    page.goto(reverse("counter-patient", args=[counter, stage.patient.pk]))
    page.get_by_role("link", name="Write a quote").click()
    page.get_by_label("Package", exact=True).select_option(label=stage.package.name)
    assert_accessible(page)
    page.get_by_role("button", name="Write").click()
    expect(page.get_by_text("The quote was written.").first).to_be_visible()
    page.get_by_role("link", name="Sell", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Sell").click()
    expect(page.get_by_text("Everything offered was sold.").first).to_be_visible()
    page.get_by_role("link", name="Receipt", exact=True).click()
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    page.get_by_role("link", name="Entitlement", exact=True).click()
    page.get_by_role("link", name="Top up").click()
    page.get_by_label("Physiotherapy").fill("2")
    expect(page.locator("#sell-price")).to_contain_text("Price")
    page.get_by_role("button", name="Sell").click()
    expect(page.get_by_text("was topped up").first).to_be_visible()
    expect(page.get_by_text(re.compile("^Tops up"))).to_be_visible()
