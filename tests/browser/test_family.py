"""A family's package: one more is let in, uses it at the counter, and the record says who did."""

from __future__ import annotations

import re

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def test_one_more_of_the_family_uses_it(browse: Browse, stage: Stage) -> None:
    page, counter = browse("parent_desk"), stage.cast.organizations["P"].pk
    page.goto(reverse("entitlement", args=[stage.made["family"].pk]))
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.get_by_role("link", name="Tara Rao")).to_be_visible()
    page.get_by_role("link", name="Add").click()
    page.get_by_role("searchbox", name=re.compile("patient", re.I)).fill("Wilhelmina")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("^Wilhelmina")).click()
    page.get_by_label("Reason").fill("Her grandmother")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("may use it now")).to_be_visible()
    grandmother = stage.made["long_patient"]
    page.goto(reverse("counter-patient", args=[counter, grandmother.pk]))
    page.get_by_role("link", name=re.compile("^Physiotherapy.*shared")).click()
    page.get_by_role("dialog").get_by_role("button", name="Redeem").click()
    expect(page.get_by_text("was redeemed").first).to_be_visible()
    page.goto(reverse("entitlement-people", args=[stage.made["family"].pk]))
    row = page.get_by_role("row").filter(has_text="Wilhelmina")
    expect(row.get_by_role("cell", name="1", exact=True)).to_be_visible()
    assert_accessible(page)
    row.get_by_role("link", name="Remove").click()
    page.get_by_label("Reason").fill("Moved out")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("may not use it any more").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Wilhelmina")).to_have_count(0)
