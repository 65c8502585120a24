"""Settings of the way into the portal: how long links, codes and sessions live."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.db.models.functions import Now
from django.test import Client

from core.tenancy import bound, forget
from core.tenancy.binding import portal_role
from orgs.models import SettingAssignment
from tests.cast import SYSTEM
from tests.vendors.conftest import decide, last_code, link_path, opened_with_session
from vendors.actions.contact import send_link
from vendors.models import PortalCode, PortalLink
from vendors.rules.settings import CODE_MINUTES, CODE_TRIES, LINK_DAYS, SESSION_HOURS, SESSION_MINUTES
from work.actions.relay import relay_due_events
from work.models import Mail

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def asked(lab) -> tuple[Client, str]:
    """A browser that asked for a code, and the path of its link."""
    with bound(lab.cast.network.pk):
        path = link_path(lab.contact)
    client = Client()
    assert client.post(path).status_code == 302
    relay_due_events()
    return client, path


@pytest.mark.setting("vendors.link_days")
@pytest.mark.parametrize(
    ("value", "words", "days"), [(None, "14 days", 14), (3, "3 days", 3), (1, "1 day", 1)]
)
def test_life_of_links(lab, value, words, days):
    if value is not None:
        decide(lab.cast, "P", LINK_DAYS, value)
    link = send_link(SYSTEM, lab.contact)
    link = PortalLink.objects.annotate(now=Now()).get(pk=link.pk)
    assert abs(link.expires_at - link.now - timedelta(days=days)) < MINUTE
    assert f"The link works for {words}." in Mail.objects.get(to=lab.contact.email).body


@pytest.mark.setting("vendors.code_minutes")
@pytest.mark.parametrize(("value", "minutes"), [(None, 10), (4, 4)])
def test_life_of_codes(placed, value, minutes):
    if value is not None:
        decide(placed.cast, "X", CODE_MINUTES, value)
    asked(placed)
    with bound(placed.cast.network.pk):
        code = PortalCode.objects.annotate(now=Now()).get()
        assert abs(code.expires_at - code.now - minutes * MINUTE) < MINUTE / 2
    assert f"for {minutes} minutes" in Mail.objects.get(to=placed.contact.email).body


@pytest.mark.setting("vendors.code_tries")
@pytest.mark.parametrize(("value", "status"), [(None, 302), (3, 302), (2, 422)])
def test_tries_of_codes(placed, value, status):
    if value is not None:
        decide(placed.cast, "X", CODE_TRIES, value)
    client, path = asked(placed)
    right = last_code(placed.contact.email)
    wrong = re.sub(r"\d", lambda digit: str(9 - int(digit[0])), right)
    for _ in range(2):
        assert client.post(path + "code/", {"code": wrong}).status_code == 422
    assert client.post(path + "code/", {"code": right}).status_code == status


@pytest.mark.setting("vendors.session_minutes")
def test_idle_sessions(placed):
    assert opened_with_session(placed, 7 * MINUTE, HOUR) == 200
    decide(placed.cast, "P", SESSION_MINUTES, 7)
    assert opened_with_session(placed, 7 * MINUTE, HOUR) == 401
    assert opened_with_session(placed, 6 * MINUTE, HOUR) == 200
    decide(placed.cast, "X", SESSION_MINUTES, 20)
    assert opened_with_session(placed, 19 * MINUTE, HOUR) == 200


@pytest.mark.setting("vendors.session_hours")
def test_old_sessions(placed, phone):
    assert opened_with_session(placed, MINUTE, 2 * HOUR) == 200
    decide(placed.cast, "X", SESSION_HOURS, 2)
    assert opened_with_session(placed, MINUTE, 2 * HOUR) == 401
    assert opened_with_session(placed, MINUTE, 2 * HOUR - MINUTE) == 200
    phone.sign_in(placed.contact)
    assert phone.client.cookies["caretree_portal"]["max-age"] == 2 * 3600


def test_the_portal_reads_no_settings_by_itself(lab):
    decide(lab.cast, "X", LINK_DAYS, 3)
    forget()
    with portal_role(lab.contact.vendor_id, lab.contact.pk):
        for read in (lambda: LINK_DAYS.at(lab.cast["X"]), SettingAssignment.objects.exists):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                read()
