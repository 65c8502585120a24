"""The end of a month in one sitting: from a dispute to statements that are closed and kept."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import uuid4

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from core.tenancy import bound
from ledger.actions.redemption import redeem
from ledger.queries.entitlement import lines_of
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage
from tests.browser.test_settlement import approve_and_settle, propose, record_agreement
from tests.cast import SYSTEM


def test_from_a_dispute_to_statements_that_are_kept(browse: Browse, fresh_stage: Stage) -> None:
    stage = fresh_stage
    today = timezone.now().date()
    last = today.replace(day=1) - timedelta(days=1)
    wrong = business_of(stage, last)
    finance, administrator = browse("finance"), browse("administrator")

    # The branch disputes what was not performed, and the checklist says so.
    finance.goto("/console/reconciliation/")
    finance.get_by_role("row").filter(has_text="North Clinic").get_by_role("link").click()
    finance.get_by_role("link", name=re.compile(f"^Dispute entry no. {wrong}")).click()
    dialog = finance.get_by_role("dialog", name="Dispute")
    dialog.get_by_label("Reason").select_option(label="It was not performed")
    dialog.get_by_label("In words").fill("The patient never came.")
    dialog.get_by_role("button", name="Dispute").click()
    expect(finance.get_by_role("heading", name=f"Dispute of entry no. {wrong}")).to_be_visible()
    dispute = finance.url
    before_closing(finance, last)
    expect(finance.get_by_role("main")).to_contain_text("1 item is disputed")
    look(finance)

    # The other side voids it and ends the dispute by that; the rest is acknowledged.
    administrator.goto(f"/console/journal/{wrong}/void/")
    administrator.get_by_label("Reason").fill("Booked for the wrong patient")
    administrator.get_by_role("button", name="Void").click()
    expect(administrator).to_have_url(re.compile("/entitlements/"))
    administrator.goto(dispute)
    administrator.get_by_role("link", name="End the dispute").click()
    dialog = administrator.get_by_role("dialog")
    expect(dialog.get_by_label("Corrected")).to_be_checked()
    expect(dialog.get_by_label("Number of the entry")).not_to_have_value("")  # the void is offered
    dialog.get_by_label("In words").fill("Voided.")
    dialog.get_by_role("button", name="End it").click()
    expect(administrator.get_by_role("main")).to_contain_text("Corrected")
    finance.goto("/console/reconciliation/")
    finance.get_by_role("row").filter(has_text="North Clinic").get_by_role("link").click()
    finance.get_by_role("checkbox", name="Tick all rows").check()
    finance.get_by_role("button", name="Acknowledge").click()
    expect(finance.get_by_text(re.compile("items? acknowledged for"))).to_be_visible()

    # What is left is netted, approved by another person, and paid.
    record_agreement(finance, today)
    run = propose(finance, today)
    expect(finance.get_by_role("row", name=re.compile("North Clinic"))).to_contain_text("240.00")
    approve_and_settle(administrator, run)
    expect(administrator.get_by_role("main")).to_contain_text("Settled")

    # Nothing stands in the way any more, and the month is closed for good.
    before_closing(finance, last)
    expect(finance.get_by_role("main")).to_contain_text("Nothing stands in the way")
    finance.goto("/console/periods/")
    finance.get_by_role("link", name="Close a month").click()
    dialog = finance.get_by_role("dialog", name="Close a month")
    dialog.get_by_label("Month").fill(f"{last:%Y-%m}")
    dialog.get_by_label(re.compile("^How")).select_option("hard")
    dialog.get_by_text("Close", exact=True).click()
    expect(dialog).to_be_hidden()
    kept = finance.get_by_role("region", name="Statements as they were closed")
    expect(kept.get_by_role("row", name=re.compile("North Clinic"))).to_be_visible()
    look(finance)

    # What was reported is there to be read and taken away, and a late entry goes to the open month.
    kept.get_by_role("row", name=re.compile("Harbor Health")).get_by_role("link").click()
    expect(finance.get_by_role("heading", name="What was kept")).to_be_visible()
    look(finance)
    with finance.expect_download() as taken:
        finance.get_by_role("link", name="PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    finance.goto("/console/reports/?kind=balance-sheet&scope=consolidated&period=last_month")
    expect(finance.get_by_text("Assets equal liabilities and equity in every column.")).to_be_visible()
    look(finance)


def business_of(stage: Stage, on: date) -> int:
    """A sale of a month, and two redemptions at the branch; the number of the one that never took place."""
    with bound(stage.network_id):
        sale = stage.sell(stage.register("Asha", "Rao"), on=on)
        numbers = []
        for service in ("CONSULT", "LAB"):
            line = next(one for one in lines_of(sale.entitlement) if one.service.code == service)
            event = redeem(SYSTEM, stage.cast["S"], line=line, on=on, key=uuid4().hex)
            numbers.append(event.pk)
    return numbers[1]


def before_closing(page: Page, day: date) -> Locator:
    page.goto("/console/periods/checklist/")
    expect(page.get_by_label("Month")).to_have_value(f"{day:%Y-%m}")
    return page.get_by_role("main")


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)
