"""The list of invitations, and sending or revoking several at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.invitation import invite, resend_invitation, revoke_invitation
from orgs.actions.membership import NewMembership
from orgs.models import Invitation
from orgs.rules.settings import INVITATION_DOMAINS
from tests.cast import CANARY, SYSTEM
from tests.lists.test_bulk import send
from tests.lists.test_export import csv_of
from work.models import Mail

LIST, RESEND, REVOKE = map(reverse, ("invitation-list", "invitation-resend-many", "invitation-revoke-many"))


def ask(cast, name: str, at: str = "S", role: str = "front_desk") -> Invitation:
    return invite(
        SYSTEM,
        cast[at],
        email=f"{name.lower()}@harbor.example",
        name=f"{name} New",
        new=NewMembership(role, "this"),
    )


@pytest.fixture
def asked(cast) -> dict[str, int]:
    """One waiting, one whose time is over, one accepted, one revoked at North Clinic; one at South Clinic."""
    with bound(cast.network.pk):
        made = {name: ask(cast, name).pk for name in ("Wait", "Late", "Done", "Gone")}
        made["Far"] = ask(cast, "Far", at="T").pk
        rows = Invitation.objects.all()
        rows.filter(pk=made["Late"]).update(expires_at=timezone.now() - timedelta(days=1))
        rows.filter(pk=made["Done"]).update(accepted_at=timezone.now())
        revoke_invitation(SYSTEM, rows.get(pk=made["Gone"]))
    return made


def links_to(name: str) -> list[str]:
    mails = Mail.objects.filter(to=f"{name.lower()}@harbor.example").order_by("pk")
    return [re.search(r"https?://[^/]+(/invitations/\S+)", mail.body).group(1) for mail in mails]


def test_the_list_says_what_became_of_each(asked, browse):
    rows = csv_of(browse("local_admin").get(LIST, {"export": "csv", "sort": "person"}))
    assert [(row["Person"], row["State"]) for row in rows] == [
        ("Done New", "Accepted"),
        ("Gone New", "Revoked"),
        ("Late New", "Expired"),
        ("Wait New", "Waiting"),
    ]
    rows = csv_of(browse("local_admin").get(LIST, {"export": "csv", "state": "expired"}))
    assert [row["E-mail"] for row in rows] == ["late@harbor.example"]
    page = browse("administrator").get(LIST, {"q": "new"}).content.decode()
    assert "Far New" in page
    assert CANARY not in page


def test_each_of_several_gets_a_new_link_and_the_former_is_useless(cast, asked, browse):
    with bound(cast.network.pk):
        [old] = links_to("Late")
    answer = send(browse("local_admin"), cast, RESEND, [asked["Wait"], asked["Late"]])
    assert answer.status_code == 302
    with bound(cast.network.pk):
        assert len(links_to("Wait")) == 2
        _, new = links_to("Late")
        assert AuditEvent.objects.filter(verb="invitation.resent").count() == 2
    assert Client().get(old).status_code == 410
    assert Client().get(new).status_code == 200


def test_several_are_revoked(cast, asked, browse):
    send(browse("local_admin"), cast, REVOKE, [asked["Wait"], asked["Late"]])
    with bound(cast.network.pk):
        revoked = Invitation.objects.exclude(revoked_at=None).values_list("name", flat=True)
        assert set(revoked) == {"Wait New", "Late New", "Gone New"}


def test_those_that_are_used_or_elsewhere_are_left_out(cast, asked, browse):
    page = browse("local_admin").get(RESEND, {"selected": [*asked.values(), 10**9]}).content.decode()
    assert "Resend 2 invitations" in page
    assert "Done New (done@harbor.example), Front desk at North Clinic, was accepted already" in page
    assert "Gone New (gone@harbor.example), Front desk at North Clinic, was revoked already" in page
    assert "2 that you ticked are no longer there, or not yours" in page
    assert "Far New" not in page


def test_nobody_resends_to_a_role_with_more_than_they_hold(cast, browse):
    with bound(cast.network.pk):
        one = ask(cast, "Big", role="finance_officer")
    answer = send(browse("local_admin"), cast, RESEND, [one.pk])
    assert answer.status_code == 422
    assert "it holds more than you do there" in answer.content.decode()
    with bound(cast.network.pk):
        assert len(links_to("Big")) == 1


def test_what_the_organization_no_longer_invites_is_not_sent_again(cast, asked, assign):
    assign("S", INVITATION_DOMAINS, ["elsewhere.example"])
    with pytest.raises(Refused, match="invites nobody at harbor"):
        resend_invitation(SYSTEM, Invitation.objects.get(pk=asked["Wait"]))


@pytest.mark.parametrize("name", ["Done", "Gone"])
def test_a_used_invitation_is_not_sent_again(cast, asked, name):
    with bound(cast.network.pk), pytest.raises(Refused, match="already accepted or revoked"):
        resend_invitation(SYSTEM, Invitation.objects.get(pk=asked[name]))


def test_only_who_grants_there_sends_again(cast, asked):
    with bound(cast.network.pk), pytest.raises(PermissionDenied):
        resend_invitation(cast.actor("desk"), Invitation.objects.get(pk=asked["Wait"]))
    with bound(cast.network.pk), pytest.raises(PermissionDenied):
        resend_invitation(cast.actor("local_admin"), Invitation.objects.get(pk=asked["Far"]))
