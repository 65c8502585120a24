"""A network that asks for a second factor, a clinic that is exempt for a while, and somebody who sets one up."""

from __future__ import annotations

import re
import time
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.cast import PASSWORD
from tests.second_factor import code_of


def look(page: Page) -> None:
    """As the pages that everybody can open are looked at: both themes, both sizes."""
    assert_accessible(page)
    assert_fits(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, colours_only=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    assert_fits(page)
    page.set_viewport_size(DESKTOP)


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def confirm_password(page: Page) -> None:
    heading(page, "Confirm that it is you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def set_up(page: Page) -> None:
    """From being turned away to the console, by an authenticator app."""
    page.get_by_role("link", name="Set it up").click()
    confirm_password(page)
    page.get_by_label("Authenticator code").fill(code_of(page.locator("#totp-secret").inner_text()))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="Go on to the console").click()
    heading(page, "Overview")


def enforce(page: Page, place: str) -> None:
    """Found by the name that everybody calls it, and enforced for the whole network."""
    page.goto("/console/")
    page.keyboard.press("Control+k")
    page.keyboard.type("mfa")
    page.get_by_role("dialog").get_by_role("option", name=re.compile("^Second factor")).click()
    page.get_by_role("link", name=f"Change at {place}").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Second factor").select_option(label="Everyone")
    dialog.get_by_label("For the organizations below").select_option("enforced")
    dialog.get_by_role("button", name="What would change?").click()
    expect(dialog.locator(".error-summary")).to_contain_text("An enforced value binds others")
    dialog.get_by_label("Reason").fill("After the audit")
    dialog.get_by_role("button", name="Save").click()
    set_up(page)


def ask_for_waiver(page: Page, clinic: int) -> None:
    set_up(page)
    page.goto(reverse("organization-settings", args=[clinic]) + "?q=second+factor")
    page.get_by_role("link", name="Ask for waiver").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("New phones are on their way")
    dialog.get_by_label("Last day").fill((timezone.now().date() + timedelta(days=30)).isoformat())
    dialog.get_by_role("button", name="Ask for waiver").click()
    expect(page.get_by_text("Waiver asked for")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("second factor")


def grant(page: Page) -> None:
    page.goto("/console/")
    page.get_by_role("link", name="Waivers to decide").click()
    page.get_by_role("link", name="Decide about North Clinic").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill("Until the phones are there.")
    dialog.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The waiver for North Clinic was granted.")).to_be_visible()
    page.goto(reverse("waiver-list"))
    expect(page.get_by_text("Ada Admin: Until the phones are there.")).to_be_visible()


def test_a_second_factor_for_all_but_one_clinic(browse: Browse, stage: Stage, watch: Watch) -> None:
    administrator = browse()
    sign_in(administrator, stage.email("administrator"))
    enforce(administrator, "Harbor Health")
    local = browse()
    sign_in(local, stage.email("local_admin"))
    ask_for_waiver(local, stage.cast.organizations["S"].pk)
    grant(administrator)

    clinic = browse()
    sign_in(clinic, stage.email("desk"))
    heading(clinic, "Overview")

    vendor = browse("vendor")  # the portal is no part of it
    assert vendor.goto(reverse("portal")).status == 200

    page = browse()
    sign_in(page, stage.email("sibling"))
    heading(page, "Set up a second factor")
    expect(page.get_by_text("set by Ada Admin at Harbor Health")).to_be_visible()
    expect(
        page.get_by_text("An administrator of South Clinic can ask for a waiver in its settings")
    ).to_be_visible()
    look(page)
    page.goto(reverse("patient-list"))
    heading(page, "Set up a second factor")

    page.get_by_role("link", name="Set it up").click()
    confirm_password(page)
    heading(page, "Set up an authenticator app")
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")
    look(page)
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.locator("#totp-secret").inner_text() == secret
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Confirm").click()

    heading(page, "Your recovery codes")
    look(page)
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="Go on to the console").click()
    heading(page, "Overview")

    page.get_by_text("Sam South").click()
    page.get_by_role("link", name="Your sign-in").click()
    heading(page, "Your sign-in")
    look(page)
    page.get_by_role("link", name="Remove it").click()
    heading(page, "Remove your second factor?")
    expect(page.get_by_text("You need your second factor.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove it")).to_have_count(0)
    look(page)
    page.goto(reverse("mfa_generate_recovery_codes"))
    heading(page, "Make new recovery codes?")
    look(page)

    again = browse()
    sign_in(again, stage.email("sibling"))
    heading(again, "Enter your second factor")
    look(again)
    again.get_by_label("Code").fill("000000")
    again.get_by_role("button", name="Sign in").click()
    expect(again.locator(".error-summary")).to_be_focused()
    again.get_by_label("Code").fill(code_of(secret, time.time() + 30))
    again.get_by_role("button", name="Sign in").click()
    heading(again, "Overview")

    other = browse("sibling")  # a session from before there was a factor
    other.goto("/console/")
    heading(other, "Show your second factor")
    other.get_by_role("link", name="Enter a code").click()
    expect(other).to_have_url(re.compile(reverse("mfa_reauthenticate")))
    look(other)
    other.get_by_label("Code").fill(codes[0])
    other.get_by_role("button", name="Confirm").click()
    heading(other, "Overview")
    watch.forgive("status of 403")
