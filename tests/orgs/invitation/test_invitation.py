"""Invitations: the mail, the link, who may accept, and everything that makes a link useless."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.tenancy import bound
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership
from orgs.models import Invitation, Membership, Organization
from people.models import User
from tests.cast import SYSTEM
from work.models import Mail

PASSWORD = "correct horse battery staple"


@pytest.fixture
def link(cast, browse):
    """Invite somebody as the page does, and read the link in the mail."""
    typed = {"name": "Ines Invited", "email": "Ines@Harbor.example", "role": "front_desk", "scope": "this"}
    answer = cast.post(
        browse("local_admin"), reverse("membership-invite", args=[cast.organizations["S"].pk]), typed
    )
    assert answer.status_code == 302, answer.content
    mail = Mail.objects.get(to="ines@harbor.example")
    assert "Adam Local invites you to North Clinic as front desk" in mail.body
    return re.search(r"https?://[^/]+(/invitations/\S+)", mail.body).group(1)


def invitation(cast):
    return Invitation.objects.get(email="ines@harbor.example")


def test_a_new_person_accepts_with_a_password_and_works_there(cast, link):
    client = Client()
    page = client.get(link)
    assert page.status_code == 200
    assert "Ines Invited" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert not User.objects.filter(email="ines@harbor.example").exists()
    assert client.post(link, {"password": "short"}).status_code == 422
    answer = client.post(link, {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    listed = client.get(reverse("organization-list")).content.decode()
    assert "North Clinic" in listed
    assert "South Clinic" not in listed
    assert Client().get(link).status_code == 410


def test_somebody_with_a_login_signs_in_first(cast, link):
    User.objects.create_user("ines@harbor.example", "Ines", PASSWORD)
    client = Client()
    assert "has a login already" in client.get(link).content.decode()
    assert client.post(link, {"password": "some other long password"}).status_code == 422
    client.force_login(User.objects.get(email="ines@harbor.example"), backend="people.backends.EmailBackend")
    assert client.post(link).status_code == 302
    with bound(cast.network.pk):
        assert Membership.objects.filter(user__email="ines@harbor.example", role="front_desk").count() == 1


def test_another_person_cannot_accept(cast, browse, link):
    answer = browse("sibling").post(link)
    assert answer.status_code == 410
    assert "the invitation is for ines@harbor.example" in answer.content.decode()


def test_revoked_expired_and_unknown_links_are_gone(cast, browse, link):
    with bound(cast.network.pk):
        pk = invitation(cast).pk
    answer = cast.post(browse("local_admin"), reverse("invitation-revoke", args=[pk]))
    assert answer.status_code == 302
    assert Client().get(link).status_code == 410
    with bound(cast.network.pk):
        Invitation.objects.filter(pk=pk).update(
            revoked_at=None, expires_at=timezone.now() - timedelta(seconds=1)
        )
    assert Client().post(link, {"password": PASSWORD}).status_code == 410
    assert Client().get("/invitations/nothing-like-it/").status_code == 410


def test_nobody_invites_to_more_than_they_hold(cast, browse):
    typed = {"name": "N", "email": "n@harbor.example", "role": "network_administrator", "scope": "this"}
    url = reverse("membership-invite", args=[cast.organizations["S"].pk])
    answer = cast.post(browse("local_admin"), url, typed)
    assert answer.status_code == 422
    assert "holds more than you do there" in answer.content.decode()
    assert not Mail.objects.filter(to="n@harbor.example").exists()


def test_nobody_is_invited_to_an_archived_organization(cast, browse):
    with bound(cast.network.pk):
        Organization.objects.filter(pk=cast["T"].pk).update(status="archived")
        with pytest.raises(Refused, match="South Clinic is archived"):
            invite(
                SYSTEM,
                cast["T"],
                email="noa@new.example",
                name="Noa New",
                new=NewMembership("front_desk", "this"),
            )
