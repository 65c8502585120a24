"""People who sign in as they do, in one network or two, and settings that are put from outside a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.settings import Mode, Setting
from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.setting import NewValue, assign_setting
from orgs.queries import tree
from tests.cast import PASSWORD, SYSTEM, Cast

Put = Callable[..., Any]


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """A slow hash proves nothing here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def people(cast: Cast) -> Cast:
    """Everybody has the same password."""
    user = cast.users["desk"]
    user.set_password(PASSWORD)
    for one in cast.users.values():
        one.password = user.password
        one.save(update_fields=["password"])
    return cast


@pytest.fixture
def put(people: Cast) -> Put:
    """Assign a setting while no request runs: `put("P", MFA_REQUIRED, "everyone")`."""

    def put(code: str, setting: Setting[Any], value: Any, mode: str = "enforced", by: str = "") -> None:
        with bound(people.network.pk):
            new = NewValue(value, Mode(mode), reason="The board decided so.")
            actor = people.actor(by) if by else SYSTEM
            assign_setting(actor, people[code], setting=setting, new=new)

    return put


@pytest.fixture
def enter(people: Cast) -> Callable[[str], Client]:
    """Sign in by password, as a persona."""

    def enter(persona: str) -> Client:
        client = Client()
        typed = {"login": people.users[persona].email, "password": PASSWORD}
        assert client.post(reverse("account_login"), typed).status_code == 302
        return client

    return enter


@pytest.fixture
def second_network(people: Cast) -> int:
    """The desk of North Clinic works in another network as well."""
    other = people.foreign[0].pk
    with bound(other):
        new = NewMembership("front_desk", "this", starts_on=date(2020, 1, 1))
        grant_membership(SYSTEM, tree.root(), user=people.users["desk"], new=new)
    return other
