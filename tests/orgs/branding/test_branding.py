"""A network's own names, address and colour: in the console, in the vendor portal, and in mail."""

from __future__ import annotations

import pytest
from django.core import mail as outbox
from django.urls import reverse

from core.settings import Mode
from core.tenancy import bound
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership
from orgs.actions.setting import NewValue, assign_setting
from orgs.rules.settings import ACCENT, CONSOLE_NAME, PORTAL_NAME, SENDER_NAME, SUPPORT_EMAIL
from tests.cast import SYSTEM
from tests.vendors.conftest import Phone, build_lab, link_path
from vendors.actions.contact import send_link
from work.actions.mail import send_due_mail
from work.models import Mail


def decide(cast, code, setting, value):
    with bound(cast.network.pk):
        assign_setting(SYSTEM, cast[code], setting=setting, new=NewValue(value, Mode.DEFAULT, "Decided."))


@pytest.fixture
def portal(cast):
    """A contact of Xact Labs, signed in to the portal, and what it was built with."""
    with bound(cast.network.pk):
        lab = build_lab(cast)
    phone = Phone(cast)
    phone.sign_in(lab.contact)
    Mail.objects.all().delete()
    return phone, lab


def invitation(cast) -> Mail:
    """The mail of an invitation to North Clinic."""
    with bound(cast.network.pk):
        new = NewMembership(role="front_desk", scope="this")
        invite(SYSTEM, cast["S"], email="new@harbor.example", name="Nell New", new=new)
    return Mail.objects.get(to="new@harbor.example")


@pytest.mark.setting("branding.portal_name")
def test_the_name_of_the_portal(cast, portal):
    phone, lab = portal
    page = phone.get("portal").content.decode()
    assert "<b>Harbor Health</b>" in page
    assert " · Harbor Health</title>" in page
    decide(cast, "P", PORTAL_NAME, "Harbor Lab Desk <1>")
    page = phone.get("portal").content.decode()
    assert "<b>Harbor Lab Desk &lt;1&gt;</b>" in page
    assert " · Harbor Lab Desk &lt;1&gt;</title>" in page
    with bound(cast.network.pk):
        send_link(SYSTEM, lab.contact)
    assert (
        Mail.objects.get(to=lab.contact.email).subject
        == "Harbor Lab Desk <1>: your link to the vendor portal"
    )
    bye = phone.post("portal-sign-out").content.decode()
    assert "Harbor Lab Desk" in bye


def test_a_link_that_opens_nothing_looks_like_one_that_does(cast, portal):
    phone, lab = portal
    decide(cast, "P", PORTAL_NAME, "Harbor Lab Desk")
    decide(cast, "P", ACCENT, "plum")
    with bound(cast.network.pk):
        real = link_path(lab.contact)
    for path in (real, reverse("portal-link", args=["unknown"])):
        page = phone.client.get(path).content.decode()
        assert "Harbor" not in page
        assert "data-accent" not in page


@pytest.mark.setting("branding.sender_name")
def test_the_sender_of_mail(cast, portal):
    _, lab = portal
    invitation(cast)
    assert send_due_mail() == 1
    assert outbox.outbox[-1].from_email == "Caretree <no-reply@caretree.example>"
    decide(cast, "P", SENDER_NAME, "Harbor Health")
    decide(cast, "S", SENDER_NAME, 'Zürich "North", Clinic')
    Mail.objects.all().delete()
    with bound(cast.network.pk):
        send_link(SYSTEM, lab.contact)
    invitation(cast)
    assert send_due_mail() == 2
    about_portal, invited = (message.message()["From"] for message in outbox.outbox[-2:])
    assert about_portal == "Harbor Health <no-reply@caretree.example>"
    assert invited.endswith(" <no-reply@caretree.example>")
    assert "\n" not in invited


@pytest.mark.setting("branding.support_email")
def test_where_to_write_with_questions(cast, portal):
    phone, lab = portal
    assert "Questions?" not in phone.get("portal").content.decode()
    assert "Questions?" not in invitation(cast).body
    decide(cast, "P", SUPPORT_EMAIL, "help@harbor.example")
    decide(cast, "X", SUPPORT_EMAIL, "labs@harbor.example")
    page = phone.get("portal").content.decode()
    assert '<a class="link" href="mailto:labs@harbor.example">labs@harbor.example</a>' in page
    Mail.objects.all().delete()
    assert invitation(cast).body.endswith("\nQuestions? Write to help@harbor.example.\n")
    with bound(cast.network.pk):
        send_link(SYSTEM, lab.contact)
    assert "Write to labs@harbor.example." in Mail.objects.get(to=lab.contact.email).body


@pytest.mark.parametrize(
    "typed", ["help", "a@b", "a@b.example, c@d.example", "<a@b.example>", "mailto:a@b.example"]
)
def test_what_is_no_address(typed):
    with pytest.raises(ValueError, match="is no e-mail address"):
        SUPPORT_EMAIL.type.clean(typed)


@pytest.mark.setting("branding.console_name")
def test_the_name_of_the_console(cast, browse):
    client = browse("desk")
    assert "<b>Harbor Health</b><small>Harbor Group</small>" in client.get(reverse("home")).content.decode()
    decide(cast, "P", CONSOLE_NAME, "Harbor & Co")
    page = client.get(reverse("home")).content.decode()
    assert "<b>Harbor &amp; Co</b><small>Harbor Health</small>" in page


@pytest.mark.setting("branding.accent")
def test_the_accent(cast, portal, browse):
    phone, _ = portal
    desk = browse("desk")

    def shown():
        pages = (desk.get(reverse("home")), phone.get("portal"), phone.get("portal-task", 0))
        return {page.content.decode().partition('data-accent="')[2].partition('"')[0] for page in pages}

    assert shown() == {"teal"}
    decide(cast, "P", ACCENT, "plum")
    assert shown() == {"plum"}
