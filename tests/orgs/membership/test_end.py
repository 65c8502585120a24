"""Ending a role: at once, on the day it was given too, never the last administrator, whoever asks at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.models import Grant, Membership
from orgs.projection import project, project_after_migrate
from orgs.queries.access import holds_of
from orgs.rules.roles import ROLES
from tests.cast import SYSTEM, make_user

DESK = NewMembership(role="front_desk", scope="this")


@pytest.fixture
def newcomer(db):
    return make_user("Nell Newcomer", "nell@harbor.example")


def end(actor, membership, reason="left"):
    membership.refresh_from_db()
    return end_membership(actor, membership, reason=reason, version=membership.version)


def test_given_and_ended_and_given_again_on_one_day(world, newcomer):
    for _ in range(3):
        membership = grant_membership(SYSTEM, world["S"], user=newcomer, new=DESK)
        assert holds_of(newcomer.pk)
        end(world.actor("administrator"), membership)
        assert holds_of(newcomer.pk) == []
    assert Membership.objects.filter(user=newcomer).count() == 3


def test_a_role_that_begins_later_is_ended_too(world, newcomer):
    later = timezone.now().date() + timedelta(days=30)
    new = NewMembership(role="front_desk", starts_on=later)
    membership = end(SYSTEM, grant_membership(SYSTEM, world["S"], user=newcomer, new=new))
    assert membership.ends_on < timezone.now().date()
    with pytest.raises(Refused, match="already ended"):
        end(SYSTEM, membership)


def test_its_grants_end_with_it_and_a_rebuilt_projection_says_the_same(world):
    membership = Membership.objects.get(user=world.users["desk"])
    end(world.actor("administrator"), membership)
    grants = Grant.objects.filter(membership=membership)
    before = set(grants.values_list("permission_id", "scope", "starts_on", "ends_on"))
    assert {row[3] for row in before} == {timezone.now().date() - timedelta(days=1)}
    grants.delete()
    membership.refresh_from_db()
    project(membership)
    assert set(grants.values_list("permission_id", "scope", "starts_on", "ends_on")) == before


def test_the_reason_and_the_end_are_in_the_trail(world):
    membership = Membership.objects.get(user=world.users["desk"])
    with pytest.raises(Refused, match="Say why"):
        end(world.actor("administrator"), membership, reason=" ")
    end(world.actor("administrator"), membership, reason="moved away")
    event = AuditEvent.objects.get(verb="membership.ended")
    assert event.new["reason"] == "moved away"
    assert event.old == {"until": None}
    assert (event.subject_id, event.organization_id) == (membership.pk, world["S"].pk)


def test_a_stale_form_ends_nothing(world):
    membership = Membership.objects.get(user=world.users["desk"])
    with pytest.raises(Refused, match="changed by somebody else"):
        end_membership(world.actor("administrator"), membership, reason="x", version=membership.version + 1)
    assert holds_of(world.users["desk"].pk)


def test_who_holds_less_cannot_end_more(world):
    boss = grant_membership(
        SYSTEM,
        world["S"],
        user=make_user("Olga", "olga@harbor.example"),
        new=NewMembership("network_administrator"),
    )
    with pytest.raises(Refused, match="holds more than you do there"):
        end(world.actor("local_admin"), boss)


@pytest.mark.parametrize(
    ("held", "wanted", "refused"),
    [
        ((None, None), (None, None), True),
        ((None, None), (date(2030, 1, 1), date(2030, 2, 1)), True),
        ((date(2030, 1, 1), date(2030, 1, 31)), (date(2030, 1, 31), None), True),
        ((date(2030, 1, 1), date(2030, 1, 31)), (date(2030, 2, 1), None), False),
        ((date(2030, 2, 1), None), (date(2030, 1, 1), date(2030, 1, 31)), False),
    ],
)
def test_the_same_role_is_not_held_twice_at_once(world, newcomer, held, wanted, refused):
    def give(days):
        new = NewMembership("front_desk", starts_on=days[0], ends_on=days[1])
        return grant_membership(SYSTEM, world["S"], user=newcomer, new=new)

    give(held)
    if refused:
        with pytest.raises(Refused, match="already holds this role"):
            give(wanted)
    else:
        assert give(wanted).pk


def test_the_database_refuses_a_second_open_role_too(world):
    row = Membership.objects.get(user=world.users["desk"])
    row.pk, row.starts_on = None, date(2021, 1, 1)
    with pytest.raises(IntegrityError, match="membership_unique"), transaction.atomic():
        row.save(force_insert=True)


def test_of_two_administrators_who_end_each_other_one_stays(own_world):
    other = make_user("Otto Other", "otto@harbor.example")
    with bound(own_world.network.pk):
        grant_membership(SYSTEM, own_world["P"], user=other, new=NewMembership("network_administrator"))
        rows = list(
            Membership.objects.filter(role="network_administrator", organization=own_world["P"]).order_by(
                "pk"
            )
        )
    assert len(rows) == 2
    together = Barrier(2)

    def work(membership) -> str:
        try:
            with bound(own_world.network.pk):
                together.wait(10)
                end_membership(SYSTEM, membership, reason="coup", version=1)
            return "ended"
        except Refused as refusal:
            return refusal.message
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(work, rows))
    assert answers == ["This is the last network administrator. Appoint another one first.", "ended"]
    with bound(own_world.network.pk):
        assert len([row for row in rows if holds_of(row.user_id)]) == 1


def test_the_page_ends_a_role_and_says_so(cast, browse):
    with bound(cast.network.pk):
        membership = Membership.objects.get(user=cast.users["desk"])
    url = reverse("membership-end", args=[membership.pk])
    client = browse("local_admin")
    assert "Nora North" in client.get(url).content.decode()
    assert cast.post(client, url, {"reason": "left"}).status_code == 409
    answer = cast.post(client, url, {"reason": "left", "_version": 1})
    assert answer.status_code == 302
    assert "no longer holds" in client.get(answer["Location"]).content.decode()


def test_a_role_change_reaches_everyone_who_holds_it(own_world, monkeypatch):
    """After a release that gives a role another permission, the projection is made anew for all of them."""
    role = type(ROLES["front_desk"])
    real = role.permissions

    def more(self):
        return real.fget(self) | ({"organization:edit"} if self.code == "front_desk" else frozenset())

    monkeypatch.setattr(role, "permissions", property(more))
    project_after_migrate(using="migrator")
    with bound(own_world.network.pk):
        for persona in ("desk", "sibling", "partner"):
            assert any(
                "organization:edit" in hold.permissions for hold in holds_of(own_world.users[persona].pk)
            )
    monkeypatch.undo()
    project_after_migrate(using="migrator")
    with bound(own_world.network.pk):
        assert not any(
            "organization:edit" in hold.permissions for hold in holds_of(own_world.users["desk"].pk)
        )
