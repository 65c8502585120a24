"""A tax from its code to the report: Finance makes it, the counter sells, redeems and Finance gives back.

The consultation is 300.00 of the package's 900.00; with 18 % in it, 254.24 and 45.76 of tax.
"""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def test_from_a_tax_code_to_the_report(browse: Browse, stage: Stage) -> None:
    finance, desk = browse("finance"), browse("parent_desk")
    make_a_code_and_give_it_to_a_service(finance, stage)
    code = sell(desk, stage)
    redeem_and_refund(desk, finance, stage, code)
    read_the_report(finance)


def make_a_code_and_give_it_to_a_service(page: Page, stage: Stage) -> None:
    page.goto("/console/taxes/")
    page.get_by_role("link", name="Add tax code").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code").fill("VAT-18")
    dialog.get_by_label("Name").fill("Value added tax")
    dialog.get_by_label("Stands to prices").select_option("included")
    dialog.get_by_label("Rate, %").fill("18")
    dialog.get_by_label("From").fill(date(2020, 1, 1).isoformat())
    dialog.get_by_role("button", name="Add tax code").click()
    expect(page.get_by_role("heading", name="Value added tax", level=1)).to_be_visible()
    expect(page.get_by_role("cell", name="18 %")).to_be_visible()
    look(page)
    page.goto(f"/console/services/{stage.services['CONSULT'].pk}/")
    page.get_by_role("link", name="Edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Taxed with").select_option("Value added tax")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Value added tax")).to_be_visible()


def sell(page: Page, stage: Stage) -> str:
    """The receipt says what is in the total; returns the address of the entitlement."""
    page.goto(f"/console/counter/{stage.cast.organizations['P'].pk}/patients/{stage.patient.pk}/")
    page.get_by_role("link", name=re.compile("^Recovery package")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Value added tax 18 %, included")).to_be_visible()
    dialog.get_by_role("button", name="Sell").click()
    row = page.get_by_role("row", name="Value added tax 18 %, included")
    expect(row.get_by_role("cell").nth(0)).to_have_text("254.24")
    expect(row.get_by_role("cell").nth(1)).to_have_text("45.76")
    look(page)
    href = page.get_by_role("link", name="Entitlement", exact=True).get_attribute("href")
    assert href
    return href


def redeem_and_refund(desk: Page, finance: Page, stage: Stage, entitlement: str) -> None:
    desk.goto(f"/console/counter/{stage.cast.organizations['P'].pk}/patients/{stage.patient.pk}/")
    desk.get_by_role("link", name=re.compile("^Physiotherapy")).first.click()
    desk.get_by_role("dialog").get_by_role("button", name="Redeem").click()
    expect(desk.get_by_text("was redeemed").first).to_be_visible()
    finance.goto(entitlement)
    expect(finance.get_by_role("row", name="Value added tax 18 %, included")).to_contain_text("45.76")
    look(finance)
    finance.get_by_role("link", name="Refund", exact=True).click()
    dialog = finance.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Moved away")
    dialog.get_by_role("button", name="Refund").click()
    expect(finance.get_by_text("were refunded").first).to_be_visible()
    expect(finance.get_by_role("row", name="Value added tax 18 %, included")).to_contain_text("0.00")


def read_the_report(page: Page) -> None:
    page.goto("/console/reports/?kind=tax&period=this_year")
    row = page.get_by_role("row", name="Value added tax (VAT-18)")
    expect(row.get_by_role("cell").nth(2)).to_have_text("45.76")
    expect(row.get_by_role("cell").nth(3)).to_have_text("−45.76")
    expect(page.get_by_text("make up what is payable")).to_be_visible()
    look(page)
