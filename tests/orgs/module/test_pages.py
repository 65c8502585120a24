"""The matrix, the tab, switching with a preview of what it meets, and the command."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.modules import all_modules, module_of
from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.models import ModuleAssignment, ModuleBatch
from tests.cast import SYSTEM, make_user
from tests.ledger.market import open_market
from tests.vendors.conftest import build_lab

MATRIX, SWITCH = "/console/modules/", "/console/modules/switch/"


def typed(cast, codes="S", modules=("packages",), **other):
    return {
        "state": "off",
        "modules": list(modules),
        "organizations": [str(cast.organizations[code].pk) for code in codes],
        "reason": "Moves to South Clinic.",
    } | other


def preview(cast, client, **fields):
    answer = cast.post(client, SWITCH, typed(cast, **fields))
    return answer, answer.context and answer.context.get("expected")


def switch(cast, client, **fields):
    _, expected = preview(cast, client, **fields)
    return cast.post(client, SWITCH, typed(cast, **fields) | {"_apply": "1", "_expected": expected})


def test_the_matrix_shows_every_module_and_who_has_it(cast):
    client = cast.client("administrator")
    switch(cast, client, codes="Q")
    answer = client.get(MATRIX)
    text = answer.content.decode()
    assert all(f">{module.label}<" in text for module in all_modules())
    words = {
        row.record.code: row.record.standings["packages"].word
        for row in answer.context["table"].page.object_list
    }
    assert words == {"P": "on", "S": "on", "T": "on", "Q": "off", "R": "above"}
    assert text.count("Off above</span></td>") == 1


def test_the_matrix_is_searched_filtered_and_shows_what_one_may_see(cast):
    client = cast.client("administrator")
    switch(cast, client, codes="Q")

    def codes(query, who=client):
        table = who.get(MATRIX + query).context["table"]
        return [row.record.code for row in table.page.object_list]

    assert codes("?q=quay") == ["Q", "R"]
    assert codes("?kind=partner") == ["Q"]
    assert codes("?under=Q") == ["R"]
    assert codes("?own=on") == ["Q"]
    assert codes("", cast.client("local_admin")) == ["S"]
    assert client.get(MATRIX + "?kind=nonsense&under=nothing").status_code == 200
    assert client.get(reverse("profile-matrix")).status_code == 200


def test_the_matrix_takes_constant_queries(cast):
    client = cast.client("administrator")
    switch(cast, client, codes="Q")

    def queries(query):
        client.get(MATRIX + query)
        with CaptureQueriesContext(connection) as captured:
            client.get(MATRIX + query)
        return len(captured)

    assert queries("?q=annex") == queries("?q=")


def test_the_preview_says_what_it_meets_before_anything_changes(cast):
    with bound(cast.network.pk):
        market, lab = open_market(cast), build_lab(cast)
        market.sell("COURSE", at="S")
        market.sell("CHECKUP", at="S")
        lab.order("S")
    client = cast.client("administrator")
    answer, _ = preview(cast, client, modules=("packages", "requests", "outpatient"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "1 live entitlement that it owes" in text
    assert "1 live entitlement sold there" in text
    assert "1 open request" in text
    assert "2 people whose roles use it" in text or "3 people whose roles use it" in text
    assert "because it needs it: Day care, Maternity, Telehealth" in text
    with bound(cast.network.pk):
        assert not ModuleAssignment.objects.exists()
    laboratory, _ = preview(cast, client, modules=("laboratory",))
    assert "1 open request" in laboratory.content.decode()
    assert "live entitlement" not in laboratory.content.decode()


def test_the_preview_counts_what_lies_below(cast):
    with bound(cast.network.pk):
        open_market(cast).sell("COURSE", at="R")
    text = preview(cast, cast.client("administrator"), codes="Q")[0].content.decode()
    assert "1 organization below has only what these have" in text
    assert "Quay Annex" in text
    assert "1 live entitlement that it owes" in text


def test_it_is_applied_and_taken_back(cast):
    client = cast.client("administrator")
    answer = switch(cast, client, codes="ST")
    assert answer.status_code == 302
    assert answer.url == reverse("module-batches")
    assert "Packages: switched off at 2 organizations" in client.get(answer.url).content.decode()
    with bound(cast.network.pk):
        batch = ModuleBatch.objects.get()
        assert module_of("packages").off_at(cast["S"]) is not None
    undone = cast.post(client, reverse("module-undo", args=[batch.pk]))
    assert undone.status_code == 302
    with bound(cast.network.pk):
        assert module_of("packages").off_at(cast["S"]) is None


def test_a_stale_preview_changes_nothing_and_keeps_what_was_typed(cast):
    client = cast.client("administrator")
    _, expected = preview(cast, client, codes="ST")
    switch(cast, cast.client("administrator"), codes="T")
    answer = cast.post(client, SWITCH, typed(cast, "ST") | {"_apply": "1", "_expected": expected})
    assert answer.status_code == 409
    assert "Look again" in answer.content.decode()
    assert "Moves to South Clinic." in answer.content.decode()
    unseen = cast.post(client, SWITCH, typed(cast, "S") | {"_apply": "1"})
    assert unseen.status_code == 409, "nothing is applied that wasn't shown"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": " "}, "Say why it is switched off"),
        ({"modules": []}, "This field is required"),
        ({"modules": ["nothing"]}, "Select a valid choice"),
        ({"organizations": []}, "Choose organizations"),
        ({"organizations": ["77777777"]}, "Select a valid choice"),
        ({"state": "sideways"}, "Select a valid choice"),
    ],
)
def test_bad_input_is_said_beside_its_field(cast, changed, said):
    answer = cast.post(cast.client("administrator"), SWITCH, typed(cast) | changed)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_local_administrator_has_nothing_to_switch_at_home(cast):
    client = cast.client("local_admin")
    answer = cast.post(client, SWITCH, typed(cast))
    assert answer.status_code == 422
    tab = client.get(reverse("organization-modules", args=[cast.organizations["S"].pk]))
    assert "Switch off<" not in tab.content.decode()


def test_the_tab_explains_and_leads_to_switching(cast):
    client = cast.client("administrator")
    switch(cast, client, codes="Q")
    north, quay, annex = (
        client.get(reverse("organization-modules", args=[cast.organizations[code].pk])).content.decode()
        for code in "SQR"
    )
    link = f"{SWITCH}?selected={cast.organizations['S'].pk}&amp;modules=packages&amp;state=off"
    assert link in north
    assert f"?selected={cast.organizations['Q'].pk}&amp;modules=packages&amp;state=on" in quay
    assert "modules=packages&amp;state=on" not in annex
    assert (
        "“Packages” is switched off at Quay Annex. It was switched off at Quay Partners by Ada Admin" in annex
    )
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert form.initial == {
        "state": "off",
        "modules": ["packages"],
        "organizations": [cast.organizations["S"].pk],
    }


def command(cast, *words, **options):
    out = StringIO()
    call_command("modules", *words, network=cast.network.pk, stdout=out, **options)
    return out.getvalue()


def test_the_command_gets_sets_and_explains(cast):
    assert json.loads(command(cast, "get", "S", "packages", json=True)) == {"packages": True}
    dry = json.loads(command(cast, "set", "S", "outpatient", "off", reason="Moves.", dry_run=True, json=True))
    assert dry["dry_run"] is True
    assert dry["off_too"] == ["day_care", "maternity", "telehealth"]
    assert json.loads(command(cast, "get", "S", "outpatient", json=True)) == {"outpatient": True}
    command(cast, "set", "S", "outpatient", "off", reason="Moves.")
    told = json.loads(command(cast, "explain", "S", "telehealth", json=True))
    assert (told["on"], told["state"], told["cause"]) == (False, "needs", "outpatient")
    assert (told["set_by"], told["reason"]) == ("manage.py modules", "Moves.")
    assert "It needs “Outpatient”" in command(cast, "explain", "S", "telehealth")
    command(cast, "set", "S", "outpatient", "on")
    assert json.loads(command(cast, "get", "S", "telehealth", json=True)) == {"telehealth": True}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("get", "NOWHERE"), "There is no organization"),
        (("explain", "S", "nothing"), "There is no module"),
        (("set", "S", "dental", "off"), "Say why"),
        (("set", "S", "dental", "on"), "Nothing would change"),
    ],
)
def test_the_command_says_what_is_wrong(cast, words, said):
    with pytest.raises(CommandError, match=said):
        command(cast, *words)


def test_what_it_meets_below_is_named_only_to_whoever_may_read_it(cast, browse):
    """Rita works at the Annex: switching it off at Quay meets her, but who holds a role above Quay alone reads not where."""
    with bound(cast.network.pk):
        cast.users["leo"] = make_user("Leo", "leo@harbor.example")
        new = NewMembership(role="organization_administrator", scope="this")
        grant_membership(SYSTEM, cast["P"], user=cast.users["leo"], new=new)
    page = cast.post(browse("leo"), SWITCH, typed(cast, "Q", modules=["packages"]))
    assert page.status_code == 200
    assert "1 organization below has" in page.content.decode()
    assert "Quay Annex" not in page.content.decode()
    assert "1 more organization" in page.content.decode()
    page = cast.post(browse("administrator"), SWITCH, typed(cast, "Q", modules=["packages"]))
    assert "Quay Annex" in page.content.decode()
