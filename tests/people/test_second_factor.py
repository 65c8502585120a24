"""The second factor: set up, asked for, good once, replaced by recovery codes, and taken away again."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from people.second_factor import SecondFactorAdapter
from tests.people.conftest import PASSWORD
from tests.people.test_links import code_of as mailed_code_of
from tests.second_factor import SECRET, code_of, confirm_password, recovery_codes, set_up
from work.models import Mail

CHALLENGE, SET_UP = reverse("mfa_authenticate"), reverse("mfa_activate_totp")
LIST = reverse("organization-list")


class Clock:
    """The time of the check, which passes only when a test says so."""

    def __init__(self) -> None:
        self.now = time.time() // 30 * 30 + 10

    def time(self) -> float:
        return self.now

    def next_code(self) -> None:
        self.now += 30


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(auth, "time", clock)
    return clock


def sign_in(person) -> Client:
    """As far as the password leads."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def secret(person, clock) -> str:
    """The person set up an app, in a session that is over; its code was used."""
    secret = set_up(sign_in(person), PASSWORD, clock.now)
    clock.next_code()
    return secret


def is_in(client: Client) -> bool:
    return client.get(LIST).status_code == 200


def test_setting_up_asks_for_the_password_first(person):
    client = sign_in(person)
    assert client.get(SET_UP)["Location"].startswith(reverse("account_reauthenticate"))


def test_a_wrong_code_sets_nothing_up_and_keeps_the_key(person, clock):
    client = sign_in(person)
    confirm_password(client, PASSWORD)
    secret = SECRET.search(client.get(SET_UP).content.decode())[1]
    answer = client.post(SET_UP, {"code": "000000"})
    assert "This code is wrong" in answer.content.decode()
    assert SECRET.search(answer.content.decode())[1] == secret
    assert not Authenticator.objects.exists()
    assert client.post(SET_UP, {"code": code_of(secret, clock.now)}).status_code == 302
    assert Authenticator.objects.filter(user=person).count() == 2  # with the recovery codes


def test_the_picture_is_in_the_page_and_the_policy_lets_it_be_seen(person):
    client = sign_in(person)
    confirm_password(client, PASSWORD)
    answer = client.get(SET_UP)
    assert 'src="data:image/svg+xml;base64,' in answer.content.decode()
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]


