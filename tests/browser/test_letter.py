"""A mail as a mail program draws it, in both themes, on a phone and on a wide window."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from core.tenancy import bound
from orgs.actions.mail import queue_signed_mail
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage
from tests.orgs.branding.pictures import picture
from tests.orgs.branding.test_logo import give
from work.models import Mail

BODY = (
    "Hello Nell,\n\nAda invites you to North Clinic.\n\nAccept the invitation within 14 days:\n"
    "https://console.example/console/invitations/9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a/\n\n"
    "    1234 5678\n\nIf you didn't expect this, you can ignore it.\n"
)


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
def test_it_is_readable(browse: Browse, fresh_stage: Stage, size: dict[str, int], scheme: str) -> None:
    logo = picture((320, 80), "navy")
    give(fresh_stage.cast, "P", logo)
    with bound(fresh_stage.network_id):
        queue_signed_mail(fresh_stage.cast["S"], "nell@harbor.example", "You are invited", BODY)
    mail = Mail.objects.get(to="nell@harbor.example")
    here = f"data:image/png;base64,{base64.b64encode(logo).decode()}"
    page = browse("administrator", size=size, scheme=scheme)
    page.set_content(mail.html.replace(f"cid:logo-{mail.logo_id}@caretree", here))
    expect(page.get_by_role("heading", name="You are invited")).to_be_visible()
    expect(page.get_by_role("link", name="Open")).to_have_attribute("href", BODY.splitlines()[5])
    assert page.locator("img").evaluate("image => image.naturalWidth > 0")
    assert_accessible(page)
    assert_fits(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert_fits(page)
