"""Mail about waivers: to those who decide where the value is enforced, and back to whoever asked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core.clock import today_in
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import add_organization
from orgs.actions.setting import inherit_setting
from orgs.actions.waiver import decide_waiver, end_waiver, request_waiver
from orgs.handlers import tell_who_asked, tell_who_decides
from orgs.models import SettingWaiver
from tests.cast import SYSTEM, details
from work.actions.relay import relay_due_events
from work.models import Mail


def ask(world, code="S", by="local_admin") -> SettingWaiver:
    return request_waiver(
        world.actor(by),
        world[code],
        setting=DISCOUNT_CAP,
        value=30,
        reason="A family that we know.",
        ends_on=today_in("UTC") + timedelta(days=10),
    )


def decide(world, waiver, *, grant=True, by="administrator") -> SettingWaiver:
    return decide_waiver(
        world.actor(by), waiver, grant=grant, note="" if grant else "Too much.", version=waiver.version
    )


def appoint(world, persona, code, role="organization_administrator", scope="subtree", until=None):
    new = NewMembership(role=role, scope=scope, starts_on=date(2020, 1, 1), ends_on=until)
    return grant_membership(SYSTEM, world[code], user=world.users[persona], new=new)


def told() -> list[str]:
    """Who gets mail of what the worker finds to do, in the order of writing."""
    relay_due_events()
    return [one.to.partition("@")[0] for one in Mail.objects.order_by("pk")]


@pytest.fixture
def enforced(assign):
    return assign("P", DISCOUNT_CAP, 10, "enforced")


def test_those_who_decide_are_asked_once(world, enforced):
    waiver = ask(world)
    assert not Mail.objects.exists(), "nothing is sent inside the request"
    assert told() == ["administrator"]
    assert told() == ["administrator"]
    mail = Mail.objects.get()
    assert mail.subject == "Harbor Health: a waiver for North Clinic waits for you"
    assert "Adam Local asks for an exception at North Clinic" in mail.body
    assert f"“{DISCOUNT_CAP.label}” is to be “{DISCOUNT_CAP.show(30)}”" in mail.body
    assert reverse("waiver-decide", args=[waiver.pk]) in mail.body
    assert "family" not in mail.body


def test_they_are_those_where_it_is_enforced_and_never_the_asker(world, assign):
    assign("S", DISCOUNT_CAP, 10, "enforced")
    appoint(world, "finance", "S")
    appoint(world, "auditor", "S", until=date(2021, 1, 1))
    appoint(world, "sibling", "T")
    world.users["administrator"].is_active = False
    world.users["administrator"].save()
    appoint(world, "desk", "S", scope="this")
    world.organizations["W"] = add_organization(SYSTEM, world["S"], kind="sub", details=details("Ward", "W"))
    ask(world, "W", by="finance")
    assert told() == ["local_admin", "desk"]


@pytest.mark.parametrize("after", ["decided", "inherited"])
def test_what_waits_for_nobody_any_more_asks_nobody(world, enforced, after):
    waiver = ask(world)
    if after == "decided":
        decide(world, waiver)
        assert told() == ["local_admin"]
    else:
        inherit_setting(SYSTEM, world["P"], setting=DISCOUNT_CAP)
        assert told() == []


@pytest.mark.parametrize(("grant", "word"), [(True, "granted"), (False, "refused")])
def test_whoever_asked_is_told(world, enforced, grant, word):
    waiver = ask(world)
    assert told() == ["administrator"]
    waiver = decide(world, waiver, grant=grant)
    assert told() == ["administrator", "local_admin"]
    assert told() == ["administrator", "local_admin"]
    mail = Mail.objects.get(to__startswith="local_admin")
    assert mail.subject == f"Harbor Health: your waiver for North Clinic was {word}"
    assert f"Ada Admin has {word} the exception" in mail.body
    assert "Too much" not in mail.body
    if grant:
        end_waiver(world.actor("administrator"), waiver, note="Over.", version=waiver.version)
        assert len(told()) == 2


def test_whoever_decides_alone_or_sees_nothing_any_more_is_told_nothing(world, enforced):
    decide(world, ask(world, by="administrator"))
    assert told() == []
    gone = ask(world, "T", by="administrator")
    SettingWaiver.objects.filter(pk=gone.pk).update(requested_by_id=world.users["desk"].pk)
    gone.refresh_from_db()
    decide(world, gone)
    assert told() == []


def test_both_handlers_run_again_without_harm_where_nobody_is_there(world, enforced):
    waiver = ask(world, by="administrator")
    SettingWaiver.objects.filter(pk=waiver.pk).update(requested_by_id=None)
    tell_who_asked({"waiver_id": waiver.pk})
    assert not Mail.objects.exists()
    tell_who_decides({"waiver_id": waiver.pk})
    assert [one.to for one in Mail.objects.all()] == ["administrator@harbor.example"]
