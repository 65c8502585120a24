"""Adding an organization: the action, its refusals, the page, and who may."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from orgs.actions.organization import Contract, add_organization
from orgs.models import Affiliation, Organization
from orgs.queries import tree
from tests.cast import CONTRACT, details


def test_adds_a_sub_and_keeps_the_tree_and_the_trail(world):
    made = add_organization(
        world.actor("administrator"), world["S"], kind="sub", details=details("Ward", "W")
    )
    assert tree.verify_tree() == []
    assert [node.code for node in tree.path_to(made)] == ["P", "S", "W"]
    assert made.currency == "USD"
    event = AuditEvent.objects.get(verb="organization.added", subject_id=made.pk)
    assert event.new["under"] == "North Clinic"
    assert event.actor_label == "Ada Admin"


def test_a_partner_brings_its_contract(world):
    with pytest.raises(Refused, match="needs a contract"):
        add_organization(
            world.actor("administrator"), world["P"], kind="partner", details=details("New", "N")
        )
    made = add_organization(
        world.actor("administrator"),
        world["P"],
        kind="partner",
        details=details("New", "N"),
        contract=CONTRACT,
    )
    assert Affiliation.objects.get(participant=made).legal_basis == "services agreement"


@pytest.mark.parametrize(
    ("under", "kind", "message"),
    [
        ("X", "sub", "takes nothing below it"),
        ("P", "parent", "one parent organization"),
    ],
)
def test_structure_rules(world, under, kind, message):
    before = Organization.objects.count()
    with pytest.raises(Refused, match=message):
        add_organization(
            world.actor("administrator"),
            world[under],
            kind=kind,
            details=details("N", "N"),
            contract=CONTRACT,
        )
    assert Organization.objects.count() == before


def test_the_depth_of_subs_is_counted_below_the_nearest_parent_or_partner(world):
    administrator = world.actor("administrator")
    ward = add_organization(administrator, world["S"], kind="sub", details=details("Ward", "W"))
    with pytest.raises(Refused, match="3 levels of subs; this network allows 2 levels"):
        add_organization(administrator, ward, kind="sub", details=details("Room", "RM"))
    below_partner = add_organization(administrator, world["R"], kind="sub", details=details("Deep", "D"))
    assert below_partner.level == 3


def test_a_taken_code_is_refused_beside_its_field(world):
    with pytest.raises(Refused, match="has this code") as refusal:
        add_organization(world.actor("administrator"), world["P"], kind="sub", details=details("Again", "S"))
    assert refusal.value.field == "code"


def test_only_who_may(world):
    for persona in ("desk", "sibling", "finance", "clinician"):
        with pytest.raises(PermissionDenied):
            add_organization(world.actor(persona), world["S"], kind="sub", details=details("N", "N"))
    assert add_organization(world.actor("local_admin"), world["S"], kind="sub", details=details("N", "N")).pk
    with pytest.raises(PermissionDenied):
        add_organization(world.actor("local_admin"), world["T"], kind="sub", details=details("M", "M"))


def test_contract_dates(world):
    backwards = Contract("law", starts_on=CONTRACT.starts_on, ends_on=CONTRACT.starts_on.replace(year=2019))
    with pytest.raises(Refused, match="before it starts"):
        add_organization(
            world.actor("administrator"),
            world["P"],
            kind="partner",
            details=details("N", "N"),
            contract=backwards,
        )
    assert not Organization.objects.filter(code="N").exists()


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(cast, browse):
    client = browse("administrator")
    url = reverse("organization-add", args=[cast.organizations["P"].pk])
    typed = {
        "kind": "partner",
        "name": "Bay Partners",
        "code": "bay",
        "time_zone": "Mars/Base",
        "country": "XXX",
    }
    answer = cast.post(client, url, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    for kept in (
        "Bay Partners",
        "Mars/Base",
        "is not an IANA time zone",
        "A partner or third party needs this.",
    ):
        assert kept in page
    answer = cast.post(
        client,
        url,
        typed | {"time_zone": "UTC", "country": "in", "legal_basis": "agreement", "starts_on": "2026-01-01"},
    )
    assert answer.status_code == 302, answer.context["form"].errors
    assert "Bay Partners" in client.get(answer["Location"]).content.decode()


def test_a_form_of_another_network_changes_nothing(cast, browse):
    client = browse("administrator")
    url = reverse("organization-add", args=[cast.organizations["P"].pk])
    for network in ({}, {"_network": str(cast.foreign[0].pk)}):
        answer = client.post(
            url, {"kind": "sub", "name": "Typed text", "code": "N", "time_zone": "UTC"} | network
        )
        assert answer.status_code == 409
        assert "Typed text" in answer.content.decode()


@pytest.mark.parametrize(("chosen", "kept"), [("", "USD"), ("EUR", "EUR")])
def test_it_keeps_its_books_in_the_currency_that_is_chosen(world, browse, chosen, kept):
    typed = {"kind": "sub", "name": "Abroad", "code": "ABR", "time_zone": "UTC", "currency": chosen}
    url = reverse("organization-add", args=[world["P"].pk])
    assert world.post(browse("administrator"), url, typed).status_code == 302
    assert Organization.objects.get(code="ABR").currency == kept
