"""Ways to sign in, and how long a session lasts: as the network of a request says, not as the product does."""

from __future__ import annotations

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from orgs.rules.settings import IDLE_MINUTES, METHODS, SESSION_HOURS
from orgs.rules.signin import allowed_everywhere
from tests.orgs.signin.test_second_factor import text
from tests.people.test_links import code_of as mailed_code

LIST, SWITCH, LOGIN = reverse("organization-list"), reverse("network-switch"), reverse("account_login")


def age(client: Client, key: str, minutes: float) -> None:
    session = client.session
    session[key] = int(time.time() - minutes * 60)
    session.save()


def ended(answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(LOGIN)


def enter_by_code(user) -> Client:
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": user.email})
    answer = client.post(reverse("account_confirm_login_code"), {"code": mailed_code(user)})
    assert answer.status_code == 302
    return client


@pytest.mark.setting("signin.methods")
def test_a_way_that_is_not_allowed_does_not_lead_in(people, put, enter):
    by_password, by_code = enter("desk"), enter_by_code(people.users["desk"])
    assert by_password.get(LIST).status_code == by_code.get(LIST).status_code == 200
    put("P", METHODS, ["code"])
    assert by_code.get(LIST).status_code == 200
    answer = by_password.get(LIST)
    assert answer.status_code == 403
    assert "You may come in by: code by e-mail. Sign out, and in again that way." in text(answer)
    assert "The policy “Ways to sign in” (signin.methods) is code by e-mail, set by" in text(answer)
    assert reverse("account_logout") in answer.content.decode()
    put("P", METHODS, ["password"])
    assert by_password.get(LIST).status_code == 200
    assert by_code.get(LIST).status_code == 403


def test_typing_the_password_again_is_no_other_way_in(people, put):
    put("P", METHODS, ["password"])
    client = enter_by_code(people.users["desk"])
    client.post(reverse("account_reauthenticate"), {"password": "a long enough sentence"})
    assert client.get(LIST).status_code == 403


def test_a_session_of_which_nobody_knows_how_it_began_does_not_count_as_allowed(people, put):
    put("P", METHODS, ["password"])
    assert people.client("desk").get(LIST).status_code == 403


def test_organizations_that_have_no_way_in_common_say_so(people, put, enter):
    from core.tenancy import bound
    from orgs.actions.membership import NewMembership, grant_membership
    from tests.cast import SYSTEM

    assert allowed_everywhere([("password", "code"), ("code",)]) == ("code",)
    assert allowed_everywhere([("password",), ("code",)]) == ()
    put("S", METHODS, ["password"])
    put("T", METHODS, ["code"])
    with bound(people.network.pk):
        grant_membership(
            SYSTEM, people["T"], user=people.users["desk"], new=NewMembership("front_desk", "this")
        )
    answer = enter("desk").get(LIST)
    assert answer.status_code == 403
    assert "no way to sign in that they have in common" in text(answer)


@pytest.mark.setting("signin.idle_minutes")
@pytest.mark.parametrize(
    ("minutes", "pause", "over"), [(None, 29, 0), (None, 31, 1), (10, 11, 1), (480, 400, 0)]
)
def test_a_session_that_nobody_used_for_long_ends(people, put, enter, minutes, pause, over):
    if minutes:
        put("P", IDLE_MINUTES, minutes)
    client = enter("desk")
    client.get(LIST)
    age(client, "seen_at", pause)
    assert ended(client.get(LIST)) == bool(over)
    if over:
        said = text(client.get(LOGIN))
        limit = f"{minutes or 30} minutes"
        assert f"Harbor Health ends a session that nobody used for more than {limit}. Sign in again" in said


def test_no_other_page_wakes_a_session_up(people, put, enter):
    put("P", IDLE_MINUTES, 10)
    client = enter("desk")
    client.get(LIST)
    age(client, "seen_at", 60)
    assert client.get(SWITCH).status_code == 200
    assert client.get(reverse("mfa_index")).status_code == 200
    assert ended(client.get(LIST))


def test_signing_in_again_begins_anew_and_leads_back(people, put, enter):
    client = enter("desk")
    client.get(LIST)
    age(client, "seen_at", 45)
    answer = client.get(LIST + "?q=north")
    assert answer["Location"] == f"{LOGIN}?next=%2Fconsole%2Forganizations%2F%3Fq%3Dnorth"
    client.post(answer["Location"], {"login": "desk@harbor.example", "password": "a long enough sentence"})
    assert client.get(LIST).status_code == 200


def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(people, enter):
    client = enter("desk")
    client.get(LIST)
    age(client, "seen_at", 45)
    part = client.get(LIST, headers={"HX-Request": "true"})
    assert part.status_code == 204
    assert part["HX-Redirect"] == f"{LOGIN}?next=%2Fconsole%2F"


@pytest.mark.setting("signin.session_hours")
@pytest.mark.parametrize(
    ("hours", "passed", "over"), [(None, 11.9, 0), (None, 12.1, 1), (2, 2.1, 1), (24, 23, 0)]
)
def test_a_session_ends_some_hours_after_signing_in(people, put, enter, hours, passed, over):
    if hours:
        put("P", SESSION_HOURS, hours)
    client = enter("desk")
    client.get(LIST)
    age(client, "started_at", passed * 60)
    assert ended(client.get(LIST)) == bool(over)
    if over:
        said = text(client.get(LOGIN))
        assert re.search(rf"Harbor Health ends a session {hours or 12} hours after signing in", said)


@pytest.mark.parametrize(("key", "minutes"), [("seen_at", 481), ("started_at", 24 * 60 + 1)])
def test_the_product_ends_every_session_at_last(people, put, enter, key, minutes):
    put("P", IDLE_MINUTES, 480)
    put("P", SESSION_HOURS, 24)
    client = enter("desk")
    client.get(SWITCH)
    age(client, key, minutes)
    assert ended(client.get(SWITCH))


def test_each_network_ends_sessions_for_itself(people, put, enter, second_network):
    put("P", IDLE_MINUTES, 5)
    client = enter("desk")
    client.post(SWITCH, {"network": second_network})
    client.get(LIST)
    age(client, "seen_at", 20)
    assert client.get(LIST).status_code == 200
    client.post(SWITCH, {"network": people.network.pk})
    assert ended(client.get(LIST))


def test_the_portal_hears_nothing_of_it(people, put):
    put("P", IDLE_MINUTES, 5)
    put("P", METHODS, ["code"])
    assert Client().get(reverse("portal")).status_code == 401
