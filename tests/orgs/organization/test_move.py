"""Moving an organization: the tree, the structure rules, who may at both ends, the page, and many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.organization import add_organization, move_organization
from orgs.models import Organization
from orgs.queries import tree
from tests.cast import CONTRACT, SYSTEM, details


def move(world, code, to, persona="administrator"):
    one = world[code]
    return move_organization(
        world.actor(persona), one, to=world[to], reason="A new region.", version=one.version
    )


def test_moves_with_everything_below_and_keeps_the_tree(world):
    move(world, "Q", "S")
    assert tree.verify_tree() == []
    assert [node.code for node in tree.path_to(world["R"])] == ["P", "S", "Q", "R"]
    event = AuditEvent.objects.get(verb="organization.moved")
    assert (event.old, event.new) == (
        {"under": "Harbor Health"},
        {"under": "North Clinic", "reason": "A new region."},
    )
    move(world, "Q", "P")
    assert [node.code for node in tree.path_to(world["R"])] == ["P", "Q", "R"]
    assert tree.verify_tree() == []


@pytest.mark.parametrize(
    ("code", "to", "message"),
    [
        ("P", "S", "root of its network"),
        ("Q", "R", "lies inside Quay Partners"),
        ("Q", "Q", "lies inside Quay Partners"),
        ("S", "P", "already directly under Harbor Health"),
        ("S", "X", "takes nothing below it"),
    ],
)
def test_places_that_break_a_rule_are_refused(world, code, to, message):
    before = list(Organization.objects.order_by("pk").values_list("pk", "parent", "lft", "rght"))
    with pytest.raises(Refused, match=message):
        move(world, code, to)
    assert list(Organization.objects.order_by("pk").values_list("pk", "parent", "lft", "rght")) == before


@pytest.mark.parametrize(
    ("says", "change"),
    [
        ("takes nothing below it", "parent_id = {X}"),
        ("never change", "currency = 'EUR'"),
        ("never change", "kind = 'partner'"),
    ],
)
def test_the_database_keeps_what_an_organization_is(world, says, change):
    sql = f"UPDATE orgs_organization SET {change} WHERE id = {{S}}".format(S=world["S"].pk, X=world["X"].pk)
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_depth_of_what_comes_along_counts(world):
    ward = add_organization(SYSTEM, world["S"], kind="sub", details=details("Ward", "W"))
    with pytest.raises(Refused, match="3 levels of subs"):
        move(world, "S", "T")
    assert world["S"].parent_id == world["P"].pk
    assert ward.pk


def test_one_needs_the_permission_at_both_ends(world):
    with pytest.raises(PermissionDenied):
        move(world, "S", "T", persona="local_admin")


def test_a_stale_form_moves_nothing(world):
    one = world["S"]
    with pytest.raises(Refused, match="changed by somebody else"):
        move_organization(
            world.actor("administrator"), one, to=world["T"], reason="A new region.", version=one.version - 1
        )


def test_the_dialog_offers_only_places_that_can_be_chosen(cast, browse):
    client = browse("administrator")
    url = reverse("organization-move", args=[cast.organizations["Q"].pk])
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    offered = page[page.index("<select") : page.index("</select>")]
    assert "North Clinic" in offered
    for wrong in ("Quay Annex", "Xact Labs", "CANARY"):
        assert wrong not in offered
    with bound(cast.network.pk):
        version = cast["Q"].version
    foreign = cast.organizations["C1B"].pk
    typed = {"reason": "A new region.", "_version": version}
    assert cast.post(client, url, typed | {"parent": foreign}).status_code == 422
    typed["parent"] = cast.organizations["S"].pk
    assert cast.post(client, url, typed | {"reason": " "}).status_code == 422
    assert cast.post(client, url, typed | {"_version": version - 1}).status_code == 409
    seen = cast.post(client, url, typed).context["preview"].fingerprint
    assert cast.post(client, url, typed | {"_seen": seen}).status_code == 302


def test_eight_at_once_leave_a_right_tree(own_world):
    """Adding and moving in threads, each in its own transaction: the tree's lock keeps the numbers apart."""
    codes = ["S", "T", "Q", "R"]

    def work(number: int) -> int:
        done = 0
        try:
            for step in range(6):
                with bound(own_world.network.pk):
                    under = own_world[codes[(number + step) % 4]]
                    try:
                        made = add_organization(
                            SYSTEM,
                            under,
                            kind="partner",
                            details=details(f"N{number}-{step}", f"N{number}-{step}"),
                            contract=CONTRACT,
                        )
                        done += 1
                    except Refused:
                        continue
                with bound(own_world.network.pk):
                    target = own_world[codes[(number + step + 1) % 4]]
                    try:
                        move_organization(
                            SYSTEM, made, to=target, reason="A new region.", version=made.version
                        )
                    except Refused:
                        continue
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(8) as pool:
        made = sum(pool.map(work, range(8)))
    with bound(own_world.network.pk):
        assert tree.verify_tree() == []
        assert Organization.objects.filter(code__startswith="N").count() == made == 48
