"""Accepting an invitation: once, by the right person, and all or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.tenancy import bound
from orgs.actions.invitation import accept_invitation, invite, token_hash
from orgs.actions.membership import NewMembership, end_membership
from orgs.models import Invitation, Membership
from people.models import User
from tests.cast import SYSTEM
from work.models import Mail

PASSWORD = "correct horse battery staple"
EMAIL = "ines@harbor.example"


def ask(cast, **terms) -> str:
    """Invite Ines to North Clinic; the path of the link in the mail."""
    new = NewMembership(**{"role": "front_desk", "scope": "this"} | terms)
    with bound(cast.network.pk):
        invite(SYSTEM, cast["S"], email=EMAIL, name="Ines Invited", new=new)
    body = Mail.objects.filter(to=EMAIL).latest("pk").body
    link = next(line for line in body.splitlines() if "/invitations/" in line)
    assert link.startswith(settings.BASE_URL)
    return link.removeprefix(settings.BASE_URL)


def test_looking_at_the_link_changes_nothing(cast):
    """Mail scanners open links."""
    link = ask(cast)
    for _ in range(2):
        assert Client().get(link).status_code == 200
    assert Client().head(link).status_code == 200
    assert not User.objects.filter(email=EMAIL).exists()


def test_the_secret_itself_is_stored_nowhere_but_in_the_mail(cast):
    secret = ask(cast).rstrip("/").rpartition("/")[2]
    with bound(cast.network.pk):
        invitation = Invitation.objects.get(email=EMAIL)
    assert invitation.token_sha256 == token_hash(secret)
    assert secret not in str(vars(invitation))


def test_the_link_is_built_from_the_configuration_not_from_the_request(cast, browse):
    typed = {"name": "Ines", "email": EMAIL, "role": "front_desk", "scope": "this"}
    url = reverse("membership-invite", args=[cast.organizations["S"].pk])
    answer = cast.post(browse("local_admin"), url, typed, headers={"Host": "localhost:9999"})
    assert answer.status_code == 302
    body = Mail.objects.get(to=EMAIL).body
    assert settings.BASE_URL in body
    assert "localhost:9999" not in body


def test_a_last_day_that_has_passed_is_refused_when_inviting(world):
    new = NewMembership("front_desk", ends_on=timezone.now().date() - timedelta(days=2))
    with pytest.raises(Refused, match="has passed already") as refusal:
        invite(SYSTEM, world["S"], email=EMAIL, name="Ines", new=new)
    assert refusal.value.field == "ends_on"


def test_a_refusal_leaves_no_person_without_a_role(cast):
    """The role's last day has passed between invitation and acceptance."""
    link = ask(cast, ends_on=timezone.now().date() + timedelta(days=1))
    with bound(cast.network.pk):
        Invitation.objects.update(ends_on=timezone.now().date() - timedelta(days=1))
    answer = Client().post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert "is before the first day" in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_weak_password_says_why_and_keeps_the_link_good(cast):
    link = ask(cast)
    client = Client()
    answer = client.post(link, {"password": "password1234"})
    assert answer.status_code == 422
    assert "too common" in answer.content.decode()
    assert client.post(link, {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("unseen", ["\n", "\r", "\u2028", "\u202e"])
def test_a_name_is_one_line_that_everybody_sees(cast, browse, unseen):
    """It stands in mails in the network's name: a line of its own would be anybody's."""
    name = f"Ravi{unseen}https://evil.example/login"
    typed = {"name": name, "email": "ravi@harbor.example", "role": "front_desk", "scope": "this"}
    address = reverse("membership-invite", args=[cast.organizations["S"].pk])
    answer = cast.post(browse("local_admin"), address, typed)
    assert answer.status_code == 422
    assert "It has a character that nobody sees." in answer.content.decode()
    assert not Mail.objects.filter(to="ravi@harbor.example").exists()
    link = ask(cast)
    with bound(cast.network.pk):
        Invitation.objects.update(name=name)
    answer = Client().post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert "Ask for a new invitation." in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_who_holds_the_role_already_is_told(cast, browse):
    with bound(cast.network.pk):
        new = NewMembership("front_desk", "this")
        invite(SYSTEM, cast["S"], email="desk@harbor.example", name="Nora", new=new)
    body = Mail.objects.get(to="desk@harbor.example").body
    link = body[body.index("/invitations/") :].split()[0]
    answer = browse("desk").post(link)
    assert answer.status_code == 410
    assert "already holds this role" in answer.content.decode()


def test_two_clicks_at_once_make_one_person_and_one_role(own_world):
    link = ask(own_world)

    def click(_: int) -> int:
        try:
            return Client(raise_request_exception=False).post(link, {"password": PASSWORD}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(click, range(4)))
    assert answers[0] == 302
    assert set(answers[1:]) <= {410, 422}
    assert User.objects.filter(email=EMAIL).count() == 1
    with bound(own_world.network.pk):
        assert Membership.objects.filter(user__email=EMAIL).count() == 1


def test_a_used_invitation_is_not_used_again_after_the_role_ended(cast):
    link = ask(cast)
    client = Client()
    assert client.post(link, {"password": PASSWORD}).status_code == 302
    with bound(cast.network.pk):
        membership = Membership.objects.get(user__email=EMAIL)
        end_membership(SYSTEM, membership, reason="left", version=membership.version)
        invitation = Invitation.objects.get(email=EMAIL)
        with pytest.raises(Refused, match="no longer valid"):
            accept_invitation(invitation, signed_in=membership.user)
    assert client.post(link).status_code == 410
    assert client.get(reverse("organization-list"))["Location"] == reverse("network-switch")


def test_an_invitation_of_another_network_opens_that_network_only(cast):
    with bound(cast.foreign[0].pk):
        branch = cast.organizations["C1B"]
        invite(SYSTEM, branch, email=EMAIL, name="Ines", new=NewMembership("front_desk", "this"))
    body = Mail.objects.get(to=EMAIL).body
    client = Client()
    assert (
        client.post(body[body.index("/invitations/") :].split()[0], {"password": PASSWORD}).status_code == 302
    )
    assert client.session["network_id"] == cast.foreign[0].pk
    assert "North Clinic" not in client.get(reverse("organization-list")).content.decode()
