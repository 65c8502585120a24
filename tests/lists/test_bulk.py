"""One act on several ticked rows: who takes part, who is left out and why, and all of it or nothing."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from orgs.actions import organization as actions
from orgs.actions.organization import suspend_organization
from orgs.models import Membership, Organization
from orgs.views.many import OrganizationsSuspend
from tests.ledger.market import open_market

SUSPEND = reverse("organization-suspend-many")


def ids(cast, codes: str) -> list[int]:
    return [cast.organizations[code].pk for code in codes]


def version_on(answer) -> str:
    found = re.search(r'name="_version" value="(\d+)"', answer.content.decode())
    return found.group(1) if found else ""


def send(client, cast, url, selected, query="", **data):
    """Open the page that asks, and agree to it."""
    address = f"{url}?{'&'.join(f'selected={one}' for one in selected)}&_query={query}"
    version = version_on(client.get(address))
    return client.post(address, {"_network": cast.network.pk, "_version": version} | data)


def states(cast, codes: str) -> list[str]:
    with bound(cast.network.pk):
        return [Organization.objects.get(pk=pk).status for pk in ids(cast, codes)]


def test_several_are_suspended_and_each_has_its_line_in_the_trail(cast, browse):
    answer = send(browse("administrator"), cast, SUSPEND, ids(cast, "ST"), "kind%3Dsub", reason="Flood.")
    assert answer["Location"] == f"{reverse('organization-list')}?kind=sub"
    assert states(cast, "ST") == ["suspended", "suspended"]
    with bound(cast.network.pk):
        lines = AuditEvent.objects.filter(verb="organization.suspended")
        assert sorted(line.subject_id for line in lines) == sorted(ids(cast, "ST"))


def test_the_page_says_who_is_left_out_and_why(cast, browse):
    with bound(cast.network.pk):
        suspend_organization(bulk_actor(cast), cast["T"], reason="Flood.", version=cast["T"].version)
    ticked = [*ids(cast, "PST"), cast.organizations["C1B"].pk, 2**62, "x", "²"]
    page = browse("administrator").get(SUSPEND, {"selected": ticked}).content.decode()
    for words in (
        "Suspend 1 organization",
        "Harbor Health is the network’s parent organization",
        "South Clinic is suspended already",
        "4 that you ticked are no longer there",
    ):
        assert words in page, words
    assert "CANARY" not in page


def bulk_actor(cast):
    return cast.actor("administrator")


@pytest.mark.parametrize("selected", [[], ["x"], ["-1", "9" * 50], ["1\0"]])
def test_nothing_that_can_be_done_says_so_and_does_nothing(cast, browse, selected):
    client = browse("administrator")
    address = f"{SUSPEND}?" + "&".join(f"selected={one}" for one in selected)
    assert (
        "None of the organizations that you ticked can be suspended" in client.get(address).content.decode()
    )
    version = version_on(client.get(address))
    answer = client.post(address, {"_network": cast.network.pk, "_version": version, "reason": "x"})
    assert answer.status_code in (409, 422)


def test_what_one_refuses_is_done_to_none(cast, browse, monkeypatch):
    suspend, calls = actions.suspend_organization, []

    def refuse_the_second(actor, organization, **more):
        calls.append(organization)
        if len(calls) == 2:
            raise Refused("not_permitted", "It is not the time.")
        return suspend(actor, organization, **more)

    monkeypatch.setattr(actions, "suspend_organization", refuse_the_second)
    answer = send(browse("administrator"), cast, SUSPEND, ids(cast, "ST"), reason="Flood.")
    assert answer.status_code == 422
    assert "South Clinic: It is not the time. Nothing was changed." in answer.content.decode()
    assert states(cast, "ST") == ["active", "active"]
    with bound(cast.network.pk):
        assert not AuditEvent.objects.filter(verb="organization.suspended").exists()


def test_what_changed_since_it_was_asked_is_asked_again(cast, browse):
    client = browse("administrator")
    address = f"{SUSPEND}?selected={ids(cast, 'S')[0]}&selected={ids(cast, 'T')[0]}"
    version = version_on(client.get(address))
    with bound(cast.network.pk):
        suspend_organization(bulk_actor(cast), cast["T"], reason="Flood.", version=cast["T"].version)
    answer = client.post(address, {"_network": cast.network.pk, "_version": version, "reason": "Fire."})
    assert answer.status_code == 409
    assert "Fire." in answer.content.decode()
    assert states(cast, "ST") == ["active", "suspended"]


def test_what_isnt_ones_to_change_is_left_out(cast, browse):
    with bound(cast.network.pk):
        here, above = (Membership.objects.get(user=cast.users[persona]).pk for persona in ("desk", "sibling"))
    url = reverse("membership-end-many")
    page = browse("local_admin").get(url, {"selected": [here, above]}).content.decode()
    assert "Nora North" in page
    assert "Sam South" not in page, "not even seen"
    send(browse("local_admin"), cast, url, [here, above], reason="Left.")
    with bound(cast.network.pk):
        assert Membership.objects.get(pk=here).ends_on is not None
        assert Membership.objects.get(pk=above).ends_on is None


def test_the_last_administrator_stays_and_so_does_everybody_else(cast, browse):
    with bound(cast.network.pk):
        ticked = [Membership.objects.get(user=cast.users[who]).pk for who in ("desk", "administrator")]
    answer = send(browse("administrator"), cast, reverse("membership-end-many"), ticked, reason="Left.")
    assert answer.status_code == 422
    with bound(cast.network.pk):
        assert not Membership.objects.filter(pk__in=ticked, ends_on__isnull=False).exists()


def test_more_than_the_most_are_refused(cast, browse, monkeypatch):
    monkeypatch.setattr(OrganizationsSuspend, "most", 1)
    answer = send(browse("administrator"), cast, SUSPEND, ids(cast, "ST"), reason="Flood.")
    assert answer.status_code == 409
    assert "at most 1 can be suspended at once. Tick fewer." in answer.content.decode()
    assert states(cast, "ST") == ["active", "active"]


def test_packages_are_withdrawn_and_put_on_sale_again(cast, browse):
    with bound(cast.network.pk):
        package = open_market(cast).packages["CHECKUP"]
    client = browse("finance")
    for name, status in (("package-withdraw-many", "withdrawn"), ("package-sell-many", "on_sale")):
        assert send(client, cast, reverse(name), [package.pk]).status_code == 302
        with bound(cast.network.pk):
            package.refresh_from_db()
        assert package.status == status


@pytest.mark.parametrize(
    "query", ["//evil.example", "https%3A%2F%2Fevil.example", "%0d%0aSet-Cookie%3A1", "x" * 5000]
)
def test_one_comes_back_to_the_list_and_nowhere_else(cast, browse, query):
    answer = send(browse("administrator"), cast, SUSPEND, ids(cast, "S"), query, reason="Flood.")
    assert answer["Location"].startswith(reverse("organization-list") + "?")
    assert "\n" not in answer["Location"]
