"""Choosing rows in a browser: by keys, all of a page, all that match; and acts on invitations, roles and rules."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.tenancy import bound
from ledger.actions.rule import Terms, draft_rule
from ledger.models import RuleVersion
from ledger.rules.terms import Conditions, Event, Outcome
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership
from orgs.actions.organization import add_organization
from orgs.models import Invitation, Membership, Organization
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill
from tests.cast import SYSTEM, details
from tests.ledger.market import PERCENT_80

LIST = "/console/organizations/?q=ward"
WARDS = 30


def prepare(stage: Stage) -> None:
    fill(stage)
    with bound(stage.network_id):
        for number in range(WARDS):
            about = details(f"Ward {number:02}", f"W{number:02}")
            add_organization(SYSTEM, stage.cast["P"], kind="sub", details=about)
        for name in ("Ida", "Jan"):
            invite(
                SYSTEM,
                stage.cast["S"],
                email=f"{name.lower()}@harbor.example",
                name=name,
                new=NewMembership("front_desk", "this"),
            )
        for number, code in enumerate(("first-draft", "second-draft"), 1):
            terms = Terms(
                Event.REDEMPTION,
                Conditions(servicing="T", service="LAB"),
                Outcome(transfer=PERCENT_80),
                priority=number,
            )
            draft_rule(stage.cast.actor("finance"), stage.cast["P"], code=code, terms=terms)


def row(page: Page, name: str):
    return page.get_by_role("checkbox", name=f"Tick {name}")


def count(page: Page):
    return page.locator("[data-bulk-count]")


def test_rows_are_chosen_by_keys(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST)
    row(page, "Ward 02").click()
    row(page, "Ward 06").click(modifiers=["Shift"])
    expect(count(page)).to_have_text("5 selected")
    expect(page.locator("#announcer")).to_have_text("5 selected")
    row(page, "Ward 06").focus()
    page.keyboard.press("ArrowDown")
    expect(row(page, "Ward 07")).to_be_focused()
    page.keyboard.press("Space")
    expect(count(page)).to_have_text("6 selected")
    page.keyboard.press("Shift+ArrowDown")
    expect(row(page, "Ward 08")).to_be_checked()
    expect(count(page)).to_have_text("7 selected")
    page.keyboard.press("Escape")
    expect(count(page)).to_be_hidden()
    expect(page.locator("#announcer")).to_have_text("None selected")
    expect(page.get_by_role("checkbox", name="Tick all rows")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_that_match_are_suspended(browse: Browse, stage: Stage, theme: str) -> None:
    page = browse("administrator", scheme=theme)
    page.goto(LIST)
    every = page.get_by_role("checkbox", name=f"Select all {WARDS} that match")
    expect(every).to_be_hidden()
    page.get_by_role("checkbox", name="Tick all rows").check()
    expect(count(page)).to_have_text("All 25 on this page are selected")
    every.check()
    expect(count(page)).to_have_text(f"All {WARDS} that match are selected")
    assert_accessible(page)
    row(page, "Ward 03").uncheck()
    expect(count(page)).to_have_text("24 selected")
    expect(every).to_be_hidden()
    row(page, "Ward 03").check()
    every.check()
    act = "Suspend" if theme == "light" else "Reactivate"
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.get_by_text(f"{WARDS} organizations will be")).to_be_visible()
    expect(page.get_by_text("and 5 more")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Reason").fill("Flood.")
    page.get_by_role("button", name=f"{act} {WARDS} organizations").click()
    expect(page).to_have_url(f"{page.url.split('/console')[0]}{LIST}")
    with bound(stage.network_id):
        wards = Organization.objects.filter(name__startswith="Ward ")
        assert {one.status for one in wards} == {"suspended" if act == "Suspend" else "active"}


def test_all_that_match_without_script(browse: Browse) -> None:
    page = browse("administrator", java_script_enabled=False)
    page.goto(LIST)
    page.get_by_role("checkbox", name=f"Select all {WARDS} that match").check()
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text(f"{WARDS} organizations will be archived")).to_be_visible()


def test_the_bar_fits_a_phone(browse: Browse) -> None:
    page = browse("administrator", size=PHONE)
    page.goto(LIST)
    for box in page.locator("[data-bulk-row]").all():
        box.check()
    expect(page.get_by_role("checkbox", name=f"Select all {WARDS} that match")).to_be_visible()
    assert_fits(page)
    page.evaluate("scrollTo(0, 0)")  # else the bar on top covers half a row
    assert_accessible(page, phone=True)


def test_invitations_are_sent_again_and_revoked(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto("/console/people/")
    page.get_by_role("link", name="Invitations").click()
    expect(page.get_by_role("heading", name="Invitations", level=1)).to_be_visible()
    assert_accessible(page)
    for name in ("Ida", "Jan"):
        row(page, name).check()
    page.get_by_role("button", name="Resend").click()
    page.get_by_role("button", name="Resend 2 invitations").click()
    expect(page.get_by_text("2 invitations are sent again now.")).to_be_visible()
    row(page, "Ida").check()
    page.get_by_role("button", name="Revoke").click()
    assert_accessible(page)
    page.get_by_role("button", name="Revoke 1 invitation").click()
    expect(page.get_by_role("row", name="Ida").get_by_text("Revoked")).to_be_visible()
    with bound(stage.network_id):
        assert Invitation.objects.get(name="Ida").revoked_at is not None


def test_a_role_is_changed_after_seeing_what_it_means(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto("/console/people/?q=nora")
    row(page, "Nora North").check()
    page.get_by_role("button", name="Change role").click()
    page.get_by_label("New role").select_option(label="Scheduler")
    page.get_by_label("Reason").fill("Moved to planning.")
    page.get_by_role("button", name="What would change?").click()
    expect(page.get_by_role("heading", name="What Scheduler means for them")).to_be_visible()
    expect(page.get_by_text("1 × Front desk")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Change 1 role").click()
    expect(page.get_by_text("1 role is changed now.")).to_be_visible()
    with bound(stage.network_id):
        roles = Membership.objects.filter(user=stage.cast.users["desk"], ends_on=None)
        assert [one.role for one in roles] == ["scheduler"]


def test_rules_are_activated_and_ended(browse: Browse, stage: Stage) -> None:
    page = browse("administrator")
    page.goto("/console/rules/?q=draft")
    assert_accessible(page)
    for name in ("first-draft", "second-draft"):
        row(page, name).check()
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text("2 rules will be in force")).to_be_visible()
    page.get_by_role("button", name="Activate 2 rules").click()
    expect(page.get_by_text("2 rules are in force now.")).to_be_visible()
    row(page, "first-draft").check()
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_label("Last day").fill("2099-12-31")
    assert_accessible(page)
    page.get_by_role("button", name="End 1 rule").click()
    expect(page.get_by_role("row", name="first-draft").get_by_text("Ended")).to_be_visible()
    with bound(stage.network_id):
        states = RuleVersion.objects.filter(rule__code__endswith="-draft").order_by("rule__code")
        assert [one.status for one in states] == ["ended", "active"]
