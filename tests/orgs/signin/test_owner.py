"""The pages of an enterprise's owners open with the second factor that its networks ask for."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.enterprise import grant_ownership
from orgs.actions.setting import NewValue, assign_setting
from orgs.queries import tree
from orgs.rules.settings import MFA_REQUIRED
from tests.cast import PASSWORD, SYSTEM
from tests.second_factor import set_up


@pytest.fixture
def owner(people):
    """The desk of North Clinic owns the enterprise, and holds no administrator's role."""
    grant_ownership(SYSTEM, people.enterprise, user_id=people.users["desk"].pk)
    return people


def pages(cast):
    return reverse("enterprise"), reverse("parent-account-open", args=[cast.enterprise.pk])


def statuses(client, cast):
    return {client.get(url).status_code for url in pages(cast)}


@pytest.mark.parametrize(("value", "status"), [("nobody", 200), ("administrators", 403), ("everyone", 403)])
def test_an_owner_counts_as_an_administrator_of_every_network(owner, put, enter, value, status):
    put("P", MFA_REQUIRED, value)
    assert statuses(enter("desk"), owner) == {status}


def test_the_network_that_asks_may_be_one_without_a_role_of_the_owner(owner, enter):
    sister = owner.foreign[0]  # of the same enterprise
    with bound(sister.pk):
        assign_setting(SYSTEM, tree.root(), setting=MFA_REQUIRED, new=NewValue("administrators"))
    client = enter("desk")
    assert statuses(client, owner) == {403}
    page = client.get(reverse("enterprise")).content.decode()
    assert "Set up a second factor" in page
    assert f"{sister.name} opens to people who sign in with an authenticator app" in page


def test_another_enterprises_network_asks_nothing(owner, enter):
    with bound(owner.foreign[1].pk):
        assign_setting(SYSTEM, tree.root(), setting=MFA_REQUIRED, new=NewValue("everyone"))
    assert statuses(enter("desk"), owner) == {200}


def test_nothing_is_opened_without_it_and_everything_with_it(owner, put, enter):
    put("P", MFA_REQUIRED, "administrators")
    client = enter("desk")
    assert client.post(pages(owner)[1], {"name": "West", "code": "WEST"}).status_code == 403
    set_up(client, PASSWORD)
    assert client.post(pages(owner)[1], {"name": "West", "code": "WEST"}).status_code == 422
    assert statuses(client, owner) == {200}


def test_who_owns_nothing_is_asked_nothing(people, put, enter):
    put("P", MFA_REQUIRED, "everyone")
    client = enter("desk")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("enterprise")).status_code == 200
    assert not any("orgs_settingsversion" in one["sql"] for one in queries)
