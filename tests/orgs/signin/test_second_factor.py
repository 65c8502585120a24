"""Who needs a second factor, who is exempt, and what they are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.clock import at, now
from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.rules.settings import IDLE_MINUTES, MFA_REQUIRED
from orgs.rules.signin import is_asked, strictest_factor
from tests.cast import PASSWORD, SYSTEM
from tests.second_factor import code_of, confirm_password, set_up

LIST, SWITCH, REMOVE = reverse("organization-list"), reverse("network-switch"), reverse("mfa_deactivate_totp")


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def waive(cast, code: str, days: int = 30) -> None:
    with bound(cast.network.pk):
        until = timezone.now().date() + timedelta(days=days)
        waiver = request_waiver(
            cast.actor("local_admin"),
            cast[code],
            setting=MFA_REQUIRED,
            value="nobody",
            reason="New phones come",
            ends_on=until,
        )
        decide_waiver(cast.actor("administrator"), waiver, grant=True, version=waiver.version)


@pytest.mark.parametrize(
    ("values", "strictest"),
    [
        (["nobody", "everyone", "administrators"], "everyone"),
        (["nobody", "administrators"], "administrators"),
        (["nobody", "nobody"], "nobody"),
    ],
)
def test_the_strictest_counts(values, strictest):
    assert strictest_factor(values) == strictest


def test_whom_it_asks():
    assert is_asked("everyone", [])
    assert is_asked("administrators", ["front_desk", "organization_administrator"])
    assert is_asked("administrators", ["network_administrator"])
    assert not is_asked("administrators", ["front_desk", "finance_officer"])
    assert not is_asked("nobody", ["network_administrator"])


@pytest.mark.setting("signin.mfa_required")
def test_nobody_is_asked_by_default_and_whoever_must_is_led_to_set_one_up(people, put, enter):
    client = enter("desk")
    assert client.get(LIST).status_code == 200
    put("P", MFA_REQUIRED, "everyone", by="administrator")
    answer = client.get(LIST)
    assert answer.status_code == 403
    said = text(answer)
    assert "Set up a second factor" in said
    assert (
        "The policy “Second factor” (signin.mfa_required) is everyone, set by Ada Admin at Harbor Health"
        in said
    )
    assert "An administrator of North Clinic can ask for a waiver in its settings" in said
    assert reverse("mfa_activate_totp") in answer.content.decode()
    set_up(client, PASSWORD)
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("name", "records"), [("home", ()), ("search", ()), ("setting-list", ()), ("organization", ("S",))]
)
def test_nothing_of_the_network_opens_before(people, put, enter, name, records):
    put("P", MFA_REQUIRED, "everyone")
    client = enter("desk")
    url = reverse(name, args=[people.organizations[code].pk for code in records])
    for answer in (client.get(url), people.post(client, url)):
        assert answer.status_code == 403
        assert "Set up a second factor" in text(answer)
        assert "South Clinic" not in text(answer)
    part = client.get(url, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"], part.content) == (204, reverse("home"), b"")


def test_a_post_before_changes_nothing(people, put, enter):
    put("P", MFA_REQUIRED, "everyone")
    client = enter("administrator")
    url = reverse("organization-suspend", args=[people.organizations["S"].pk])
    assert people.post(client, url, {"reason": "x", "_version": 1}).status_code == 403
    with bound(people.network.pk):
        assert people["S"].status == "active"


def test_administrators_alone(people, put, enter):
    put("P", MFA_REQUIRED, "administrators")
    assert enter("desk").get(LIST).status_code == 200
    assert enter("finance").get(LIST).status_code == 200
    assert enter("administrator").get(LIST).status_code == 403
    assert enter("local_admin").get(LIST).status_code == 403


def test_whoever_has_one_and_did_not_use_it_in_this_session_is_asked_for_it(people, put, enter):
    there, here = enter("desk"), enter("desk")
    secret = set_up(there, PASSWORD)
    assert here.get(LIST).status_code == 200  # nobody has to
    put("P", MFA_REQUIRED, "everyone")
    assert there.get(LIST).status_code == 200
    answer = here.get(LIST)
    assert answer.status_code == 403
    assert "Show your second factor" in text(answer)
    link = re.search(r'href="([^"]*second-factor/confirm[^"]*)"', answer.content.decode())[1]
    confirm_password(here, PASSWORD)  # the password is no second factor
    assert here.get(LIST).status_code == 403
    Authenticator.objects.filter(type="totp").update(data={**_data(), "last_counter": 0})
    wrong = here.post(link, {"code": "000000"})
    assert "This code is wrong" in text(wrong)
    done = here.post(link, {"code": code_of(secret, _now() + 30)})
    assert (done.status_code, done["Location"]) == (302, LIST)
    assert here.get(LIST).status_code == 200


def _data() -> dict:
    return Authenticator.objects.get(type="totp").data


def _now() -> float:
    return timezone.now().timestamp()


def test_a_waiver_exempts_those_who_belong_to_its_clinic_alone_and_ends_by_itself(people, put, enter):
    put("P", MFA_REQUIRED, "everyone")
    waive(people, "S")
    assert enter("desk").get(LIST).status_code == 200
    assert enter("sibling").get(LIST).status_code == 403
    with bound(people.network.pk):
        both = NewMembership("front_desk", "this")
        grant_membership(SYSTEM, people["T"], user=people.users["clinician"], new=both)
    assert enter("clinician").get(LIST).status_code == 403


def test_a_waiver_that_has_ended_exempts_nobody(people, put, enter):
    put("P", MFA_REQUIRED, "everyone")
    waive(people, "S", days=3)
    client = enter("desk")
    assert client.get(LIST).status_code == 200
    with at(now() + timedelta(days=4)):
        assert client.get(LIST).status_code == 403


def test_only_the_network_with_the_policy_asks(people, put, enter, second_network):
    put("P", MFA_REQUIRED, "everyone")
    client = enter("desk")
    client.post(SWITCH, {"network": second_network})
    assert client.get(LIST).status_code == 200
    assert client.post(SWITCH, {"network": people.network.pk}).status_code == 302
    assert client.get(LIST).status_code == 403
    assert "CANARY" not in text(client.get(LIST))


def test_it_can_not_be_taken_away_while_a_network_asks_for_it(people, put, enter, second_network):
    client = enter("desk")
    set_up(client, PASSWORD)
    put("S", MFA_REQUIRED, "everyone")
    client.post(SWITCH, {"network": second_network})
    for answer in (client.get(REMOVE), client.post(REMOVE)):
        assert answer.status_code == 200
        assert "You need your second factor. The policy “Second factor”" in text(answer)
        assert "at North Clinic" in text(answer)
    assert Authenticator.objects.filter(user=people.users["desk"], type="totp").exists()
    put("S", MFA_REQUIRED, "nobody")
    assert client.post(REMOVE).status_code == 302


def test_a_new_person_sets_one_up_before_anything_else(people, put):
    from tests.orgs.invitation.test_accept import ask

    put("P", MFA_REQUIRED, "everyone")
    client = Client()
    assert client.post(ask(people), {"password": PASSWORD}).status_code == 302
    assert "Set up a second factor" in text(client.get(LIST))
    set_up(client, PASSWORD)
    assert client.get(LIST).status_code == 200


def test_ones_own_sign_in_stays_open(people, put, enter):
    put("P", MFA_REQUIRED, "everyone")
    client = enter("desk")
    for name in ("mfa_index", "account_change_password", "network-switch", "account_logout"):
        assert client.get(reverse(name)).status_code == 200, name


def count(client: Client) -> int:
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    return len(queries)


def test_what_it_costs(people, put, enter, monkeypatch):
    """One query where nothing is set, one more for where one's organizations stand; not one for each of them."""
    client = enter("desk")
    unset = count(client)
    with monkeypatch.context() as patch:
        patch.setattr("orgs.middleware.turned_away", lambda request: None)
        assert unset - count(client) <= 1
    put("P", IDLE_MINUTES, 20)
    few = count(client)
    assert few <= unset + 1
    with bound(people.network.pk):
        for code in ("T", "Q", "R"):
            new = NewMembership("front_desk", "this")
            grant_membership(SYSTEM, people[code], user=people.users["desk"], new=new)
    assert count(client) == few
