"""The action decorator: permission first, everything or nothing, refusals in a person's words, events on commit."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection

from audit.models import AuditEvent
from core.access import Denied, allowed
from core.actions import Act, action
from core.actors import SystemActor, UserActor
from core.errors import Refused
from core.permissions import permission
from core.refusals import refusals
from core.tenancy import bound
from orgs.models import Affiliation, Organization
from tests.cast import SYSTEM
from work.models import OutboxEvent


@action("organization:edit", audit="test.renamed")
def rename(act: Act, organization: Organization, *, name: str, then: str = "") -> Organization:
    """Rename an organization, and then do as told; only for these tests."""
    old = organization.name
    Organization.objects.filter(pk=organization.pk).update(name=name)
    act.emit("test.renamed", organization_id=organization.pk)
    if then == "refuse":
        raise Refused("no", "Not today.")
    if then == "twice":
        act.nothing_happened()
    elif then:
        with connection.cursor() as cursor:
            cursor.execute(then)
    act.changed({"name": old, "same": 1}, {"name": name, "same": 1})
    return organization


def raising(sqlstate: str, detail: str = "") -> str:
    using = f"ERRCODE = '{sqlstate}'" + (f", DETAIL = '{detail}'" if detail else "")
    return f"DO $$ BEGIN RAISE EXCEPTION 'What a person reads.' USING {using}; END $$"


def name_of(world) -> str:
    return world["S"].name


def test_done_told_and_queued_together(world):
    assert rename(world.actor("local_admin"), world["S"], name="New").pk
    line = AuditEvent.objects.get(verb="test.renamed")
    assert (line.old, line.new) == ({"name": "North Clinic"}, {"name": "New"})
    event = OutboxEvent.objects.get(topic="test.renamed")
    assert (event.network_id, event.ids) == (world.network.pk, {"organization_id": world["S"].pk})


def test_without_the_permission_nothing_runs(world):
    with pytest.raises(Denied) as denied:
        rename(world.actor("desk"), world["S"], name="New")
    assert isinstance(denied.value, PermissionDenied)
    assert (denied.value.permission, denied.value.organization_id) == ("organization:edit", world["S"].pk)
    assert name_of(world) == "North Clinic"


@pytest.mark.parametrize(
    ("then", "error", "message"),
    [
        ("refuse", Refused, "Not today"),
        (raising("CT001", "stable_code"), Refused, "What a person reads"),
        ("INSERT INTO orgs_organization SELECT * FROM orgs_organization LIMIT 1", IntegrityError, "pkey"),
        (raising("XX000"), DatabaseError, "What a person reads"),
    ],
)
def test_a_failure_undoes_the_change_the_line_and_the_event(world, then, error, message):
    with pytest.raises(error, match=message):
        rename(SYSTEM, world["S"], name="New", then=then)
    assert name_of(world) == "North Clinic"
    assert not AuditEvent.objects.filter(verb="test.renamed").exists()
    assert not OutboxEvent.objects.filter(topic="test.renamed").exists()


def test_our_own_sqlstate_brings_its_code_and_any_other_is_a_fault(world):
    with pytest.raises(Refused) as refusal:
        rename(SYSTEM, world["S"], name="New", then=raising("CT001", "stable_code"))
    assert (refusal.value.code, refusal.value.message) == ("stable_code", "What a person reads.")
    with pytest.raises(DatabaseError) as fault:
        rename(SYSTEM, world["S"], name="New", then=raising("CT002"))
    assert not isinstance(fault.value, Refused)


def test_a_known_constraint_speaks_beside_its_field(world):
    with pytest.raises(Refused, match="has this code") as refusal, refusals():
        Organization.objects.filter(code="S").update(code="T")
    assert (refusal.value.code, refusal.value.field) == ("duplicate", "code")


def test_deferred_keys_answer_inside_the_action(world):
    """A foreign key that is checked at commit would be nobody's error."""

    @action("organization:edit", audit="test.misled")
    def mislead(act: Act, affiliation: Affiliation) -> None:
        """Point a contract to an organization that isn't there; only for this test."""
        Affiliation.objects.filter(pk=affiliation.pk).update(participant_id=2**40)

    contract = Affiliation.objects.first()
    with pytest.raises(IntegrityError, match="affiliation_participant_same_network"):
        mislead(SYSTEM, contract)
    assert Affiliation.objects.get(pk=contract.pk).participant_id == contract.participant_id


def test_a_repeated_call_is_silent(world):
    rename(SYSTEM, world["S"], name="New", then="twice")
    assert not AuditEvent.objects.filter(verb="test.renamed").exists()
    assert not OutboxEvent.objects.filter(topic="test.renamed").exists()


def test_an_unknown_permission_is_a_mistake_of_ours(world):
    with pytest.raises(ValueError, match="Unknown permission"):
        allowed(SYSTEM, "organization:fly")
    with pytest.raises(ValueError, match="noun:verb"):
        permission("organizationfly", "Fly")
    with pytest.raises(ValueError, match="declared twice"):
        permission("organization:view", "Something else")


def test_actors_are_never_nobody(world):
    with pytest.raises((AssertionError, AttributeError)):
        rename(None, world["S"], name="New")
    assert SystemActor.of("why").label == "why"
    stranger = UserActor.of(2**40, "Nobody")
    assert not allowed(stranger, "organization:view")
    assert not allowed(stranger, "organization:view", world["S"])


def test_what_one_holds_is_read_once_a_request_and_fresh_in_the_next(world, django_assert_num_queries):
    actor = world.actor("desk")
    with django_assert_num_queries(1):
        assert allowed(actor, "organization:view", world.organizations["S"])
        assert not allowed(actor, "organization:edit", world.organizations["S"])
        assert allowed(actor, "organization:view")


def test_another_networks_organization_is_nowhere(cast):
    foreign = cast.organizations["C1B"]
    with bound(cast.network.pk):
        assert not allowed(cast.actor("administrator"), "organization:edit", foreign)
        with pytest.raises(Denied):
            rename(cast.actor("administrator"), foreign, name="Taken")
