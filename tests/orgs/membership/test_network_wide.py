"""A network-wide permission counts where it is held at the parent organization, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.access import allowed
from core.actors import UserActor
from core.permissions import all_permissions
from orgs.actions.membership import NewMembership, grant_membership
from orgs.queries.access import organizations_for
from orgs.queries.membership import why
from tests.cast import SYSTEM, make_user

WIDE = [one.code for one in all_permissions() if one.network_wide]


def test_there_are_some():
    assert {"rule:activate", "package:edit", "catalog:edit", "organization:import"} < set(WIDE)


@pytest.fixture
def role(world):
    """Give somebody every permission at an organization."""

    def give(code: str, scope: str) -> UserActor:
        user = make_user("Nora Network", "nora@harbor.example")
        new = NewMembership(role="network_administrator", scope=scope)
        grant_membership(SYSTEM, world[code], user=user, new=new)
        return UserActor.of(user.pk, user.name)

    return give


@pytest.mark.parametrize("permission", WIDE)
def test_a_branch_gives_none(world, role, permission):
    actor = role("Q", "subtree")
    assert allowed(actor, "organization:edit", world["R"])  # who administers all below it
    for target in (None, world["P"], world["Q"], world["R"]):
        assert not allowed(actor, permission, target)
    assert list(organizations_for(actor, permission)) == []
    assert why(actor.id, permission, world["Q"]) == []


@pytest.mark.parametrize("scope", ["this", "subtree"])
@pytest.mark.parametrize("permission", WIDE)
def test_the_parent_organization_gives_it_for_the_whole_network(world, role, permission, scope):
    actor = role("P", scope)
    for target in (None, world["P"], world["R"], world["S"]):
        assert allowed(actor, permission, target)
    assert [reason.membership.user_id for reason in why(actor.id, permission, world["S"])].count(
        actor.id
    ) == 1


def test_who_asks_why_is_told(client: Client, world, role):
    actor = role("Q", "subtree")
    client.force_login(world.users["administrator"])
    asked = {"person": actor.id, "permission": "rule:activate"}
    page = client.get(reverse("membership-why", args=[world["Q"].pk]), asked)
    assert "only a role at Harbor Health that includes it counts" in page.content.decode()
