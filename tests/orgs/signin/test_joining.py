"""Invitations, roles and passwords: what an organization asks of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import locale
from core.errors import Refused
from core.tenancy.binding import is_bound
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership, grant_membership
from orgs.models import Invitation, Membership
from orgs.rules.settings import (
    INVITATION_DAYS,
    INVITATION_DOMAINS,
    LONGEST_MEMBERSHIP_DAYS,
    SHORTEST_PASSWORD,
    SUBTREE_ROLES,
)
from tests.cast import PASSWORD, SYSTEM, make_user
from tests.orgs.invitation.test_accept import EMAIL, ask
from tests.orgs.signin.test_second_factor import text
from work.models import Mail

DESK = NewMembership("front_desk", "this")


def days(number: int):
    return timezone.now().date() + timedelta(days=number)


@pytest.mark.setting("signin.invitation_days")
@pytest.mark.parametrize("given", [None, 3, 60])
def test_an_invitation_is_good_for_as_many_days_as_the_organization_says(world, assign, given):
    if given:
        assign("P", INVITATION_DAYS, given)
    invitation = invite(SYSTEM, world["S"], email=EMAIL, name="Ines", new=DESK)
    assert (invitation.expires_at - timezone.now()).days + 1 == (given or 14)
    assert f"within {given or 14} days:" in Mail.objects.get(to=EMAIL).body


@pytest.mark.setting("signin.invitation_domains")
def test_only_some_domains_are_invited(world, assign):
    invite(SYSTEM, world["S"], email="a@elsewhere.example", name="Any", new=DESK)
    assign("P", INVITATION_DOMAINS, ["harbor.example", "north.example"], "enforced")
    for email in ("a@elsewhere.example", "a@harbor.example.elsewhere.example", "a@sub.harbor.example"):
        with pytest.raises(
            Refused, match=r"North Clinic invites nobody at .*harbor.example, north.example"
        ) as no:
            invite(SYSTEM, world["S"], email=email, name="Any", new=DESK)
        assert no.value.field == "email"
    invite(SYSTEM, world["S"], email="A@Harbor.Example ", name="Any", new=DESK)
    assert Invitation.objects.filter(email="a@harbor.example").exists()


def test_the_page_says_it_beside_the_address(people, put, browse):
    put("P", INVITATION_DOMAINS, ["harbor.example"], by="administrator")
    url = reverse("membership-invite", args=[people.organizations["S"].pk])
    typed = {"name": "N", "email": "n@else.example", "role": "front_desk", "scope": "this"}
    answer = people.post(browse("local_admin"), url, typed)
    assert answer.status_code == 422
    assert "invites nobody at else.example. The policy “Domains that may be invited”" in text(answer)
    assert "set by Ada Admin at Harbor Health" in text(answer)
    assert "An administrator of North Clinic can ask for a waiver in its settings" in text(answer)
    assert "id_email_error" in answer.content.decode()


@pytest.mark.setting("signin.longest_membership_days")
def test_a_role_needs_an_end_within_some_days(world, assign):
    user = make_user("Nell Newcomer", "nell@harbor.example")
    grant_membership(SYSTEM, world["T"], user=user, new=DESK)  # no limit by default
    assign("P", LONGEST_MEMBERSHIP_DAYS, 90, "enforced")
    for ends_on, said in (
        (None, "There is no last day"),
        (days(90), f"The last day is {locale.day(days(90))}"),
    ):
        new = NewMembership("front_desk", "this", ends_on=ends_on)
        for attempt in (
            lambda new=new: grant_membership(SYSTEM, world["S"], user=user, new=new),
            lambda new=new: invite(SYSTEM, world["S"], email=EMAIL, name="Ines", new=new),
        ):
            with pytest.raises(
                Refused, match=f"{said}; choose {locale.day(days(89))} or an earlier one. .* is 90 days"
            ) as no:
                attempt()
            assert no.value.field == "ends_on"
    grant_membership(SYSTEM, world["S"], user=user, new=NewMembership("front_desk", "this", ends_on=days(89)))
    assert Membership.objects.filter(user=user).count() == 2


def test_an_invitation_from_before_the_limit_is_refused_when_it_is_accepted(people, put):
    link = ask(people)
    put("P", LONGEST_MEMBERSHIP_DAYS, 30)
    answer = Client().post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert "There is no last day; choose" in text(answer)


@pytest.mark.setting("signin.subtree_roles")
def test_roles_may_be_kept_to_the_organization_alone(world, assign):
    user = make_user("Nell Newcomer", "nell@harbor.example")
    below = NewMembership("front_desk", "subtree")
    grant_membership(SYSTEM, world["T"], user=user, new=below)
    assign("S", SUBTREE_ROLES, False)
    with pytest.raises(Refused, match="Roles at North Clinic are granted for it alone") as no:
        grant_membership(SYSTEM, world["S"], user=user, new=below)
    assert no.value.field == "scope"
    with pytest.raises(Refused, match="granted for it alone"):
        invite(SYSTEM, world["S"], email=EMAIL, name="Ines", new=below)
    grant_membership(SYSTEM, world["S"], user=user, new=DESK)
    grant_membership(SYSTEM, world["Q"], user=user, new=below)


@pytest.mark.setting("signin.shortest_password")
def test_a_new_person_chooses_a_password_that_is_long_enough(people, put):
    assert "At least 12 characters." in text(Client().get(ask(people)))
    put("S", SHORTEST_PASSWORD, 30)
    link = ask(people)
    assert "At least 30 characters." in text(Client().get(link))
    answer = Client().post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert f"This password has {len(PASSWORD)} characters; it needs at least 30." in text(answer)
    assert "(signin.shortest_password) is 30 characters, set by" in text(answer)
    assert Client().post(link, {"password": PASSWORD + " and some more"}).status_code == 302


def test_a_changed_password_is_long_enough_for_all_of_ones_networks(people, put, enter, second_network):
    put("S", SHORTEST_PASSWORD, 30)
    client = enter("desk")
    client.post(reverse("network-switch"), {"network": second_network})
    url, short = reverse("account_change_password"), "an entirely new one"
    answer = client.post(url, {"oldpassword": PASSWORD, "password1": short, "password2": short})
    assert answer.status_code == 200
    assert "it needs at least 30. The policy “Shortest password”" in text(answer)
    sibling = enter("sibling")  # belongs elsewhere
    typed = {"oldpassword": PASSWORD, "password1": short, "password2": short}
    assert sibling.post(url, typed).status_code == 302
    long = short + " that is much longer"
    assert (
        client.post(url, {"oldpassword": PASSWORD, "password1": long, "password2": long}).status_code == 302
    )


def test_a_reset_password_is_long_enough_too(people, put):
    put("S", SHORTEST_PASSWORD, 30)
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "desk@harbor.example"})
    body = Mail.objects.get(to="desk@harbor.example").body
    path = body[body.index("/account/password/reset/") :].split()[0]
    target = client.get(path, follow=True).redirect_chain[-1][0]
    short = "an entirely new one"
    assert "it needs at least 30" in text(client.post(target, {"password1": short, "password2": short}))
    assert not is_bound()
