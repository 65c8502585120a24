"""At the counter a hurried finger posts once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.tenancy import bound
from ledger.models import LedgerEvent
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill


def prepare(stage: Stage) -> None:
    fill(stage)


def events(stage: Stage, kind: str) -> int:
    with bound(stage.network_id):
        return LedgerEvent.objects.filter(kind=kind).count()


def open_dialog(browse: Browse, stage: Stage, choice: str) -> Page:
    page = browse("parent_desk")
    page.goto(f"/console/counter/{stage.cast.organizations['P'].pk}/patients/{stage.patient.pk}/")
    page.get_by_role("link", name=re.compile(f"^{choice}")).first.click()
    return page


@pytest.mark.parametrize(
    ("choice", "button", "kind", "done"),
    [
        ("Recovery package", "Sell", "sale", "was sold"),
        ("Physiotherapy", "Redeem", "redemption", "was redeemed"),
    ],
    ids=["sell", "redeem"],
)
class TestTwice:
    """The same form, sent again in every way a person or a network finds."""

    def test_a_double_click(
        self, browse: Browse, stage: Stage, choice: str, button: str, kind: str, done: str
    ) -> None:
        before = events(stage, kind)
        page = open_dialog(browse, stage, choice)
        page.get_by_role("dialog").get_by_role("button", name=button).dblclick()
        expect(page.get_by_text(done).first).to_be_visible()
        assert events(stage, kind) == before + 1

    def test_the_same_form_sent_again(
        self, browse: Browse, stage: Stage, choice: str, button: str, kind: str, done: str
    ) -> None:
        """Without the guard of the page: what a second tap over a slow connection sends."""
        before = events(stage, kind)
        page = open_dialog(browse, stage, choice)
        form = page.get_by_role("dialog").locator("form")
        expect(form.get_by_role("button", name=button)).to_be_visible()
        answers: list[Any] = form.evaluate(
            """async (form) => {
                const send = () => fetch(form.action, {method: "POST", body: new FormData(form), redirect: "manual"});
                const answers = await Promise.all([send(), send(), send()]);
                return answers.map((answer) => answer.type);
            }"""
        )
        assert answers == ["opaqueredirect"] * 3
        assert events(stage, kind) == before + 1


def test_a_stale_page_says_so_and_keeps_what_was_typed(browse: Browse, stage: Stage) -> None:
    """Somebody else saved the organization meanwhile."""
    first, second = browse("administrator"), browse("local_admin")
    path = f"/console/organizations/{stage.cast.organizations['S'].pk}/edit/"
    for page, name in ((first, "North Clinic East"), (second, "North Clinic West")):
        page.goto(path)
        page.get_by_label("Name").fill(name)
    first.get_by_role("button", name="Save changes").click()
    expect(first.get_by_role("heading", name="North Clinic East", level=1)).to_be_visible()
    second.get_by_role("button", name="Save changes").click()
    expect(second.locator(".error-summary")).to_be_focused()
    expect(second.get_by_label("Name")).to_have_value("North Clinic West")


def test_credit_pays_a_part_and_the_patient_the_rest(browse: Browse, stage: Stage) -> None:
    before = events(stage, "redemption")
    page = open_dialog(browse, stage, "Credit")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Service").select_option(label="Consultation")
    expect(dialog.locator("#sell-price")).to_contain_text("From the credit")
    dialog.get_by_label("Of it from the credit").fill("150.00")
    expect(dialog.locator("#sell-price")).to_contain_text("250.00")
    dialog.get_by_role("button", name="Redeem").click()
    expect(dialog.get_by_text("Choose how the rest is paid.").first).to_be_visible()
    expect(dialog.get_by_label("Of it from the credit")).to_have_value("150.00")
    dialog.get_by_label("The rest is paid by").select_option(label="Card")
    assert_accessible(page)
    dialog.get_by_role("button", name="Redeem").click()
    expect(page.get_by_text("Credit was redeemed").first).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("150.00 was paid by credit")
    assert events(stage, "redemption") == before + 1


def test_a_charge_says_its_price_and_leads_to_its_receipt(browse: Browse, stage: Stage) -> None:
    page = open_dialog(browse, stage, "Charge a service")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Service").select_option(label="Consultation")
    dialog.get_by_label("Quantity").fill("2")
    expect(dialog.get_by_text("Price of 2")).to_be_visible()
    assert_accessible(page)
    dialog.get_by_role("button", name="Charge").click()
    expect(page.get_by_role("heading", name="Receipt", level=1)).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("Cash")
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    assert_accessible(page)


def test_the_price_follows_what_is_typed(browse: Browse, stage: Stage) -> None:
    page = open_dialog(browse, stage, "Recovery package")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Price of one")).to_be_visible()
    dialog.get_by_label("Quantity").fill("3")
    expect(dialog.get_by_text("Price of 3")).to_be_visible()
    dialog.get_by_label("Discount").fill("100.00")
    expect(dialog.locator("#sell-price")).to_contain_text("2,600.00")
    expect(dialog.get_by_label("Discount")).to_be_focused()
    assert_accessible(page)
