"""What a move would change is shown before it happens, and what was shown is what is saved."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.registries import MovedNode, named
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Conditions, Outcome
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import add_organization, move_organizations
from orgs.models import Organization, Placement
from orgs.queries import tree
from orgs.queries.move import preview
from tests.cast import SYSTEM, details
from tests.ledger.market import PERCENT_80, open_market


def test_who_gains_and_who_loses_access(world):
    seen = preview(world.actor("administrator"), [world["Q"]], world["S"])
    assert seen.count == 2  # its annex comes along
    assert seen.gained.shown == (
        "Adam Local, Organization administrator at North Clinic and everything below",
    )
    assert seen.lost.count == 0
    seen = preview(world.actor("administrator"), [world["R"]], world["P"])
    assert seen.lost.shown == ("Quinn Quay, Front desk at Quay Partners and everything below",)


def test_a_role_that_is_held_anyway_or_has_ended_is_no_change(world):
    for code, until in (("Q", None), ("T", date(2021, 1, 1))):
        grant_membership(
            SYSTEM,
            world[code],
            user=world.users["local_admin"],
            new=NewMembership(
                role="organization_administrator", scope="subtree", starts_on=date(2020, 1, 1), ends_on=until
            ),
        )
    assert preview(world.actor("administrator"), [world["Q"]], world["S"]).gained.count == 0
    assert preview(world.actor("administrator"), [world["Q"]], world["T"]).gained.count == 0


def test_people_whom_one_may_not_see_are_counted(world):
    seen = preview(world.actor("sibling"), [world["Q"]], world["S"])
    assert (seen.gained.count, seen.gained.shown, seen.gained.hidden) == (1, (), 1)


def test_effective_settings_old_and_new(world, assign):
    assign("P", DISCOUNT_CAP, 10)
    assign("S", DISCOUNT_CAP, 25)
    (change,) = preview(world.actor("administrator"), [world["Q"]], world["S"]).settings
    assert (change.label, change.old, change.new) == (DISCOUNT_CAP.label, *map(DISCOUNT_CAP.show, (10, 25)))
    assert change.at == "Quay Partners, Quay Annex"
    assign("Q", DISCOUNT_CAP, 5)
    assert preview(world.actor("administrator"), [world["Q"]], world["S"]).settings == ()


def test_rules_balances_and_entitlements(world):
    market = open_market(world)
    market.add_rule("north", when=Conditions(servicing_under="S"), outcome=Outcome(transfer=PERCENT_80))
    market.add_rule(
        "quay", when=Conditions(servicing_under="Q", service="LAB"), outcome=Outcome(transfer=PERCENT_80)
    )
    market.sell("COURSE", at="R")
    sale = market.sell()
    market.redeem(sale, "PHYSIO", at="Q")
    said = {
        effect.title: [text for text, _ in effect.items]
        for effect in preview(world.actor("administrator"), [world["R"]], world["S"]).effects
    }
    assert said == {
        "Transactional rules that stop applying": ["quay: Quay Annex"],
        "Transactional rules that start applying": ["north: Quay Annex"],
        "Live entitlements that go along": ["Quay Annex: 1 live entitlement"],
    }
    effects = preview(world.actor("administrator"), [world["Q"]], world["S"]).effects
    assert any("Quay Partners: 1 open balance" in text for effect in effects for text, _ in effect.items)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("this", "Quay Partners and 1 other that you may not see"),
        ("subtree", "Quay Partners, Quay Annex"),
    ],
)
def test_what_moves_is_named_to_who_may_see_it(world, assign, scope, said):
    grant_membership(
        SYSTEM,
        world["Q"],
        user=world.users["sibling"],
        new=NewMembership(role="organization_administrator", scope=scope, starts_on=date(2020, 1, 1)),
    )
    assign("S", DISCOUNT_CAP, 25)
    (change,) = preview(world.actor("sibling"), [world["Q"]], world["S"]).settings
    assert change.at == said


def test_the_ledger_names_none_that_one_may_not_see(world):
    market = open_market(world)
    market.add_rule("north", when=Conditions(servicing_under="S"), outcome=Outcome(transfer=PERCENT_80))
    market.sell("COURSE", at="R")
    sale = market.sell()
    market.redeem(sale, "PHYSIO", at="R")
    grant_membership(
        SYSTEM,
        world["Q"],
        user=world.users["sibling"],
        new=NewMembership(role="finance_officer", scope="this", starts_on=date(2020, 1, 1)),
    )
    effects = preview(world.actor("sibling"), [world["Q"]], world["S"]).effects
    assert {effect.title: [text for text, _ in effect.items] for effect in effects} == {
        "Transactional rules that start applying": ["north: Quay Partners and 1 other that you may not see"],
        "Open balances that go along": ["1 organization that you may not see"],
        "Live entitlements that go along": ["1 organization that you may not see"],
    }


def test_many_are_named_shortly():
    def node(name: str, *, is_seen: bool = True) -> MovedNode:
        return MovedNode(1, "N", name, "sub", (), (), is_seen)

    seen, unseen = [node(name) for name in "ABCDE"], node("X", is_seen=False)
    assert named(seen) == "A, B, C and 2 more"
    assert named([*seen[:1], unseen, unseen]) == "A and 2 others that you may not see"
    assert named([unseen, unseen]) == "2 organizations that you may not see"
    assert named([*seen, unseen]) == "A, B, C and 2 more and 1 other that you may not see"


def test_nothing_is_saved_before_the_preview_of_just_that_was_seen(cast, browse):
    client = browse("administrator")
    url = reverse("organization-move", args=[cast.organizations["Q"].pk])
    with bound(cast.network.pk):
        version = cast["Q"].version
    typed = {"parent": cast.organizations["S"].pk, "reason": "Nearer.", "_version": version}
    page = cast.post(client, url, typed)
    assert "1 role gains access" in page.content.decode()
    typed["_seen"] = page.context["preview"].fingerprint
    other = cast.post(client, url, typed | {"parent": cast.organizations["T"].pk})
    assert other.status_code == 200
    assert "Look again" in other.content.decode()
    assert cast.post(client, url, typed | {"_preview": "1"}).status_code == 200
    with bound(cast.network.pk):
        assert cast["Q"].parent_id == cast.organizations["P"].pk
    assert cast.post(client, url, typed).status_code == 302
    page = client.get(reverse("organization", args=[cast.organizations["Q"].pk])).content.decode()
    assert "Places" in page
    assert "Nearer." in page


def test_too_deep_a_place_leads_to_the_policy(cast, browse):
    client = browse("administrator")
    with bound(cast.network.pk):
        add_organization(SYSTEM, cast["S"], kind="sub", details=details("Ward", "W"))
        version = cast["S"].version
    url = reverse("organization-move", args=[cast.organizations["S"].pk])
    typed = {"parent": cast.organizations["T"].pk, "reason": "Nearer.", "_version": version}
    page = cast.post(client, url, typed)
    assert page.status_code == 422
    assert reverse("setting-edit", args=[typed["parent"], "structure.max_sub_depth"]) in page.content.decode()


def move(world, codes: str, to: str, persona: str = "administrator"):
    chosen = [world[code] for code in codes]
    return move_organizations(world.actor(persona), world[to], organizations=chosen, reason="One region.")


def test_several_move_together_and_each_is_audited(world):
    move(world, "TQ", "S")
    assert [node.code for node in tree.subtree(world["S"])] == ["S", "T", "Q", "R"]
    assert tree.verify_tree() == []
    assert AuditEvent.objects.filter(verb="organization.moved").count() == 2
    assert AuditEvent.objects.get(verb="organization.moved_many").new["moved"] == ["T", "Q"]
    assert Placement.objects.filter(reason="One region.", ends_on=None).count() == 2


@pytest.mark.parametrize(
    ("codes", "to", "message"),
    [
        ("TR", "R", "already directly|lies inside"),
        ("TS", "S", "lies inside North Clinic"),
        ("QR", "S", "Quay Annex lies inside Quay Partners"),
        ("P", "S", "root of its network"),
        ("", "S", "Choose the organizations"),
    ],
)
def test_all_or_none(world, codes, to, message):
    before = list(Organization.objects.order_by("pk").values_list("pk", "parent", "lft", "rght"))
    with pytest.raises(Refused, match=message):
        move(world, codes, to)
    assert list(Organization.objects.order_by("pk").values_list("pk", "parent", "lft", "rght")) == before


def test_one_needs_the_permission_at_each(world):
    with pytest.raises(PermissionDenied):
        move(world, "TQ", "S", persona="local_admin")


def test_the_list_leads_to_the_page_with_what_was_ticked(cast, browse):
    client = browse("administrator")
    assert reverse("organization-move-many") in client.get(reverse("organization-list")).content.decode()
    url = reverse("organization-move-many")
    ticked = [cast.organizations[code].pk for code in "TQ"]
    page = client.get(url, {"selected": [*ticked, "nonsense", "²", 10**30, cast.organizations["C1B"].pk]})
    assert page.context["form"].initial["organizations"] == ticked
    typed = {"organizations": ticked, "parent": cast.organizations["S"].pk, "reason": "One region."}
    seen = cast.post(client, url, typed)
    assert cast.post(client, url, typed | {"_seen": seen.context["preview"].fingerprint}).status_code == 302
    with bound(cast.network.pk):
        assert {cast[code].parent_id for code in "TQ"} == {cast.organizations["S"].pk}
