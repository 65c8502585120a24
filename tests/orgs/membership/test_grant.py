"""Memberships: scope and dates, delegated administration, the last administrator, and why somebody may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core.access import allowed
from core.actors import UserActor
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.models import Grant, Membership, Organization
from orgs.permissions import ORGANIZATION_EDIT, ORGANIZATION_VIEW
from orgs.queries.access import organizations_for
from orgs.queries.membership import networks_of_user, why
from orgs.rules.roles import ROLES
from tests.cast import SYSTEM, make_user


@pytest.fixture
def newcomer(db):
    return make_user("Nell Newcomer", "nell@harbor.example")


def give(world, user, code, role="front_desk", persona="administrator", **terms):
    actor = SYSTEM if persona is None else world.actor(persona)
    return grant_membership(actor, world[code], user=user, new=NewMembership(role=role, **terms))


def sees(user):
    return set(
        organizations_for(UserActor.of(user.pk, user.name), ORGANIZATION_VIEW).values_list("code", flat=True)
    )


def test_scope_this_and_subtree(world, newcomer):
    give(world, newcomer, "Q", scope="this")
    assert sees(newcomer) == {"Q"}
    give(world, newcomer, "Q", role="clinician", scope="subtree")
    assert sees(newcomer) == {"Q", "R"}


def test_dates_begin_and_end(world, newcomer):
    today = timezone.now().date()
    give(world, newcomer, "S", starts_on=today + timedelta(days=1))
    assert sees(newcomer) == set()
    give(world, newcomer, "T", starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    assert sees(newcomer) == set()
    give(world, newcomer, "Q", starts_on=today - timedelta(days=9), ends_on=today, scope="this")
    assert sees(newcomer) == {"Q"}


def test_the_projection_says_what_the_membership_says(world, newcomer):
    membership = give(world, newcomer, "S", role="finance_officer", ends_on=date(2099, 1, 1))
    rows = Grant.objects.filter(membership=membership).select_related("permission")
    assert {row.permission.codename for row in rows} == ROLES["finance_officer"].permissions
    assert {(row.scope, row.starts_on, row.ends_on) for row in rows} == {
        (membership.scope, membership.starts_on, membership.ends_on)
    }


def test_nobody_grants_more_than_they_hold(world, newcomer):
    with pytest.raises(Refused, match="holds more than you do there"):
        give(world, newcomer, "S", role="network_administrator", persona="local_admin")
    with pytest.raises(Refused, match="holds more than you do there"):
        give(world, newcomer, "S", role="finance_officer", persona="local_admin")
    with pytest.raises(PermissionDenied):
        give(world, newcomer, "T", persona="local_admin")
    assert sees(newcomer) == set()


def test_an_ended_role_stops_the_next_request(cast, browse):
    client = browse("desk")
    assert client.get(reverse("organization-list")).status_code == 200
    with bound(cast.network.pk):
        membership = Membership.objects.get(user=cast.users["desk"])
        end_membership(cast.actor("administrator"), membership, reason="left", version=membership.version)
    answer = client.get(reverse("organization-list"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("network-switch"))


def test_the_last_administrator_stays(world):
    membership = Membership.objects.get(user=world.users["administrator"])
    with pytest.raises(Refused, match="last network administrator"):
        end_membership(world.actor("administrator"), membership, reason="gone", version=membership.version)


def test_the_same_role_twice_is_refused_beside_its_field(world, newcomer):
    give(world, newcomer, "S", starts_on=date(2026, 1, 1))
    with pytest.raises(Refused, match="already holds this role") as refusal:
        give(world, newcomer, "S", starts_on=date(2026, 1, 1))
    assert refusal.value.field == "role"


def test_why_names_the_membership(world):
    reasons = why(world.users["administrator"].pk, ORGANIZATION_EDIT, world["R"])
    assert [reason.sentence for reason in reasons] == [
        "Network administrator at Harbor Health and everything below, since 1 January 2020"
    ]
    assert reasons[0].inherited
    assert why(world.users["desk"].pk, ORGANIZATION_EDIT, world["S"]) == []
    assert not allowed(world.actor("desk"), ORGANIZATION_EDIT, world["S"])


def test_the_page_explains(cast, browse):
    client = browse("local_admin")
    url = reverse("membership-why", args=[cast.organizations["S"].pk])
    page = client.get(
        url, {"person": cast.users["desk"].pk, "permission": "organization:view"}
    ).content.decode()
    assert "They can, because they are" in page
    assert "Front desk at North Clinic only" in page


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"]
)  # one of them has another day than UTC
def test_a_role_counts_at_once_and_ends_at_once_wherever_on_earth(world, newcomer, zone):
    Organization.objects.filter(pk=world["S"].pk).update(time_zone=zone)
    world["S"].refresh_from_db()
    made = give(world, newcomer, "S")
    assert allowed(UserActor.of(newcomer.pk, newcomer.name), ORGANIZATION_VIEW, world["S"])
    assert networks_of_user(newcomer.pk) == [world.network.pk]
    end_membership(world.actor("administrator"), made, reason="Left.", version=made.version)
    assert not allowed(UserActor.of(newcomer.pk, newcomer.name), ORGANIZATION_VIEW, world["S"])
    assert networks_of_user(newcomer.pk) == []
