"""The stage of the walk: the cast among canaries, records for every route, and a session for every persona."""

from __future__ import annotations

import copy
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.actors import ContactActor
from core.tenancy import bound
from network.databases import login
from network.isolation.canaries import ids_of
from network.isolation.cast import PASSWORD, SYSTEM, Cast, make_user
from network.isolation.records import Thing, make_records
from network.isolation.routes import PERSONAS, ROUTES, Route
from orgs.actions.enterprise import grant_ownership
from orgs.actions.membership import NewMembership, end_membership, grant_membership
from orgs.queries import tree
from vendors.actions.contact import issue_link
from vendors.actions.portal import sign_in
from vendors.portal.role import as_contact
from vendors.portal.session import COOKIE

if TYPE_CHECKING:
    from vendors.models import VendorContact

SINCE = date(2020, 1, 1)
LED_ON = ("/console/", "/portal/", "/networks/", "/enterprise/")


class Answer(NamedTuple):
    """Status, and everything said: headers, body, and what is packed in the body."""

    status: int
    said: str


@dataclass
class Stage:
    """The cast, everybody's session, the ids of its records by name, and foreign ones by network and table."""

    cast: Cast
    cookies: dict[str, SimpleCookie]
    own: dict[str, int]
    foreign: list[dict[str, int]]

    def client(self, persona: str) -> Client:
        client = Client()
        client.cookies = copy.deepcopy(self.cookies[persona])
        return client

    def url(self, route: Route, foreign: Thing | None = None, island: int = 0) -> str:
        """The address of the main network's records, one of them replaced by a foreign network's."""
        ids = {
            thing.keyword: self.foreign[island][thing.table] if thing == foreign else self.own[thing.name]
            for thing in route.things
        }
        return reverse(route.name, kwargs=route.also | ids) + route.query

    def ask(self, persona: str, method: str, url: str) -> Answer:
        """One request, and the page that a form leads to; their effects are rolled back."""
        network = self.cast.network_of(persona)
        with transaction.atomic():
            client = _browser()
            client.cookies = copy.deepcopy(self.cookies[persona])
            if method == "GET":
                answer = client.get(url, secure=settings.HTTPS)
            else:
                answer = client.post(url, {"_network": str(network.pk)}, secure=settings.HTTPS)
            said = _said(answer)
            where = answer.headers.get("Location", "")
            if method == "POST" and where.startswith(LED_ON):
                said += "\n" + _said(client.get(where, secure=settings.HTTPS))
            transaction.set_rollback(True)
        return Answer(answer.status_code, said)


@cache
def _browser() -> Client:
    """One for all, with the cookies of whoever asks: making its middleware takes longer than most pages."""
    return Client(raise_request_exception=False)


def _said(answer: Any) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return "\n".join([str(answer.headers), body.decode(errors="replace"), *_packed(body)])


def _packed(body: bytes) -> list[str]:
    """The texts of the files in a sheet."""
    if not body.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return [packed.read(name).decode(errors="replace") for name in packed.namelist()]


def set_stage(cast: Cast, database: str) -> Stage:
    """In the database in use, which has the cast and its canaries: records for every route, and sessions."""
    with bound(cast.network.pk):
        records = make_records(cast)
        _lose_their_way(cast)
    _go_between(cast)
    _give_passwords(cast)
    contacts = {"contact": records.contact, "rival": records.rival}
    cookies = {
        persona: _at_the_portal(cast, contacts[persona])
        if persona in contacts
        else cast.client(persona).cookies
        for persona in PERSONAS
    }
    suspended = cast.users["suspended"]
    suspended.is_active = False
    suspended.save()
    return Stage(cast, cookies, records.ids, _foreign_ids(cast, database))


def _foreign_ids(cast: Cast, database: str) -> list[dict[str, int]]:
    tables = {thing.table for route in ROUTES for thing in route.things} - {"core_enterprise"}
    with login("migrator", database) as connection:
        found = [ids_of(connection, network.pk, tables) for network in cast.foreign]
    for network, ids in zip(cast.foreign, found, strict=True):
        if network.enterprise_id != cast.enterprise.pk:
            ids["core_enterprise"] = network.enterprise_id
    return found


def _lose_their_way(cast: Cast) -> None:
    """Somebody who may not sign in any more, and somebody whose role has ended."""
    for persona in ("suspended", "ended"):
        user = cast.users[persona] = make_user(f"{persona} person", f"{persona}@harbor.example")
        new = NewMembership(role="network_administrator", starts_on=SINCE)
        membership = grant_membership(SYSTEM, cast["P"], user=user, new=new)
        if persona == "ended":
            end_membership(SYSTEM, membership, reason="left", version=membership.version)


def _go_between(cast: Cast) -> None:
    """The enterprise's owner, and somebody at North Clinic's desk who administers a foreign network besides."""
    owner = cast.users["owner"] = make_user("Olga Owner", "owner@harbor.example")
    grant_ownership(SYSTEM, cast.enterprise, user_id=owner.pk)
    guest = cast.users["guest"] = make_user("Gus Guest", "guest@harbor.example")
    with bound(cast.network.pk):
        at_desk = NewMembership(role="front_desk", scope="this", starts_on=SINCE)
        grant_membership(SYSTEM, cast["S"], user=guest, new=at_desk)
    with bound(cast.foreign[0].pk):
        over_all = NewMembership(role="network_administrator", starts_on=SINCE)
        grant_membership(SYSTEM, tree.root(), user=guest, new=over_all)


def _give_passwords(cast: Cast) -> None:
    """The pages of sign-in treat a person without a password apart; ours all have one."""
    password = make_password(PASSWORD)
    for user in (*cast.users.values(), cast.foreign_user):
        assert user is not None
        user.password = password
        user.save()


def _at_the_portal(cast: Cast, contact: VendorContact) -> SimpleCookie:
    """The cookies of a vendor's contact who has signed in."""
    who = ContactActor.of(contact.pk, contact.name, contact.vendor_id)
    with bound(cast.network.pk):
        link, _ = issue_link(SYSTEM, contact)
        with as_contact(contact):
            token = sign_in(who, contact, link_id=link.pk)
    return SimpleCookie({COOKIE: token})
