"""The parent configures its organizations: a value in one region, one for many and back, a policy and its waiver; and a
secondary Parent Account that gets the same content."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from core.tenancy import bound
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.sale import Payment, sell_package
from orgs.actions.enterprise import grant_ownership
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage
from tests.cast import SYSTEM

Worker = Callable[[], list[Any]]

REFUND = "Refund window"


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile(f"^{name}")))


def sold_40_days_ago(stage: Stage, place: str) -> int:
    """An entitlement to care that the clinic owes itself."""
    with bound(stage.network_id):
        finance = stage.cast.actor("finance")
        price = stage.package.price
        parts = [Part(stage.services["PHYSIO"], 9, price)]
        package = create_package(
            finance, stage.cast[place], code=f"OWN-{place}", offer=Offer("Own", price, parts, valid_days=None)
        )
        put_on_sale(finance, package, version=package.version)
        sale = sell_package(
            SYSTEM,
            stage.cast[place],
            patient=stage.register("Asha", f"Rao {place}", at=place),
            package=package,
            payments=[Payment("cash", price)],
            on=timezone.now().date() - timedelta(days=40),
            key=uuid4().hex,
        )
        return sale.entitlement_id


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_refund_window_in_one_region_then_for_many_then_as_a_policy_with_a_waiver(
    browse: Browse, fresh_stage: Stage, size: dict[str, int]
) -> None:
    sold = {place: sold_40_days_ago(fresh_stage, place) for place in "ST"}
    page = browse("administrator", size=size)
    north, parent = (fresh_stage.cast.organizations[code].pk for code in "SP")
    page.goto(reverse("organization", args=[north]))
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("searchbox", name="Search").fill("refund window")
    expect(row(page, REFUND)).to_contain_text("no limit")
    expect(row(page, "Largest discount")).to_have_count(0)
    look(page)

    row(page, REFUND).get_by_role("link", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(REFUND).fill("999999")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".error-summary")).to_be_focused()
    dialog.get_by_label(REFUND).fill("30")
    dialog.get_by_role("button", name="What would change?").click()
    expect(dialog.get_by_role("status")).to_contain_text("1 organization would change")
    look(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="is now 30 days at North Clinic")).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("refund window")
    expect(row(page, REFUND)).to_contain_text("by Ada Admin")
    expect(row(page, REFUND)).to_contain_text("Without it: no limit")

    page.goto(reverse("entitlement", args=[sold["S"]]))
    page.get_by_role("link", name="Refund").click()
    expect(dialog).to_contain_text("This was sold 40 days before")
    expect(dialog).to_contain_text("is 30 days, set by Ada Admin at North Clinic")
    expect(dialog.get_by_role("button", name="Refund")).to_have_count(0)
    page.goto(reverse("entitlement", args=[sold["T"]]))
    page.get_by_role("link", name="Refund").click()
    dialog.get_by_label("Paid out at").select_option(label="North Clinic")
    dialog.get_by_label("Reason").fill("Moved away.")
    dialog.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("The unused units were refunded.")).to_be_visible()

    page.goto(reverse("setting-apply") + "?key=billing.refund_window_days")
    page.get_by_role("spinbutton", name=REFUND).fill("60")
    page.get_by_label("Or everything below").select_option(label="Harbor Health")
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name=re.compile("4 of 6 would change"))).to_be_visible()
    look(page)
    page.get_by_role("button", name="Apply to 4").click()
    expect(page.get_by_role("heading", name="Changes of many at once", level=1)).to_be_visible()
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Taken back at 4 organizations")).to_be_visible()

    page.goto(reverse("setting-edit", args=[parent, "billing.refund_window_days"]))
    page.get_by_role("spinbutton", name=REFUND).fill("14")
    page.get_by_label("For the organizations below").select_option("enforced")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("An enforced value binds others").first).to_be_visible()
    expect(page.get_by_role("spinbutton", name=REFUND)).to_have_value("14")
    page.get_by_label("Reason").fill("The auditors asked for it.")
    page.get_by_role("button", name="Save").click()
    page.goto(reverse("organization-settings", args=[north]) + "?q=refund+window")
    expect(row(page, REFUND)).to_contain_text("14 days")
    expect(row(page, REFUND)).to_contain_text("Its own value, 30 days, doesn’t count")

    row(page, REFUND).get_by_role("link", name="Ask for waiver").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(REFUND).fill("45")
    dialog.get_by_label("Reason").fill("Families from abroad.")
    until = timezone.now().date() + timedelta(days=30)
    dialog.get_by_label("Last day").fill(until.isoformat())
    dialog.get_by_role("button", name="Ask for waiver").click()
    expect(page.get_by_role("heading", name="Decide about a waiver")).to_be_visible()
    look(page)
    page.get_by_label("Decision").select_option("grant")
    page.get_by_role("button", name="Decide").click()
    page.goto(reverse("organization-settings", args=[north]) + "?q=refund+window")
    expect(row(page, REFUND)).to_contain_text("45 days")
    expect(row(page, REFUND)).to_contain_text("Waived here")


def test_a_second_parent_account_is_opened_and_gets_the_same_content(
    browse: Browse, fresh_stage: Stage, worker: Worker, tmp_path: Path
) -> None:
    grant_ownership(SYSTEM, fresh_stage.cast.enterprise, user_id=fresh_stage.cast.users["administrator"].pk)
    owner = browse("administrator")
    owner.goto(reverse("network-switch"))
    owner.get_by_role("link", name="Parent Accounts of your enterprise").click()
    owner.get_by_role("link", name="Open a Parent Account").click()
    owner.get_by_label("Name").first.fill("West Health")
    owner.get_by_role("button", name="Open it").click()
    expect(owner.locator(".error-summary")).to_be_visible()
    look(owner)
    owner.get_by_label("Code").fill("west")
    expect(owner.get_by_label("Currency")).to_have_value("USD")  # as the enterprise's first
    owner.get_by_label("Name").nth(1).fill("Wes West")
    owner.get_by_label("E-mail").fill("wes@west.example")
    owner.get_by_label("We accept the trade-offs above").check()
    owner.get_by_role("button", name="Open it").click()
    expect(owner.get_by_text("West Health", exact=True)).to_be_visible()
    expect(owner.get_by_text("0 of 8 steps")).to_be_visible()
    look(owner)

    administrator = browse("administrator")
    administrator.goto(reverse("content-export"))
    with administrator.expect_download() as started:
        administrator.get_by_role("button", name="Export").click()
    file = tmp_path / "content.json"
    started.value.save_as(file)

    (mail,) = [one for one in worker() if one.to == ["wes@west.example"]]
    wes = browse()
    found = re.search(r"https?://[^/\s]+(/invitations/\S+)", mail.body)
    assert found
    wes.goto(found[1])
    wes.get_by_label("Password").fill("a long and quiet sentence")
    wes.get_by_role("button", name="Accept the invitation").click()
    wes.get_by_role("navigation", name="Areas").get_by_role("link", name="Parent Account").click()
    wes.get_by_role("link", name="Import content").click()
    wes.get_by_label("Content package").set_input_files(file)
    wes.get_by_role("button", name="Look into it").click()
    expect(row(wes, "Recovery package")).to_contain_text("New")
    look(wes)
    wes.get_by_role("button", name="Take over what is ticked").click()
    expect(wes.get_by_role("status").filter(has_text="Taken over from Harbor Health")).to_be_visible()
    wes.goto(reverse("package-list"))
    expect(row(wes, "Recovery package")).to_contain_text("Draft")
    wes.goto(reverse("content-import"))
    wes.get_by_label("Content package").set_input_files(file)
    wes.get_by_role("button", name="Look into it").click()
    expect(row(wes, "Recovery package")).to_contain_text("Equal")
    for crossed in ("patient-list", "sale-list", "entitlement-list", "journal"):  # nothing else did
        wes.goto(reverse(crossed))
        expect(wes.get_by_role("main")).to_be_visible()
        expect(wes.locator("tbody tr")).to_have_count(0)
    wes.goto(reverse("organization-list"))
    expect(wes.locator("tbody tr")).to_have_count(1)
    wes.goto(reverse("membership-list"))
    expect(wes.get_by_role("main")).not_to_contain_text("Ada Admin")
