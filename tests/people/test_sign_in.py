"""Signing in: by password, by code, with no enumeration, with a lock against guessing, and with an end."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from tests.people.conftest import PASSWORD
from work.models import Mail


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_a_stranger_meets_the_sign_in_page(db):
    answer = Client().get("/")
    assert answer.status_code == 200
    assert "password" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_by_password_in_any_case_of_the_address(person):
    client = Client()
    answer = sign_in(client, person.email.upper())
    assert answer.status_code == 302
    assert client.get(reverse("organization-list")).status_code == 200
    assert client.get("/").status_code == 302


def test_by_a_code_in_the_mail(person):
    client = Client()
    assert client.post(reverse("account_request_login_code"), {"email": person.email}).status_code == 302
    mail = Mail.objects.get(to=person.email)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail.body, re.MULTILINE).group(1)
    assert client.post(reverse("account_confirm_login_code"), {"code": "WRONGX"}).status_code == 200
    assert client.post(reverse("account_confirm_login_code"), {"code": code}).status_code == 302
    assert client.get(reverse("organization-list")).status_code == 200


def test_an_unknown_address_is_answered_like_a_known_one(person):
    known, unknown = Client(), Client()
    one = known.post(reverse("account_request_login_code"), {"email": person.email})
    other = unknown.post(reverse("account_request_login_code"), {"email": "nobody@harbor.example"})
    assert (one.status_code, one["Location"]) == (other.status_code, other["Location"])
    reset_one = known.post(reverse("account_reset_password"), {"email": person.email})
    reset_other = unknown.post(reverse("account_reset_password"), {"email": "nobody@harbor.example"})
    assert (reset_one.status_code, reset_one["Location"]) == (
        reset_other.status_code,
        reset_other["Location"],
    )
    wrong = sign_in(known, person.email, "not the password at all").content.decode()
    nobody = sign_in(unknown, "nobody@harbor.example", "not the password at all").content.decode()
    message = "The email address and/or password you specified are not correct"
    assert (message in wrong) == (message in nobody)


def test_the_link_of_a_reset_sets_a_new_password(person):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": person.email})
    mail = Mail.objects.get(to=person.email)
    path = re.search(r"https?://[^/\s]+(/account/password/reset/\S+)", mail.body).group(1)
    form = client.get(path, follow=True)
    target = form.redirect_chain[-1][0] if form.redirect_chain else path
    new = "an entirely different sentence"
    assert client.post(target, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), person.email, new).status_code == 302
    assert sign_in(Client(), person.email).status_code != 302


def test_guessing_is_locked_out(person):
    client = Client()
    for _ in range(6):
        assert sign_in(client, person.email, "a wrong guess of a password").status_code != 302
    answer = sign_in(client, person.email)
    assert answer.status_code != 302
    assert "Too many" in answer.content.decode()


def test_nobody_signs_up(db):
    assert Client().get("/account/signup/").status_code == 404
    assert User.objects.filter(email="new@harbor.example").count() == 0


@pytest.mark.parametrize(("key", "age"), [("seen_at", 31 * 60), ("started_at", 12 * 3600 + 60)])
def test_a_session_ends_when_idle_or_old(person, key, age):
    client = Client()
    sign_in(client, person.email)
    assert client.get(reverse("organization-list")).status_code == 200
    session = client.session
    session[key] = int(time.time()) - age
    session.save()
    answer = client.get(reverse("organization-list"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_suspended_person_is_out_at_once(person):
    client = Client()
    sign_in(client, person.email)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("organization-list")).status_code == 302
    back = Client()
    sign_in(back, person.email)
    assert back.get(reverse("organization-list")).status_code == 302


def test_a_session_of_the_switcher_changes_to_ones_own_networks_only(cast):
    client = cast.client("desk")
    url = reverse("network-switch")
    page = client.get(url).content.decode()
    assert "Harbor Health" in page
    assert "CANARY" not in page
    answer = client.post(url, {"network": cast.foreign[0].pk})
    assert answer.status_code == 422
    assert client.session["network_id"] == cast.network.pk
    assert client.post(url, {"network": cast.network.pk}).status_code == 302
