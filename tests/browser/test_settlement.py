"""Two people settle a month; what is voided after the payout is taken back by the next settlement."""

from __future__ import annotations

import re
from datetime import date

from django.utils import timezone
from playwright.sync_api import Page, expect

from core.tenancy import bound
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage


def test_a_void_after_the_payout_comes_back_in_the_next_statement(browse: Browse, fresh_stage: Stage) -> None:
    stage, today = fresh_stage, timezone.now().date()
    with bound(stage.network_id):
        sale = stage.sell(stage.register("Asha", "Rao"))
        wrong = stage.redeem(sale, "CONSULT", "S")  # P owes S 240.00
    finance, administrator = browse("finance"), browse("administrator")
    record_agreement(finance, today)
    first = propose(finance, today)
    expect(finance.get_by_role("row", name=re.compile("North Clinic"))).to_contain_text("240.00")
    look(finance)
    nobody_approves_their_own(finance)
    approve_and_settle(administrator, first)
    expect(administrator.get_by_role("main")).to_contain_text("Settled")
    void(finance, wrong.pk)
    propose(finance, today)
    row = finance.get_by_role("row", name=re.compile("North Clinic"))
    expect(row).to_contain_text("−240.00")
    row.get_by_role("link", name="North Clinic").click()
    expect(finance.get_by_role("main")).to_contain_text("Taken back after a payout")
    expect(finance.get_by_role("row", name=re.compile("Void"))).to_contain_text("−240.00")
    look(finance)
    with finance.expect_download() as taken:
        finance.get_by_role("link", name="PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def record_agreement(page: Page, today: date, partner: str = "") -> None:
    page.goto("/console/netting-agreements/add/")
    page.get_by_label("Name", exact=True).fill("Within the group")
    page.get_by_label("Legal basis").fill("Framework agreement, section 4")
    page.get_by_label("In force from").fill(today.isoformat())
    page.get_by_label("Signed on").fill(today.isoformat())
    page.get_by_label("Signed by").fill("both boards")
    group = page.get_by_role("group", name="Parties with all their own subs")
    group.get_by_role("checkbox", name="Harbor Health").check()
    if partner:
        alone = page.get_by_role("group", name=re.compile("^Parties(?! with)"))
        alone.get_by_role("checkbox", name=partner).check()
    look(page)
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("main")).to_contain_text("With all subs of its own")


def ask_for_settlement(page: Page, today: date) -> None:
    page.goto("/console/settlements/propose/")
    page.get_by_label("Until").fill(today.isoformat())
    page.get_by_role("button", name="Propose").click()


def propose(page: Page, today: date) -> str:
    """The address of the new settlement."""
    ask_for_settlement(page, today)
    expect(page.get_by_role("heading", name=re.compile("Settlement"), level=1)).to_be_visible()
    return page.url


def nobody_approves_their_own(page: Page) -> None:
    """It isn't offered, and refused to who goes there all the same."""
    run = page.url
    expect(page.get_by_text("You proposed it; somebody else approves it.")).to_be_visible()
    expect(page.get_by_role("link", name="Approve", exact=True)).to_have_count(0)
    page.goto(f"{run}approve/")
    page.get_by_role("button", name="Approve").click()
    told = "Somebody else than who proposed a settlement has to approve it"
    expect(page.get_by_role("main")).to_contain_text(told)
    page.goto(run)


def approve_and_settle(page: Page, address: str) -> None:
    page.goto(address)
    for link, button in (("Approve", "Approve"), ("Everything is paid", "Settle")):
        page.get_by_role("link", name=link, exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_hidden()


def void(page: Page, event: int) -> None:
    page.goto(f"/console/journal/{event}/void/")
    page.get_by_label("Reason").fill("Wrong patient")
    page.get_by_role("button", name="Void").click()
    expect(page).to_have_url(re.compile("/entitlements/"))


def test_a_refund_after_the_payout_takes_nothing_back_and_every_figure_says_why(
    browse: Browse, fresh_stage: Stage
) -> None:
    stage, today = fresh_stage, timezone.now().date()
    with bound(stage.network_id):
        sale = stage.sell(stage.register("Asha", "Rao"))
        stage.redeem(sale, "PHYSIO", "Q", quantity=2)
        partner = stage.cast["Q"].name
    finance, administrator = browse("finance"), browse("administrator")
    record_agreement(finance, today, partner)
    approve_and_settle(administrator, propose(finance, today))
    finance.goto(f"/console/entitlements/{sale.entitlement_id}/")
    finance.get_by_role("link", name="Refund", exact=True).click()
    dialog = finance.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Moved away")
    dialog.get_by_role("button", name="Refund").click()
    expect(finance.get_by_text("were refunded").first).to_be_visible()
    ask_for_settlement(finance, today)
    expect(finance.get_by_role("main")).to_contain_text("Nothing is open until")
    finance.goto(f"/console/entitlements/{sale.entitlement_id}/")
    finance.get_by_role("row", name=re.compile("Redemption")).get_by_title("Why this amount").click()
    owed = finance.get_by_role("row", name=re.compile("Due to"))
    owed.get_by_title("Why this amount").click()
    why = finance.get_by_role("region", name=re.compile("Why line"))
    expect(why).to_contain_text("of the allocated price")
    expect(why).to_contain_text("activated by")
    look(finance)
