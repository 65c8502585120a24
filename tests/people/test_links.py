"""What sign-in sends: links of the configuration, codes that end, nothing that tells who is known."""

from __future__ import annotations

import re
import time

import pytest
from allauth.account.internal.flows import code_verification
from django.conf import settings
from django.test import Client
from django.urls import reverse

from people.models import User
from tests.people.conftest import PASSWORD
from work.models import Mail


def test_a_reset_link_leads_to_the_configured_address_whatever_host_was_asked(person):
    Client().post(
        reverse("account_reset_password"), {"email": person.email}, headers={"Host": "localhost:9999"}
    )
    body = Mail.objects.get(to=person.email).body
    assert f"{settings.BASE_URL}/account/password/reset/" in body
    assert "localhost:9999" not in body


def test_a_strange_host_is_refused(db):
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_reset_link_works_once(person):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": person.email})
    path = re.search(
        r"https?://[^/\s]+(/account/password/reset/\S+)", Mail.objects.get(to=person.email).body
    ).group(1)
    target = client.get(path, follow=True).redirect_chain[-1][0]
    new = "an entirely different sentence"
    assert client.post(target, {"password1": new, "password2": new}).status_code == 302
    again = Client().get(path, follow=True)
    assert "password1" not in again.content.decode()


def code_of(person) -> str:
    body = Mail.objects.filter(to=person.email).latest("pk").body
    return re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", body, re.MULTILINE).group(1)


def test_a_code_is_good_once_and_only_in_the_browser_that_asked(person):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": person.email})
    code = code_of(person)
    elsewhere = Client().post(reverse("account_confirm_login_code"), {"code": code})
    assert elsewhere.status_code == 302
    assert (
        elsewhere["Location"].startswith(reverse("account_request_login_code"))
        or "sign-in" in elsewhere["Location"]
    )
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 302
    client.post(reverse("account_logout"))
    again = client.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" not in client.session
    assert again.status_code == 302


def test_a_code_allows_five_tries(person):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": person.email})
    code = code_of(person)
    for _ in range(5):
        client.post(reverse("account_confirm_login_code"), {"code": "WRONG9"})
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_code_ends(person, settings, monkeypatch):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": person.email})
    code = code_of(person)
    monkeypatch.setattr(code_verification, "time", Clock(ahead=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT + 1))
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" not in client.session


class Clock:
    """The time of the library's codes, some seconds ahead."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def time(self) -> float:
        return time.time() + self.ahead


def test_an_unknown_address_gets_no_code_that_works(db):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": "nobody@harbor.example"})
    assert client.post(reverse("account_confirm_login_code"), {"code": "ABCDEF"}).status_code in (200, 302)
    assert "_auth_user_id" not in client.session
    assert not User.objects.filter(email="nobody@harbor.example").exists()


def test_signing_in_gives_the_session_a_new_key(person):
    client = Client()
    client.get("/")
    client.session["planted"] = 1
    before = client.session.session_key
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.session.session_key != before


def test_a_new_password_ends_the_other_sessions(person):
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    new = "an entirely different sentence"
    answer = here.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert here.get(reverse("organization-list")).status_code == 200
    assert there.get(reverse("organization-list"))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(person, target):
    answer = Client().post(
        reverse("account_login"), {"login": person.email, "password": PASSWORD, "next": target}
    )
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert not answer["Location"].startswith("javascript")


def test_the_cookies_of_a_session_are_not_for_scripts(person):
    client = Client()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get(reverse("organization-list"))["Cache-Control"] == "no-store"
