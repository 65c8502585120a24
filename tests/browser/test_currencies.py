"""A branch abroad from its first rates to the group's statement in one currency, as the people in it do it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from core.tenancy import bound
from orgs.actions.organization import add_organization
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import Browse
from tests.browser.stage import Stage
from tests.browser.test_settlement import approve_and_settle, propose, record_agreement
from tests.cast import SYSTEM, details


def test_from_rates_to_the_statement_in_one_currency(browse: Browse, fresh_stage: Stage) -> None:
    stage, today = fresh_stage, timezone.now().date()
    before = today - timedelta(days=5)
    with bound(stage.network_id):
        abroad = add_organization(
            SYSTEM, stage.cast["P"], kind="sub", details=details("Abroad", "E"), currency="EUR"
        )
        patient = stage.register("Asha", "Rao", at="P")
        sale = stage.sell(patient, on=before)
    finance, administrator = browse("finance"), browse("administrator")
    import_rates(finance, before, today)
    with bound(stage.network_id):
        stage.cast.organizations["E"] = abroad
        stage.redeem(sale, "CONSULT", "E", on=before)  # 240.00 dollars: 192.00 euros then, 160.00 today
        del stage.cast.organizations["E"]  # other tests have the same cast
    sell_abroad(administrator, abroad.pk, patient.pk, stage)
    revalue(finance, today)
    settle(finance, administrator, today)
    read_in_euros(finance, today)


def look(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)


def import_rates(page: Page, before: date, today: date) -> None:
    page.goto("/console/rates/import/")
    head = "date,from,to,rate,source"
    good = f"{before.isoformat()},EUR,USD,1.25,a bank"
    page.get_by_label("Rates").fill(f"{head}\n{good}\n{today.isoformat()},EUR,USD,1;5,a bank")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("row", name=re.compile("1;5"))).to_contain_text("is no number")
    look(page)
    page.get_by_label("Rates").fill(f"{head}\n{good}\n{today.isoformat()},EUR,USD,1.5,a bank")
    page.get_by_role("button", name="Check").click()
    look(page)
    page.get_by_role("button", name="Import 2 rates").click()
    expect(page.get_by_role("row", name=re.compile("1 EUR"))).to_have_count(2)
    look(page)


def sell_abroad(page: Page, at: int, patient: int, stage: Stage) -> None:
    page.goto(f"/console/counter/{at}/patients/{patient}/sell/{stage.package.pk}/")
    expect(page.get_by_role("main")).to_contain_text("1 EUR = 1.5 USD")
    expect(page.get_by_role("main")).to_contain_text("600.00")
    look(page)
    page.get_by_role("button", name="Sell", exact=True).click()
    receipt = page.get_by_label("Receipt")
    expect(receipt).to_contain_text("900.00")
    expect(receipt).to_contain_text(re.compile("EUR.*600.00"))


def revalue(page: Page, today: date) -> None:
    page.goto(f"/console/revaluation/?organization=P&on={today.isoformat()}&below=on")
    expect(page.get_by_role("row", name=re.compile("Abroad"))).to_contain_text("−32.00")
    look(page)
    page.get_by_role("link", name="Book differences").click()
    page.get_by_role("dialog").get_by_role("button", name="Book").click()
    expect(page.get_by_role("link", name="Book differences")).to_have_count(0)


def settle(finance: Page, administrator: Page, today: date) -> None:
    record_agreement(finance, today)
    address = propose(finance, today)
    expect(finance.get_by_role("row", name=re.compile("Abroad"))).to_contain_text("660.00")  # 900.00 - 240.00
    approve_and_settle(administrator, address)
    expect(administrator.get_by_role("main")).to_contain_text("Settled")


def read_in_euros(page: Page, today: date) -> None:
    page.goto(f"/console/reports/?kind=balance-sheet&organization=P&until={today.isoformat()}")
    page.get_by_label("Currency").select_option("EUR")
    expect(page.get_by_role("row", name=re.compile("Translation difference"))).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Assets equal liabilities and equity in every column.")
    expect(page.get_by_role("row", name=re.compile("USD, closing"))).to_contain_text("1 EUR = 1.5 USD")
    look(page)
