"""Mail about signing in comes in the name of the person's network, where it is clear which that is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.hostname import confirm_host_name, request_host_name
from orgs.actions.setting import NewValue, assign_setting
from orgs.rules.settings import CONSOLE_NAME, SENDER_NAME, SUPPORT_EMAIL
from tests.cast import SYSTEM
from work.models import Mail

CARE = "care.harbor.example"


@pytest.fixture
def branded(people):
    with bound(people.network.pk):
        for setting, value in (
            (CONSOLE_NAME, "Harbor & Co"),
            (SENDER_NAME, "Harbor Desk"),
            (SUPPORT_EMAIL, "help@harbor.example"),
        ):
            assign_setting(SYSTEM, people["P"], setting=setting, new=NewValue(value))
        confirm_host_name(SYSTEM, request_host_name(SYSTEM, None, name=CARE, face="console"))
    return people


def mail_to(user, route="account_request_login_code", **headers) -> Mail:
    """What somebody gets who asks for a code, or for a new password."""
    Mail.objects.all().delete()
    Client(**headers).post(reverse(route), {"email": user.email})
    return Mail.objects.get(to=user.email)


def is_networks(mail: Mail) -> bool:
    signs = {
        "Harbor & Co" in mail.body,
        mail.sender.startswith("Harbor Desk <"),
        mail.body.endswith("Questions? Write to help@harbor.example.\n"),
        "Caretree" not in mail.body,
    }
    assert len(signs) == 1, (mail.body, mail.sender)
    return signs == {True}


@pytest.mark.parametrize("route", ["account_request_login_code", "account_reset_password"])
def test_a_person_of_one_network_gets_mail_in_its_name(branded, route):
    assert is_networks(mail_to(branded.users["desk"], route))


def test_a_person_of_two_networks_gets_it_at_the_host_name_only(branded, second_network):
    desk = branded.users["desk"]
    assert not is_networks(mail_to(desk))
    assert is_networks(mail_to(desk, HTTP_HOST=CARE))


def test_a_host_name_lends_its_name_to_nobody_of_another_network(branded):
    assert not is_networks(mail_to(branded.foreign_user, HTTP_HOST=CARE))
