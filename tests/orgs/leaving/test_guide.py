"""The guide's page: its steps, its form, who sees what, the same queries for many, and the commands."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today_in
from core.tenancy import bound
from ledger.models import JournalLine
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import add_organization
from orgs.models import Departure, OwnRecords
from orgs.queries.leaving import leave_preview
from tests.cast import SYSTEM, details, make_user
from tests.ledger.market import DAY, open_market
from tests.orgs.leaving.conftest import Partner, add_administrator
from vendors.actions.contact import ContactDetails, add_contact, issue_link
from work.actions.relay import relay_due_events

TODAY = today_in("UTC")


def here(cast, code: str = "Q") -> str:
    return reverse("organization-leave", args=[cast.organizations[code].pk])


def form_of(page: str) -> dict[str, str]:
    """What the page itself would send, but for what a person types."""
    seen = re.search(r'name="_seen" value="(\w+)"', page)
    version = re.search(r'name="_version" value="(\d+)"', page)
    assert seen
    assert version
    return {"_seen": seen[1], "_version": version[1], "last_day": TODAY.isoformat()}


TYPED = {"name": "Quay Partners", "reason": "The contract ended."}


def test_from_the_page_to_the_end_and_what_was_done(cast, browse):
    client = browse("administrator")
    at = reverse("organization", args=[cast.organizations["Q"].pk])
    assert f'href="{here(cast)}"' in client.get(at).content.decode()
    page = client.get(here(cast)).content.decode()
    assert "Nothing stands in the way" in page
    assert "Quinn Quay, Front desk at Quay Partners" in page
    answer = cast.post(client, here(cast), form_of(page) | TYPED, follow=True)
    page = answer.content.decode()
    assert "Quay Partners left the network on" in page
    assert "Quinn Quay, Front desk at Quay Partners" in page
    assert "Ended by Ada Admin" in page
    assert 'name="_seen"' not in page
    assert "every 2s" in page
    relay_due_events()
    page = client.get(here(cast)).content.decode()
    with bound(cast.network.pk):
        records = OwnRecords.objects.get()
    assert reverse("own-records", args=[records.pk]) in page
    assert "every 2s" not in page
    assert cast.post(client, here(cast), TYPED | {"last_day": TODAY.isoformat()}).status_code == 409


def test_what_stands_in_the_way_is_named_with_links_and_there_is_no_form(cast, browse):
    client = browse("administrator")
    with bound(cast.network.pk):
        market = open_market(cast)
        market.redeem(market.sell(), "PHYSIO", at="Q")
        market.sell("COURSE", at="R")
    page = client.get(here(cast))
    text = page.content.decode()
    assert "2 things stand in the way" in text
    assert "Harbor Health owes Quay Partners 57.75 USD" in text
    assert 'name="_seen"' not in text
    links = {url for effect in page.context["blockers"] for _, url in effect.items if url}
    assert len(links) == 3
    for url in links:
        assert client.get(url).status_code == 200, url
    lines = next(url for url in links if "journal/lines" in url)
    assert "57.75" in client.get(lines).content.decode()
    answer = cast.post(client, here(cast), {"_seen": "x", "_version": 1, "last_day": TODAY} | TYPED)
    assert "2 things stand in the way" in answer.content.decode()
    with bound(cast.network.pk):
        assert cast["Q"].status == "active"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Quay"}, "This is not its name"),
        ({"reason": " "}, "This field is required"),
        ({"last_day": "2999-01-01"}, "is ahead"),
        ({"last_day": "soon"}, "Enter a valid date"),
        ({"last_day": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(cast, browse, wrong, said):
    client = browse("administrator")
    typed = form_of(client.get(here(cast)).content.decode()) | TYPED | wrong
    answer = cast.post(client, here(cast), typed)
    if answer.status_code == 200:  # another day is looked at first
        typed["_seen"] = answer.context["preview"].fingerprint
        answer = cast.post(client, here(cast), typed)
    assert answer.status_code == 422
    (name,) = wrong
    assert said in "".join(answer.context["form"].errors[name])
    if name != "reason":
        assert "The contract ended." in answer.content.decode()
    with bound(cast.network.pk):
        assert cast["Q"].status == "active"


def test_another_day_than_the_one_seen_is_shown_first(cast, browse):
    client = browse("administrator")
    typed = form_of(client.get(here(cast)).content.decode()) | TYPED | {"last_day": "2026-11-01"}
    answer = cast.post(client, here(cast), typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert ("Look again" in page, "The statement of 1 November 2026 is final" in page) == (True, True)
    assert cast.post(client, here(cast), typed | {"_seen": form_of(page)["_seen"]}).status_code == 302
    with bound(cast.network.pk):
        assert Departure.objects.get().left_on.isoformat() == "2026-11-01"


def test_a_stale_page_answers_409_and_ends_nothing(cast, browse):
    client = browse("administrator")
    typed = form_of(client.get(here(cast)).content.decode()) | TYPED
    with bound(cast.network.pk):
        cast["Q"].__class__.objects.filter(code="Q").update(version=7)
    assert cast.post(client, here(cast), typed).status_code == 409
    with bound(cast.network.pk):
        assert cast["Q"].status == "active"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("P", "is the network’s parent organization"),
        ("S", "Archive it, or move it elsewhere"),
        ("X", "End its contract on its page"),
    ],
)
def test_others_are_told_what_to_do_instead(cast, browse, code, said):
    client = browse("administrator")
    page = client.get(here(cast, code)).content.decode()
    assert said in page
    assert 'name="_seen"' not in page
    typed = {"_version": 1, "last_day": TODAY, "reason": "x"}
    with bound(cast.network.pk):
        typed |= {"name": cast[code].name, "_version": cast[code].version}
    answer = cast.post(client, here(cast, code), typed)
    assert answer.status_code == 422
    assert "only a partner leaves the network" in answer.content.decode()


def test_the_partners_administrator_sees_the_steps_and_takes_its_records_and_ends_nothing(cast, browse):
    with bound(cast.network.pk):
        add_administrator(cast)
    client = browse("partner_admin")
    page = client.get(here(cast)).content.decode()
    assert "An administrator of the network’s parent organization ends it" in page
    assert 'name="_seen"' not in page
    assert cast.post(client, here(cast), TYPED | {"last_day": TODAY}).status_code == 403
    answer = cast.post(
        client, reverse("organization-records", args=[cast.organizations["Q"].pk]), follow=True
    )
    assert "Being made" in answer.content.decode()
    relay_due_events()
    with bound(cast.network.pk):
        records = OwnRecords.objects.get()
    assert client.get(reverse("own-records", args=[records.pk])).status_code == 200
    for code in ("P", "S"):
        assert client.get(here(cast, code)).status_code == 404


def test_after_the_end_the_partners_people_are_out(cast, browse):
    with bound(cast.network.pk):
        add_administrator(cast)
    partner = browse("partner_admin")
    assert partner.get(here(cast)).status_code == 200
    client = browse("administrator")
    cast.post(client, here(cast), form_of(client.get(here(cast)).content.decode()) | TYPED)
    assert partner.get(here(cast)).status_code in (302, 403, 404)
    assert partner.get("/console/").status_code in (302, 403)


def test_three_and_thirty_below_take_equal_queries(partner: Partner):
    world = partner.world
    grown = [0]

    def grow(wanted: int) -> int:
        """More subs, each with a person, an invitation, prepaid rights, dues and a contact."""
        for made in range(grown[-1] + 1, wanted + 1):
            sub = add_organization(
                SYSTEM, world["Q"], kind="sub", details=details(f"Sub {made}", f"SUB{made}")
            )
            world.organizations[sub.code] = sub
            user = make_user(f"Person {made}", f"person{made}@harbor.example")
            grant_membership(SYSTEM, sub, user=user, new=NewMembership("front_desk", "this"))
            invite(SYSTEM, sub, email=f"i{made}@x.example", name="I", new=NewMembership("front_desk", "this"))
            partner.market.sell(
                "COURSE", at=sub.code, patient=partner.market.register(f"P{made}", at=sub.code)
            )
            issue_link(
                SYSTEM,
                add_contact(SYSTEM, world["Q"], details=ContactDetails(f"C {made}", f"c{made}@x.example")),
            )
        grown.append(wanted)
        with CaptureQueriesContext(connection) as queries:
            shown = leave_preview(world.actor("administrator"), world["Q"], TODAY)
        assert f"{wanted + 2} organizations are archived" in {effect.title for effect in shown.effects}
        return len(queries)

    assert grow(3) == grow(30)


# The commands


def command(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_says_what_would_end_and_ends_it(cast):
    asked = ("--network", str(cast.network.pk), "--organization", "Q")
    said = json.loads(command("leave_network", *asked, "--dry-run", "--json"))
    assert (said["left"], said["organizations"]) == (False, ["Q", "R"])
    with bound(cast.network.pk):
        assert cast["Q"].status == "active"
    with pytest.raises(CommandError, match="Say why by --reason"):
        command("leave_network", *asked)
    text = command("leave_network", *asked, "--reason", "The contract ended.")
    assert f"Quay Partners left the network on {TODAY}." in text
    assert "2 roles end" in text
    with bound(cast.network.pk):
        assert cast["R"].status == "archived"
        assert Departure.objects.get().ended_by == "leave_network"
    with pytest.raises(CommandError, match="left the network on"):
        command("leave_network", *asked, "--dry-run")


def test_the_command_ends_nothing_that_is_blocked_until_the_payment_is_posted(cast):
    network = ("--network", str(cast.network.pk))
    with bound(cast.network.pk):
        market = open_market(cast)
        market.redeem(market.sell(), "PHYSIO", at="Q")
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("leave_network", *network, "--organization", "Q", "--reason", "x", stdout=out)
    assert ended.value.code == 1
    assert "BLOCKED: 1 amount due to or from other organizations" in out.getvalue()
    paid = [*network, "--organization", "Q", "--reason", "Paid by bank", "--key", "paid-1", "--on", str(DAY)]
    for line in ("Q cash 57.75", "Q due_from -57.75 P", "P due_to 57.75 Q", "P cash -57.75"):
        paid += ["--line", line]
    first = json.loads(command("post_journal", *paid, "--json"))
    assert first["lines"] == 4
    assert json.loads(command("post_journal", *paid, "--json")) == first
    with bound(cast.network.pk):
        assert JournalLine.objects.filter(event=first["entry"]).count() == 4
    assert "left the network" in command("leave_network", *network, "--organization", "Q", "--reason", "x")