def test_secrets_are_stored_encrypted_and_open_with_an_earlier_key(person, secret, settings):
    stored = {one.type: one.data for one in Authenticator.objects.filter(user=person)}
    assert secret not in str(stored)
    adapter = SecondFactorAdapter()
    assert adapter.decrypt(stored["totp"]["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert adapter.decrypt(stored["totp"]["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        adapter.decrypt(stored["totp"]["secret"])


def test_the_password_alone_opens_nothing_any_more(person, secret, clock):
    client = sign_in(person)
    assert not is_in(client)
    assert client.get(CHALLENGE).status_code == 200
    assert "This code is wrong" in client.post(CHALLENGE, {"code": "123456"}).content.decode()
    assert not is_in(client)
    assert client.post(CHALLENGE, {"code": code_of(secret, clock.now)}).status_code == 302
    assert is_in(client)


def test_a_mailed_code_leads_to_the_challenge_too(person, secret, clock):
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": person.email})
    answer = client.post(reverse("account_confirm_login_code"), {"code": mailed_code_of(person)})
    assert (answer.status_code, answer["Location"]) == (302, CHALLENGE)
    assert not is_in(client)
    client.post(CHALLENGE, {"code": code_of(secret, clock.now)})
    assert is_in(client)


@pytest.mark.parametrize("forgetful", [False, True])
def test_a_code_is_good_once_whatever_the_cache_remembers(person, secret, clock, forgetful, monkeypatch):
    code = code_of(secret, clock.now)
    assert sign_in(person).post(CHALLENGE, {"code": code}).status_code == 302
    if forgetful:  # as after thirty seconds, and while Redis is away
        monkeypatch.setattr(auth.cache, "add", lambda *args, **kwargs: True)
    again = sign_in(person)
    assert "was used already" in again.post(CHALLENGE, {"code": code}).content.decode()
    assert not is_in(again)
    older = code_of(secret, clock.now - 30)
    assert "was used already" in again.post(CHALLENGE, {"code": older}).content.decode()
    clock.next_code()
    assert again.post(CHALLENGE, {"code": code_of(secret, clock.now)}).status_code == 302


def test_the_code_that_set_it_up_is_used_up(person, clock):
    secret = set_up(sign_in(person), PASSWORD, clock.now)
    client = sign_in(person)
    client.post(CHALLENGE, {"code": code_of(secret, clock.now)})
    assert not is_in(client)


@pytest.mark.parametrize(("late", "good"), [(0, True), (29, True), (-29, True), (75, False), (-75, False)])
def test_a_clock_may_be_some_seconds_off(person, secret, clock, late, good):
    clock.now += 300
    client = sign_in(person)
    client.post(CHALLENGE, {"code": code_of(secret, clock.now - late)})
    assert is_in(client) == good


def test_guessing_codes_is_stopped(person, secret, clock):
    client = sign_in(person)
    for guess in range(6):
        client.post(CHALLENGE, {"code": f"{guess:06}"})
    answer = client.post(CHALLENGE, {"code": code_of(secret, clock.now)})
    assert "Too many" in answer.content.decode()
    assert not is_in(client)


def test_a_recovery_code_lets_in_once(person, clock):
    client = sign_in(person)
    set_up(client, PASSWORD, clock.now)
    codes = recovery_codes(client)
    assert len(set(codes)) == 10
    for code in codes[:2]:
        back = sign_in(person)
        assert back.post(CHALLENGE, {"code": code}).status_code == 302
        assert is_in(back)
    again = sign_in(person)
    assert "was used already" in again.post(CHALLENGE, {"code": codes[0]}).content.decode()
    assert not is_in(again)
    assert recovery_codes(client) == codes[2:]


def test_new_recovery_codes_replace_the_old(person, clock):
    client = sign_in(person)
    set_up(client, PASSWORD, clock.now)
    before = recovery_codes(client)
    assert client.post(reverse("mfa_generate_recovery_codes")).status_code == 302
    assert not set(before) & set(recovery_codes(client))
    back = sign_in(person)
    back.post(CHALLENGE, {"code": before[0]})
    assert not is_in(back)


def test_taking_it_away_asks_who_it_is(person, secret, clock):
    client = sign_in(person)
    client.post(CHALLENGE, {"code": code_of(secret, clock.now)})
    remove = reverse("mfa_deactivate_totp")
    assert client.post(remove)["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(user=person).exists()
    confirm_password(client, PASSWORD)
    assert client.post(remove).status_code == 302
    assert not Authenticator.objects.filter(user=person).exists()
    assert is_in(sign_in(person))


def test_a_change_is_told_by_mail(person, clock, django_capture_on_commit_callbacks):
    client = sign_in(person)
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client, PASSWORD, clock.now)
        client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    mails = {mail.subject: mail.body for mail in Mail.objects.filter(to=person.email)}
    assert set(mails) == {
        "A second factor was added to your sign-in",
        "Your recovery codes were made anew",
        "The second factor of your sign-in was removed",
    }
    assert all("If this wasn't you" in body and body.count("\n\n") >= 3 for body in mails.values())


def test_a_reset_and_a_changed_password_are_told_by_mail(person):
    client = sign_in(person)
    new = "an entirely different sentence"
    client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    mail = Mail.objects.get(to=person.email)
    assert mail.subject == "Your password was changed"
    assert "From: 127.0.0.1" in mail.body


def test_ones_own_page_says_what_there_is(person, clock):
    client = sign_in(person)
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Set up an authenticator app" in page
    assert "Recovery codes" not in page
    set_up(client, PASSWORD, clock.now)
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Remove it" in page
    assert "10 codes are left" in page
    assert reverse("mfa_index") in client.get(LIST).content.decode()
