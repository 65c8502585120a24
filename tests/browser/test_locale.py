"""A network goes over to another way of writing dates and numbers: chosen in its settings, seen and typed at once."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
def test_dates_and_numbers_are_chosen_by_what_they_look_like_and_typed_so(
    browse: Browse, fresh_stage: Stage, size: dict[str, int], scheme: str
) -> None:
    page = browse("administrator", size=size, scheme=scheme)
    parent = fresh_stage.cast.organizations["P"].pk
    service = fresh_stage.services["PHYSIO"].pk
    page.goto(reverse("organization-settings", args=[parent]) + "?group=branding")
    page.get_by_role("link", name="Change Dates and numbers").click()
    dialog = page.get_by_role("dialog")
    chosen = dialog.get_by_label("Dates and numbers", exact=True)
    expect(
        chosen.get_by_role("option", name="India: 21 Nov 2026, 3:05\u202fpm · 12,34,567.89")
    ).to_have_count(1)
    chosen.select_option("en-DE")
    assert_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="21 Nov 2026, 15:05 · 1.234.567,89")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)

    page.goto(reverse("price-set", args=[service]))
    price = page.get_by_label("Price")
    page.get_by_label("Organization").select_option(str(parent))
    price.fill("1,234.50")
    page.get_by_label("From").fill("2027-01-01")
    page.get_by_role("button", name="Set price").click()
    expect(page.locator(".error-summary")).to_contain_text("“1,234.50” is not a number as it is written here")
    expect(price).to_have_value("1,234.50")
    assert_accessible(page)
    price.fill("1.234,50")
    page.get_by_role("button", name="Set price").click()
    expect(page.get_by_role("status").filter(has_text="The price was set.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="1.234,50")).to_contain_text("1 Jan 2027")
    assert_accessible(page)
    assert_fits(page)
