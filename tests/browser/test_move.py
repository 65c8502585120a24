"""A clinic moves to another region in an open month: what would change is read first, with and without JavaScript."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.clock import today_in
from core.tenancy import bound
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
def test_the_dialog_shows_what_would_change_and_then_moves(
    browse: Browse, fresh_stage: Stage, size: dict[str, int], scheme: str
) -> None:
    cast = fresh_stage.cast
    with bound(fresh_stage.network_id):
        patient = fresh_stage.register("Asha", "Rao", at="T")
        fresh_stage.sell(patient, at="T", on=today_in("UTC") - timedelta(days=1))
    page = browse("administrator", size=size, scheme=scheme)
    page.goto(f"/console/organizations/{cast.organizations['T'].pk}/")
    page.get_by_role("link", name="Move", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New place").select_option(label="North Clinic")
    dialog.get_by_role("button", name="What would change?").click()
    expect(dialog.locator(".error-summary")).to_be_focused()
    dialog.get_by_label("Reason").fill("Nearer to the hospital.")
    dialog.get_by_role("button", name="What would change?").click()
    expect(dialog.get_by_text("1 role gains access")).to_be_visible()
    expect(dialog.get_by_text("Adam Local, Organization administrator at North Clinic")).to_be_visible()
    with bound(fresh_stage.network_id):
        assert cast["T"].parent_id == cast["P"].pk
    assert_accessible(page, phone=size is PHONE)
    assert_fits(page)
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("South Clinic was moved.").first).to_be_visible()
    expect(page.get_by_role("region", name="Places").get_by_text("Nearer to the hospital.")).to_be_visible()
    assert_accessible(page, phone=size is PHONE)
    assert_fits(page)

    today = today_in("UTC")
    assert cash_of(page, "S", until=today - timedelta(days=1)) == "0.00"  # by the tree of the day before
    assert cash_of(page, "S", until=today) == "900.00"


def cash_of(page: Page, code: str, *, until: date) -> str:
    """What the consolidated statement of an organization says about cash, as of a day; nothing is no cash."""
    page.goto(f"{reverse('statement')}?organization={code}&until={until.isoformat()}")
    expect(page.get_by_role("heading", name="Consolidated statement", level=1)).to_be_visible()
    line = page.get_by_role("row", name=re.compile("^Cash"))
    return line.get_by_role("cell").last.inner_text() if line.count() else "0.00"


def test_without_script_several_move_after_the_same_preview(browse: Browse, fresh_stage: Stage) -> None:
    cast = fresh_stage.cast
    page = browse("administrator", java_script_enabled=False)
    ticked = "&".join(f"selected={cast.organizations[code].pk}" for code in "TQ")
    page.goto(f"/console/organizations/move/?{ticked}")
    page.get_by_label("New place").select_option(label="North Clinic")
    page.get_by_label("Reason").fill("One region.")
    expect(page.get_by_role("button", name="Move", exact=True)).to_have_count(0)
    page.get_by_role("button", name="What would change?").click()
    expect(page.get_by_text("3 organizations would move.")).to_be_visible()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page).to_have_url(re.compile("/console/organizations/$"))
    with bound(fresh_stage.network_id):
        assert {cast[code].parent_id for code in "TQ"} == {cast["S"].pk}
