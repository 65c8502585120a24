"""Editing, suspending, reactivating and archiving."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.html import escape

from audit.models import AuditEvent
from core.errors import Refused
from core.setting_types import Text
from core.tenancy import bound
from orgs.actions.organization import (
    add_organization,
    archive_organization,
    blockers_of,
    edit_organization,
    reactivate_organization,
    suspend_organization,
)
from orgs.models import Organization
from tests.cast import SYSTEM, details
from tests.ledger.market import open_market
from tests.meeting import meeting


def act(world, action, code, reason="because", persona="administrator"):
    one = world[code]
    return action(world.actor(persona), one, reason=reason, version=one.version)


def test_suspending_needs_a_reason_and_keeps_it(world):
    with pytest.raises(Refused, match="Say why"):
        act(world, suspend_organization, "S", reason="  ")
    act(world, suspend_organization, "S", reason="licence lapsed")
    assert world["S"].status == "suspended"
    assert AuditEvent.objects.get(verb="organization.suspended").new["reason"] == "licence lapsed"
    with pytest.raises(Refused, match="already suspended"):
        act(world, suspend_organization, "S")
    act(world, reactivate_organization, "S")
    assert world["S"].status == "active"


def test_archiving_lists_what_blocks_it(world):
    with pytest.raises(Refused, match="1 organization below it"):
        act(world, archive_organization, "Q")
    with pytest.raises(Refused, match="the network's parent organization"):
        act(world, archive_organization, "P")
    act(world, archive_organization, "R")
    act(world, archive_organization, "Q")
    assert world["Q"].status == "archived"


def test_every_blocker_leads_to_where_it_is(cast, browse):
    client = browse("administrator")
    with bound(cast.network.pk):
        market = open_market(cast)
        market.redeem(market.sell(), "PHYSIO", at="Q")
        market.sell("COURSE", at="Q")
        blockers = blockers_of(cast["Q"])
    assert [blocker.text for blocker in blockers] == [
        "1 organization below it",
        "1 live entitlement that it owes",
        "1 open balance with other organizations",
    ]
    page = client.get(reverse("organization-archive", args=[cast.organizations["Q"].pk])).content.decode()
    for blocker in blockers:
        assert f'href="{escape(blocker.url)}"' in page
        assert client.get(blocker.url).status_code == 200


def test_only_a_network_administrator_suspends(world):
    for persona in ("local_admin", "desk", "finance"):
        with pytest.raises(PermissionDenied):
            act(world, suspend_organization, "S", persona=persona)


def test_editing_keeps_old_and_new_and_counts_the_version(world):
    one = world["S"]
    changed = edit_organization(
        world.actor("local_admin"), one, details=details("North Hospital", "S"), version=one.version
    )
    assert changed.version == one.version + 1
    event = AuditEvent.objects.get(verb="organization.edited")
    assert (event.old, event.new) == ({"name": "North Clinic"}, {"name": "North Hospital"})
    assert Organization.objects.get(pk=one.pk).search_key.startswith("north hospital")


def test_a_stale_form_answers_409_and_keeps_what_was_typed(cast, browse):
    client = browse("administrator")
    url = reverse("organization-edit", args=[cast.organizations["S"].pk])
    with bound(cast.network.pk):
        version = cast["S"].version
    typed = {"name": "Typed by the second", "code": "S", "time_zone": "UTC", "_version": version}
    first = cast.post(client, url, typed | {"name": "Typed by the first"})
    assert first.status_code == 302
    second = cast.post(client, url, typed)
    assert second.status_code == 409
    page = second.content.decode()
    assert "Typed by the second" in page
    assert "changed by somebody else" in page
    with bound(cast.network.pk):
        assert cast["S"].name == "Typed by the first"


def test_nothing_is_active_below_what_is_archived(world):
    act(world, archive_organization, "R")
    act(world, archive_organization, "Q")
    with pytest.raises(Refused, match="Quay Partners is archived; reactivate it first"):
        act(world, reactivate_organization, "R")
    act(world, reactivate_organization, "Q")
    act(world, reactivate_organization, "R")
    assert world["R"].status == "active"


def test_archiving_and_reactivating_below_at_once(own_world):
    with bound(own_world.network.pk):
        act(own_world, archive_organization, "R")
    _, late = meeting(
        own_world.network.pk,
        lambda: act(own_world, archive_organization, "Q"),
        lambda: act(own_world, reactivate_organization, "R"),
    )
    assert isinstance(late, Refused)


@pytest.mark.parametrize("unseen", ["\u202e", "\u2067", "\x07", "\x85"])
def test_no_name_reads_as_another(world, unseen):
    """A character that turns the direction makes “North” of what ends in “htroN”."""
    north = world["S"]
    with pytest.raises(Refused) as refusal:
        edit_organization(SYSTEM, north, details=details(f"{unseen}htroN", "S"), version=north.version)
    assert (refusal.value.code, refusal.value.field) == ("invalid", "name")
    with pytest.raises(Refused):
        add_organization(SYSTEM, world["P"], kind="sub", details=details("Ward", f"W{unseen}"))


def test_no_setting_reads_as_another():
    with pytest.raises(ValueError, match="nobody sees"):
        Text(60).clean("\u202ehtroN")
