"""A network under its own name: a logo that is uploaded and seen, and signing in at a host name of its own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.tenancy import bound
from network.loopback import Loopback
from orgs.actions.hostname import confirm_host_name, request_host_name
from orgs.actions.membership import NewMembership, grant_membership
from orgs.queries import tree
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage
from tests.browser.watch import Watch
from tests.cast import PASSWORD, SYSTEM
from tests.orgs.branding.pictures import picture

CARE, THEIRS = "care.harbor.localhost", "care.canary.localhost"


def a_file(colour: str, name: str = "logo.png") -> dict[str, object]:
    return {"name": name, "mimeType": "image/png", "buffer": picture((320, 80), colour)}


def is_drawn(page: Page, selector: str) -> bool:
    """Did the browser load and draw the picture?"""
    return bool(page.locator(selector).evaluate("image => image.complete && image.naturalWidth > 0"))


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
def test_a_logo_is_uploaded_looked_at_in_both_themes_and_removed(
    browse: Browse, fresh_stage: Stage, size: dict[str, int], scheme: str
) -> None:
    page = browse("administrator", size=size, scheme=scheme)
    parent = fresh_stage.cast.organizations["P"].pk
    page.goto(reverse("organization-settings", args=[parent]) + "?group=branding")
    page.get_by_role("link", name="Change Logo", exact=True).click()
    dialog = page.get_by_role("dialog")
    file = dialog.get_by_label("Logo", exact=True)
    file.set_input_files(
        {"name": "mark.svg", "mimeType": "image/svg+xml", "buffer": b"<svg onload='alert(1)'/>"}
    )
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".error-summary")).to_contain_text("is an SVG, which can carry scripts")
    file.set_input_files(a_file("navy"))
    assert_accessible(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="“Logo” is now picture")).to_be_visible()
    for ground in ("light", "dark"):
        expect(page.get_by_role("img", name=f"The logo on {ground} ground").first).to_be_visible()
    assert is_drawn(page, ".side .logo .on-light")
    assert_accessible(page)
    assert_fits(page)

    page.get_by_role("link", name="Change Logo for the dark theme").click()
    dialog.get_by_label("Logo for the dark theme").set_input_files(a_file("white"))
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".side .logo .on-dark")).to_have_count(1)
    assert page.locator(".side .logo .on-dark").is_visible() == (scheme == "dark" and size == DESKTOP)

    page.get_by_role("link", name="Inherit Logo", exact=True).click()
    dialog.get_by_role("button", name="Return to inherit").click()
    expect(page.get_by_role("status").filter(has_text="inherits “Logo” again")).to_be_visible()
    page.get_by_role("link", name="Inherit Logo for the dark theme").click()
    dialog.get_by_role("button", name="Return to inherit").click()
    expect(page.locator(".side .logo")).to_have_count(0)


def test_a_person_signs_in_at_the_host_name_of_their_network_and_switches_to_another(
    browse: Browse, fresh_stage: Stage, server: Loopback, watch: Watch
) -> None:
    port = urlsplit(server.url).port
    cast = fresh_stage.cast
    admin = browse("administrator")
    admin.goto(reverse("parent-account"))
    admin.get_by_role("link", name="Ask for one").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("Host name").fill(f"{CARE}:{port}")
    dialog.get_by_role("button", name="Ask for it").click()
    expect(dialog.locator(".error-summary")).to_contain_text("names a port")
    dialog.get_by_label("Host name").fill(CARE)
    dialog.get_by_role("button", name="Ask for it").click()
    hosts = admin.get_by_role("region", name="Host names")
    expect(hosts.get_by_role("listitem").filter(has_text=CARE)).to_contain_text("Waits for an operator")
    assert_accessible(admin)
    assert_fits(admin)
    call_command("hostnames", "confirm", CARE, network=cast.network.pk)
    with bound(cast.foreign[0].pk):
        confirm_host_name(SYSTEM, request_host_name(SYSTEM, None, name=THEIRS, face="console"))
        grant_membership(
            SYSTEM, tree.root(), user=cast.users["desk"], new=NewMembership("front_desk", "this")
        )

    page = browse()
    page.goto(f"http://{CARE}:{port}/")
    expect(page.locator(".brand")).to_have_text("Harbor Health")
    assert_accessible(page)
    sign_in(page, fresh_stage.email("desk"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(page).to_have_url(f"http://{CARE}:{port}/console/")
    page.get_by_role("link", name=re.compile("Switch network$")).first.click()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("at an address of its own")).click()
    expect(page).to_have_url(re.compile(f"^http://{THEIRS}:{port}/account/sign-in/"))
    expect(page.locator(".brand")).not_to_have_text("Harbor Health")

    stranger = browse()
    stranger.goto(f"http://{THEIRS}:{port}/")
    sign_in(stranger, fresh_stage.email("finance"))
    expect(stranger.get_by_role("heading", level=1)).to_have_text("You hold no role here")
    assert_accessible(stranger)
    watch.forgive("403")
    assert stranger.goto(f"http://nobody.localhost:{port}/").status == 400
    watch.forgive("400")


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
