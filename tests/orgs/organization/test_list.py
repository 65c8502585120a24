"""The list of organizations: search, filters, sort, paging, the table alone for htmx, and a CSV no spreadsheet obeys."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import Details, add_organization, archive_organization
from orgs.models import Organization
from tests.cast import SYSTEM, details

LIST = reverse("organization-list")


def names(client, **query) -> list[str]:
    """The names in the table, in their order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row.record.name for row in answer.context["table"].page.object_list]


def exported(client, **query) -> list[dict[str, str]]:
    answer = client.get(LIST, query | {"export": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def client(browse):
    return browse("administrator")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("north", {"North Clinic"}),
        ("NORTH cli", {"North Clinic"}),
        ("cli nor", {"North Clinic"}),
        ("clinic", {"North Clinic", "South Clinic"}),
        ("quay", {"Quay Partners", "Quay Annex"}),
        ("x", {"Xact Labs"}),
        ("orth", set()),
        ("%", "all"),
        ("_", "all"),
        ("' OR 1=1 --", set()),
        ("canary", set()),
        ("a" * 5000, set()),
    ],
)
def test_search_by_starts_of_words(client, typed, found):
    everything = set(names(client))
    assert len(everything) == 7
    assert set(names(client, q=typed)) == (everything if found == "all" else found)


def test_search_without_accents_finds_them(cast, client):
    with bound(cast.network.pk):
        add_organization(
            SYSTEM, cast["P"], kind="sub", details=Details("Clínica Ñandú", "CN", "UTC", city="Lüdenscheid")
        )
    for typed in ("clinica", "nandu", "CLÍNICA", "ludenscheid"):
        assert "Clínica Ñandú" in names(client, q=typed), typed


def test_filters_narrow_and_nonsense_finds_nothing_or_says_so(client):
    assert names(client, kind="partner") == ["Quay Partners"]
    assert set(names(client, kind="third_party", q="labs")) == {"Xact Labs", "Yield Labs"}
    assert names(client, kind="nonsense") == []
    assert names(client, status="suspended") == []


def test_archived_ones_leave_the_list_and_are_found_by_their_status(cast, client):
    with bound(cast.network.pk):
        archive_organization(SYSTEM, cast["R"], reason="closed", version=cast["R"].version)
    assert "Quay Annex" not in names(client)
    assert names(client, status="archived") == ["Quay Annex"]
    assert "Quay Annex" in names(client, status="")


def test_sorting_both_ways_and_by_nonsense(client):
    up = names(client, sort="name")
    assert up == sorted(up)
    assert names(client, sort="-name") == up[::-1]
    assert names(client, sort="password") == names(client)


@pytest.fixture
def many(cast):
    with bound(cast.network.pk):
        for number in range(30):
            add_organization(
                SYSTEM, cast["P"], kind="sub", details=details(f"Ward {number:02}", f"W{number:02}")
            )


def test_paging_shows_each_once_and_forgives_wrong_pages(client, many):
    first, second = names(client, page=1), names(client, page=2)
    assert (len(first), len(second)) == (25, 12)
    assert len({*first, *second}) == 37
    assert names(client, page=99) == second
    assert names(client, page=0) == names(client, page="nonsense") == first
    assert len(names(client, page=1, per_page=1000)) == 25


def test_below_one_organization(client):
    assert names(client, under="Q") == ["Quay Annex"]
    assert set(names(client, under="P")) == set(names(client)) - {"Harbor Health"}
    assert names(client, under="C1") == names(client, under="nonsense") == []
    assert [row["Name"] for row in exported(client, under="Q")] == ["Quay Annex"]


def test_a_crowded_branch_says_that_there_are_more(cast, client, monkeypatch):
    monkeypatch.setattr("orgs.views.parts.BRANCHES", 3)
    page = client.get(LIST)
    [top] = page.context["tree_nodes"]
    assert [node["label"] for node in top["children"]] == [
        "North Clinic", "Quay Partners", "South Clinic", "All below Harbor Health",
    ]  # fmt: skip
    assert names(client, under="P") == [name for name in names(client) if name != "Harbor Health"]
    assert top["children"][-1]["url"] == f"{LIST}?under=P"
    part = client.get(reverse("organization-branch", args=[cast.organizations["P"].pk])).content.decode()
    assert "All below Harbor Health" in part
    few = client.get(reverse("organization-branch", args=[cast.organizations["Q"].pk])).content.decode()
    assert "All below" not in few


def test_the_tree_counts_what_one_may_see(cast, browse):
    with bound(cast.network.pk):
        grant_membership(
            SYSTEM,
            cast["P"],
            user=cast.users["desk"],
            new=NewMembership(role="front_desk", scope="this", starts_on=date(2020, 1, 1)),
        )
    [top] = browse("desk").get(LIST).context["tree_nodes"]
    assert (top["label"], top["count"], [node["label"] for node in top["children"]]) == (
        "Harbor Health", 1, ["North Clinic"],
    )  # fmt: skip
    [whole] = browse("administrator").get(LIST).context["tree_nodes"]
    assert whole["count"] == 6


def test_an_archived_child_unfolds_nothing(cast, client):
    with bound(cast.network.pk):
        archive_organization(SYSTEM, cast["R"], reason="closed", version=cast["R"].version)
    [top] = client.get(LIST).context["tree_nodes"]
    assert {node["label"]: node["has_children"] for node in top["children"]}["Quay Partners"] is False


def test_htmx_gets_the_table_alone(client):
    part = client.get(LIST, {"q": "north"}, headers={"HX-Request": "true"}).content.decode()
    assert "North Clinic" in part
    assert "<html" not in part
    whole = client.get(LIST, headers={"HX-Request": "true", "HX-Boosted": "true"}).content.decode()
    assert "<html" in whole


def test_everybody_sees_their_own(browse):
    assert names(browse("desk")) == ["North Clinic"]
    assert set(names(browse("partner"))) == {"Quay Partners", "Quay Annex"}
    assert names(browse("child")) == ["Quay Annex"]
    assert {row["Name"] for row in exported(browse("partner"))} == {"Quay Partners", "Quay Annex"}


def test_the_csv_has_what_the_filters_show(client, many):
    assert len(exported(client)) == 37
    rows = exported(client, kind="partner")
    assert [row["Name"] for row in rows] == ["Quay Partners"]
    assert rows[0]["Parent code"] == "P"
    assert rows[0]["Currency"] == "USD"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_no_cell_starts_a_formula(cast, client, start):
    name = f'{start}HYPERLINK("https://evil.example")'
    with bound(cast.network.pk):
        made = add_organization(
            SYSTEM, cast["P"], kind="sub", details=Details("Evil", "EVIL", "UTC", phone="-1")
        )
        Organization.objects.filter(pk=made.pk).update(name=name)  # from before names were checked, too
    row = next(row for row in exported(client) if row["Code"] == "EVIL")
    assert row["Name"] == "'" + name
    assert row["Phone"] == "-1", "a number stays one"


def test_a_csv_with_quotes_and_breaks_is_read_back_as_it_was(cast, client):
    name = 'Ward "A", 2nd\nfloor'
    with bound(cast.network.pk):
        made = add_organization(SYSTEM, cast["P"], kind="sub", details=details("Ward", "QUOTED"))
        Organization.objects.filter(pk=made.pk).update(name=name)
    assert next(row for row in exported(client) if row["Code"] == "QUOTED")["Name"] == name
