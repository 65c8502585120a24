"""All that match: the act goes by the list's filters, within what the person sees, and says what it will reach."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.organization import add_organization, suspend_organization
from orgs.models import Membership, Organization
from orgs.views.many import OrganizationsSuspend
from tests.cast import CANARY, SYSTEM, details
from tests.lists.test_bulk import SUSPEND, version_on
from tests.lists.test_export import csv_of

LIST = reverse("organization-list")
PEOPLE = reverse("membership-list")


@pytest.fixture
def wards(cast):
    """Thirty wards: more than a page."""
    with bound(cast.network.pk):
        for number in range(30):
            add_organization(
                SYSTEM, cast["P"], kind="sub", details=details(f"Ward {number:02}", f"W{number:02}")
            )
    return cast


def every(query: str = "", path: str = LIST, url: str = SUSPEND) -> str:
    return f"{url}?_every=1&_path={path}&_query={query}"


def agree(client, cast, address: str, **data):
    """Open the page that asks, and agree to it."""
    version = version_on(client.get(address))
    return client.post(address, {"_network": cast.network.pk, "_version": version} | data)


def suspended(cast) -> set[str]:
    with bound(cast.network.pk):
        return set(Organization.objects.filter(status="suspended").values_list("code", flat=True))


def test_the_list_offers_it_where_it_has_more_pages_than_one(wards, browse):
    client = browse("administrator")
    page = client.get(LIST).content.decode()
    assert "Select all 37 that match" in page
    assert f'name="_path" value="{LIST}"' in page
    assert "Select all" not in client.get(LIST, {"kind": "partner"}).content.decode()


def test_the_list_says_which_filters_chose_its_rows(wards, browse):
    asked = {"q": "ward", "kind": "sub", "page": "2"}
    for htmx in ({}, {"HTTP_HX_REQUEST": "true"}):
        page = browse("administrator").get(LIST, asked, **htmx).content.decode()
        assert 'name="_query" value="q=ward&amp;kind=sub"' in page


def test_all_that_match_take_part_and_nobody_else(wards, browse):
    client, address = browse("administrator"), every("q%3Dward")
    page = client.get(address).content.decode()
    assert "Suspend 30 organizations" in page
    assert "Ward 24" in page
    assert "Ward 25" not in page
    assert "and 5 more" in page
    answer = agree(client, wards, address, reason="Flood.")
    assert answer["Location"] == f"{LIST}?q=ward"
    assert suspended(wards) == {f"W{number:02}" for number in range(30)}


def test_those_left_out_are_named_with_their_reasons(wards, browse):
    with bound(wards.network.pk):
        for code in ("W03", "W04"):
            one = Organization.objects.get(code=code)
            suspend_organization(SYSTEM, one, reason="Paint.", version=one.version)
    page = browse("administrator").get(every()).content.decode()
    assert "Suspend 34 organizations" in page
    assert "Ward 03 is suspended already" in page
    assert "Harbor Health is the network’s parent organization" in page


def test_ticks_that_come_along_change_nothing(wards, browse):
    address = f"{every('kind%3Dpartner')}&selected={wards.organizations['S'].pk}"
    agree(browse("administrator"), wards, address, reason="Flood.")
    assert suspended(wards) == {"Q"}


def test_when_others_match_by_then_the_person_sees_them_first(wards, browse):
    client, address = browse("administrator"), every("q%3Dward")
    version = version_on(client.get(address))
    with bound(wards.network.pk):
        add_organization(SYSTEM, wards["P"], kind="sub", details=details("Ward 99", "W99"))
    typed = {"_network": wards.network.pk, "_version": version, "reason": "Flood."}
    answer = client.post(address, typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Other rows match now than when you looked" in page
    assert "Suspend 31 organizations" in page
    assert "Flood." in page
    assert suspended(wards) == set()
    assert client.post(address, typed | {"_version": version_on(answer)}).status_code == 302
    assert len(suspended(wards)) == 31


def test_more_than_one_act_takes_are_refused_with_both_numbers(wards, browse, monkeypatch):
    monkeypatch.setattr(OrganizationsSuspend, "most", 20)
    answer = agree(browse("administrator"), wards, every("q%3Dward"), reason="Flood.")
    assert answer.status_code == 409
    said = "30 organizations match, and at most 20 can be suspended at once. Narrow the list"
    assert said in answer.content.decode()
    assert suspended(wards) == set()


@pytest.mark.parametrize(
    "path", ["/console/", "//evil.example/", "/console/organizations/1/", PEOPLE, "x\x00", "../"]
)
def test_what_is_no_list_of_such_rows_is_not_found(cast, browse, path):
    answer = browse("administrator").get(SUSPEND, {"_every": "1", "_path": path})
    assert answer.status_code == 404


def test_filters_cut_short_are_not_widened(cast, browse):
    answer = browse("administrator").get(SUSPEND, {"_every": "1", "_query": "q=" + "x" * 3000})
    assert answer.status_code == 404


@pytest.mark.parametrize("query", ["kind%3Dnonsense", "under%3DC1B", "q%3DCANARY", "status%3D%27"])
def test_filters_that_let_nothing_through_do_nothing(cast, browse, query):
    answer = agree(browse("administrator"), cast, every(query), reason="Flood.")
    assert answer.status_code == 409
    assert "None of the organizations that match can be suspended" in answer.content.decode()
    assert suspended(cast) == set()


def test_nobody_reaches_beyond_what_they_see_and_may(cast, browse):
    url = reverse("membership-end-many")
    page = browse("local_admin").get(every(path=PEOPLE, url=url)).content.decode()
    assert "Nora North" in page
    for name in ("Sam South", "Ada Admin", CANARY):
        assert name not in page
    agree(browse("local_admin"), cast, every("q%3Dnora", PEOPLE, url), reason="Left.")
    with bound(cast.network.pk):
        ended = Membership.objects.exclude(ends_on=None).values_list("user__email", flat=True)
        assert list(ended) == ["desk@harbor.example"]


def test_a_list_that_one_may_not_open_gives_no_rows(cast, browse):
    url, there = reverse("membership-end-many"), cast.organizations["T"].pk
    path = reverse("organization-people", args=[there])
    assert browse("local_admin").get(every(path=path, url=url)).status_code == 404
    assert browse("desk").get(every(path=PEOPLE, url=url)).status_code == 403


def test_one_comes_back_to_the_list_one_came_from(cast, browse):
    url = reverse("membership-end-many")
    path = reverse("organization-people", args=[cast.organizations["S"].pk])
    answer = agree(browse("administrator"), cast, every("q%3Dnora", path, url), reason="Left.")
    assert answer["Location"] == f"{path}?q=nora"


def test_a_file_has_all_that_match_or_only_those_selected(wards, browse):
    client, one = browse("administrator"), wards.organizations["S"].pk
    asked = {"export": "csv", "_query": "q=ward", "selected": [one]}
    assert csv_of(client.get(LIST, asked)) == []
    assert len(csv_of(client.get(LIST, asked | {"_every": "1"}))) == 30
    assert [row["Name"] for row in csv_of(client.get(LIST, {"export": "csv", "selected": [one]}))] == [
        "North Clinic"
    ]


@pytest.mark.parametrize("name", ["organization-move-many", "module-switch", "setting-apply"])
def test_forms_that_name_organizations_begin_with_all_that_match(wards, browse, name):
    address = every("q%3Dward", url=reverse(name)) + "&key=billing.discount_cap"
    page = browse("administrator").get(address).content.decode()
    offered = re.findall(r'<input type="checkbox" name="organizations"[^>]*>', page)
    assert len([one for one in offered if " checked" in one]) == 30 < len(offered)


def test_each_row_costs_the_same(wards, browse):
    client, costs = browse("administrator"), []
    for first in ("Ward 0", "Ward 1"):
        address = every(f"q%3D{first.replace(' ', '%2520')}")
        version = version_on(client.get(address))
        with CaptureQueriesContext(connection) as queries:
            client.post(address, {"_network": wards.network.pk, "_version": version, "reason": "x"})
        costs.append(len(queries))
    assert len(suspended(wards)) == 20
    assert costs[0] == costs[1] < 400
