"""Working in one network at a time: chosen from one's own, bound by the session, and gone with the role."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.middleware import SESSION_KEY
from orgs.models import Membership
from orgs.queries import tree
from tests.cast import CANARY, SYSTEM

SWITCH = reverse("network-switch")
LIST = reverse("organization-list")


@pytest.fixture
def second(cast) -> Membership:
    """The desk of North Clinic works in a second Parent Account too."""
    with bound(cast.foreign[0].pk):
        new = NewMembership("front_desk", starts_on=date(2020, 1, 1))
        return grant_membership(SYSTEM, tree.root(), user=cast.users["desk"], new=new)


@pytest.fixture
def commuter(cast, second) -> Client:
    """Signed in, with no network chosen yet."""
    client = Client()
    client.force_login(cast.users["desk"], backend="people.backends.EmailBackend")
    return client


def choose(client, network) -> int:
    return client.post(SWITCH, {"network": network.pk}).status_code


def test_who_has_several_is_asked_first(cast, commuter):
    assert commuter.get(LIST)["Location"] == SWITCH
    page = commuter.get(SWITCH).content.decode()
    assert "Harbor Health" in page
    assert f"{CANARY}C1 network" in page
    assert f"{CANARY} C2" not in page


def test_each_is_shown_alone(cast, commuter):
    assert choose(commuter, cast.network) == 302
    assert "North Clinic" in commuter.get(LIST).content.decode()
    assert CANARY not in commuter.get(LIST).content.decode()
    assert choose(commuter, cast.foreign[0]) == 302
    assert CANARY in commuter.get(LIST).content.decode()
    assert "North Clinic" not in commuter.get(LIST).content.decode()


def test_changing_gives_the_session_a_new_key(cast, commuter):
    choose(commuter, cast.network)
    before = commuter.session.session_key
    choose(commuter, cast.foreign[0])
    assert commuter.session.session_key != before


@pytest.mark.parametrize("typed", ["", "x", "-1", "0", "1e3", "９", str(2**70), "foreign"])
def test_nothing_but_ones_own_networks_can_be_chosen(cast, commuter, typed):
    choose(commuter, cast.network)
    answer = commuter.post(SWITCH, {"network": str(cast.foreign[1].pk) if typed == "foreign" else typed})
    assert answer.status_code == 422
    assert commuter.session[SESSION_KEY] == cast.network.pk


def test_a_form_opened_in_the_other_network_changes_nothing(cast):
    client = cast.client("administrator")
    url = reverse("organization-edit", args=[cast.organizations["S"].pk])
    typed = {"_version": 1, "name": "Typed text", "code": "S", "time_zone": "UTC"}
    answer = client.post(url, typed | {"_network": cast.foreign[0].pk})
    assert answer.status_code == 409
    assert "Typed text" in answer.content.decode()
    with bound(cast.network.pk):
        assert cast["S"].name == "North Clinic"


def test_a_role_that_ends_leads_to_the_choice_and_the_rest_stays(cast, commuter, second):
    choose(commuter, cast.foreign[0])
    with bound(cast.foreign[0].pk):
        end_membership(SYSTEM, second, reason="left", version=1)
    assert commuter.get(LIST)["Location"] == SWITCH
    assert SESSION_KEY not in commuter.session
    assert "North Clinic" in commuter.get(LIST).content.decode(), "the one that is left needs no choice"


def test_a_session_that_names_a_foreign_network_gets_nothing_of_it(cast):
    client = cast.client("desk")
    session = client.session
    session[SESSION_KEY] = cast.foreign[1].pk
    session.save()
    assert client.get(LIST)["Location"] == SWITCH
    assert CANARY not in client.get(SWITCH).content.decode()


def test_without_any_network_the_page_says_so(cast):
    with bound(cast.network.pk):
        membership = Membership.objects.get(user=cast.users["desk"])
        end_membership(SYSTEM, membership, reason="left", version=1)
    client = cast.client("desk")
    page = client.get(LIST, follow=True)
    assert page.status_code == 200
    assert "Harbor Health" not in page.content.decode()
