"""A module is switched off at a branch, its front desk is told clearly, and it is switched on again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill
from tests.browser.watch import Watch

PACKAGES = re.compile("^Packages")
REASON = "The branch moves to South Clinic."


def prepare(stage: Stage) -> None:
    fill(stage)


def test_packages_off_at_a_branch_with_live_entitlements_and_on_again(
    browse: Browse, stage: Stage, watch: Watch
) -> None:
    branch = stage.cast.organizations["S"].pk
    counter = f"/console/counter/{branch}/patients/{stage.patient.pk}/"
    sell = f"{counter}sell/{stage.package.pk}/"

    desk = browse("desk")
    desk.goto(counter)
    expect(desk.get_by_role("link", name=re.compile("^Recovery package"))).to_be_visible()

    page = browse("administrator")
    page.goto("/console/modules/")
    expect(page.get_by_role("heading", name="Modules", level=1)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("checkbox", name="Tick North Clinic").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("heading", name="Switch modules")).to_be_visible()
    page.get_by_role("checkbox", name="Packages").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Say why it is switched off").first).to_be_visible()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="1 organization would change")).to_be_visible()
    expect(page.get_by_role("cell", name=re.compile(r"\d live entitlements? sold there"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"people whose roles use it")).first).to_be_visible()
    expect(page.get_by_role("heading", name="1 organization would change")).to_be_focused()
    expect(page.get_by_text("What was sold stays usable where packages are on.")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Switch off at 1").click()
    expect(page.get_by_text("Packages: switched off at North Clinic").first).to_be_visible()

    desk.goto(counter)
    expect(desk.get_by_text(REASON.rstrip(".")).first).to_be_visible()
    expect(desk.get_by_role("link", name=re.compile("^Recovery package"))).to_have_count(0)
    expect(desk.get_by_role("navigation", name="Areas").get_by_role("link", name=PACKAGES)).to_have_count(0)
    answer = desk.goto(sell)
    assert answer is not None
    assert answer.status == 403
    watch.forgive("403")  # Chromium writes a line about it
    expect(desk.get_by_role("heading", name="“Packages” is switched off at North Clinic")).to_be_visible()
    expect(desk.get_by_text("by Ada Admin on")).to_be_visible()
    expect(desk.get_by_text("Ask an administrator of Harbor Health")).to_be_visible()
    assert_accessible(desk)
    assert_fits(desk)

    desk.goto(f"/console/counter/{branch}/")
    expect(desk.get_by_text("What patients bought stays good wherever packages are on.")).to_be_visible()
    elsewhere = browse("parent_desk")
    elsewhere.goto(f"/console/counter/{stage.cast.organizations['P'].pk}/")
    elsewhere.get_by_label("Entitlement code").fill(stage.entitlement.code)
    elsewhere.get_by_role("button", name="Look up").click()
    elsewhere.get_by_role("link", name=re.compile("^Physiotherapy")).first.click()
    elsewhere.get_by_role("button", name="Redeem").click()
    expect(elsewhere.get_by_text(re.compile("Physiotherapy was redeemed at Harbor Health"))).to_be_visible()

    page.goto(f"/console/organizations/{branch}/modules/")
    page.get_by_role("link", name="Switch on Packages").click()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Switch on at 1").click()
    expect(page.get_by_text("Packages: switched on at North Clinic").first).to_be_visible()
    desk.goto(counter)
    desk.get_by_role("link", name=re.compile("^Recovery package")).click()
    expect(desk.get_by_role("dialog").get_by_role("button", name="Sell")).to_be_visible()
