"""The stage of the matrix: the cast among canaries, with people who lost their way in."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from people.models import User
from tests import canaries, databases
from tests.access.routes import ROUTES, Route
from tests.access.things import Thing, make_records
from tests.cast import PASSWORD, PEOPLE, SYSTEM, Cast, make_user
from tests.vendors.conftest import Phone
from vendors.models import VendorContact

STRANGERS = ("stranger", "suspended", "contact", "rival")
PERSONAS = (*STRANGERS, "foreigner", "ended", *PEOPLE)


@dataclass
class Stage:
    """The cast, everybody's session, and the ids of the records: the main network's by name, foreign ones by table."""

    cast: Cast
    cookies: dict[str, Any]
    own: dict[str, int]
    foreign: dict[str, int]

    def client(self, persona: str) -> Client:
        client = Client()
        client.cookies = copy.deepcopy(self.cookies[persona])
        return client

    def url(self, route: Route, foreign: Thing | None = None) -> str:
        """The address of the main network's records, one of them replaced by a foreign one."""
        ids = {
            thing.keyword: self.foreign[thing.table] if thing == foreign else self.own[thing.name]
            for thing in route.things
        }
        return reverse(route.name, kwargs=route.also | ids) + route.query

    def ask(self, persona: str, method: str, url: str) -> tuple[int, str]:
        """Status and everything said (headers included) of one request, whose effects are rolled back."""
        network = self.cast.foreign[0] if persona == "foreigner" else self.cast.network
        with transaction.atomic():
            client = self.client(persona)
            answer = client.get(url) if method == "GET" else client.post(url, {"_network": str(network.pk)})
            body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
            transaction.set_rollback(True)
        return answer.status_code, f"{answer.headers}\n{body.decode(errors='replace')}"


@contextmanager
def set_stage(database: str, cast: Cast) -> Iterator[tuple[str, Stage]]:
    """A clone of a database with the cast in it, where everybody has a session and every route its record."""
    cast = copy.deepcopy(cast)
    with databases.clone("stage", source=database) as copied:
        with databases.used(copied):
            with bound(cast.network.pk):
                records = make_records(cast)
                _lose_their_way(cast)
            _give_passwords(cast)
            contacts = {"contact": records.contact, "rival": records.rival}
            staff = [persona for persona in PERSONAS if persona not in contacts]
            cookies = {persona: cast.client(persona).cookies for persona in staff}
            cookies |= {persona: _at_the_portal(cast, contact) for persona, contact in contacts.items()}
            User.objects.filter(pk=cast.users["suspended"].pk).update(is_active=False)
        with canaries.administrator_in(copied) as connection:
            tables = {thing.table for route in ROUTES for thing in route.things}
            foreign = canaries.ids_of(connection, cast.foreign[0].pk, tables)
        yield copied, Stage(cast, cookies, records.ids, foreign)


def _give_passwords(cast: Cast) -> None:
    """The pages of sign-in treat a person without a password apart; ours all have one."""
    password = make_password(PASSWORD)
    for user in (*cast.users.values(), cast.foreign_user):
        assert user is not None
        user.password = password
        user.save()


def _at_the_portal(cast: Cast, contact: VendorContact) -> Any:
    """The cookies of a vendor's contact who signed in by link and code."""
    phone = Phone(cast)
    phone.sign_in(contact)
    return phone.client.cookies


def _lose_their_way(cast: Cast) -> None:
    for persona in ("suspended", "ended"):
        user = cast.users[persona] = make_user(f"{persona} person", f"{persona}@harbor.example")
        new = NewMembership(role="network_administrator", starts_on=date(2020, 1, 1))
        membership = grant_membership(SYSTEM, cast["P"], user=user, new=new)
        if persona == "ended":
            end_membership(SYSTEM, membership, reason="left", version=membership.version)
