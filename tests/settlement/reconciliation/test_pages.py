"""Pages and commands of reconciliation: who sees which pair, for whom one acknowledges, and what a file comes to."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from ledger.queries.mutual import claims_between
from orgs.actions.membership import NewMembership, grant_membership
from settlement.models import Acknowledgement, Finding, Reconciliation
from settlement.queries.items import items_of
from settlement.rules.settings import SILENCE_DAYS
from settlement.tasks import reconcile_nightly, remove_statement_files
from tests.cast import SYSTEM, make_user
from tests.ledger.market import DAY, Market
from tests.settlement.partner import Partner, file_of
from tests.settlement.rules.test_statement_files import camt, entry
from work.actions.relay import relay_due_events


@pytest.fixture
def owed(market: Market, browse) -> Market:
    """What the parent owes North Clinic and Quay, where Frida is finance officer."""
    sale = market.sell()
    market.redeem(sale, "CONSULT", at="S", on=DAY)
    market.redeem(sale, "PHYSIO", at="Q", on=DAY)
    frida = market.world.users["frida"] = make_user("Frida Quay", "frida@quay.example")
    new = NewMembership("finance_officer", "subtree", date(2020, 1, 1))
    grant_membership(SYSTEM, market.world["Q"], user=frida, new=new)
    market.client = browse("frida")
    return market


def claim(market: Market, creditor: str, debtor: str = "P") -> int:
    pair = claims_between(market.world[creditor].pk, market.world[debtor].pk)
    return next(one.pk for one in pair if one.organization_id == market.world[creditor].pk)


def test_a_partner_s_people_see_what_they_are_a_side_of(owed):
    body = owed.client.get(reverse("claim-list")).content.decode()
    assert "Quay Partners" in body
    assert "North Clinic" not in body
    assert owed.client.get(reverse("claim", args=[claim(owed, "Q")])).status_code == 200
    assert owed.client.get(reverse("claim", args=[claim(owed, "S")])).status_code == 404


def test_nobody_acknowledges_for_a_side_that_is_not_theirs(owed):
    pk = claim(owed, "Q")
    (one,) = items_of([pk])
    data = {"selected": [one.key, "nonsense", "1-", "9" * 40 + "-1"]}
    answer = owed.world.post(owed.client, reverse("claim-acknowledge", args=[pk]), data, follow=True)
    assert "None of them waits for Quay Partners" in answer.content.decode()
    assert not Acknowledgement.objects.exists()


def test_all_that_match_are_those_that_were_shown(owed, browse):
    pk = claim(owed, "Q")
    (shown,) = items_of([pk])
    later = owed.redeem(owed.sell(), "PHYSIO", at="Q", on=DAY)
    finance = browse("finance")
    data = {"_every": "1", "_last": str(shown.event_id), "_query": "since=2026-01-01"}
    owed.world.post(finance, reverse("claim-acknowledge", args=[pk]), data)
    assert {one.event_id: one.state for one in items_of([pk])} == {
        shown.event_id: "acknowledged",
        later.pk: "open",
    }


def test_a_file_is_read_again_by_the_columns_that_were_kept(market, browse):
    partner, client, world = Partner.of_a_month(market), browse("finance"), market.world

    def upload(rows) -> str:
        data = {
            "organization": world["P"].pk,
            "counterparty": world["Q"].pk,
            "file": SimpleUploadedFile("quay.csv", file_of(rows), "text/csv"),
        }
        return world.post(client, reverse("statement-send"), data).headers["Location"]

    columns = upload(partner.said())
    form = client.get(columns).context["form"]
    data = {name: form.initial.get(name, "") for name in form.fields} | {"text": "", "sign": "theirs"}
    sent = world.post(client, columns, data).headers["Location"]
    assert "Waiting for the worker" in client.get(sent).content.decode()
    assert client.get(columns).headers["Location"] == sent
    relay_due_events()
    one = Reconciliation.objects.get()
    assert client.get(sent).headers["Location"] == reverse("reconciliation", args=[one.pk])
    assert upload(partner.said()) == sent  # the same file once more
    again = client.get(upload(partner.planted())).context["form"]
    assert (again.initial["on"], again.initial["text"]) == ("Date", "")


def test_a_bank_s_statement_is_matched_without_more_questions(market, browse):
    client, world = browse("finance"), market.world
    content = camt(entry("55.00")).replace(b"EUR", b"USD")
    data = {"organization": world["P"].pk, "file": SimpleUploadedFile("may.xml", content, "text/xml")}
    sent = world.post(client, reverse("statement-send"), data).headers["Location"]
    relay_due_events()
    one = Reconciliation.objects.get()
    assert client.get(sent).headers["Location"] == reverse("reconciliation", args=[one.pk])
    assert (one.their_opening_minor, one.their_closing_minor) == (10000, 15500)
    assert [finding.name for finding in one.findings.all()] == ["missing_here"]


@pytest.mark.parametrize(("content", "says"), [(b"<a", "no XML"), (b"", "no header"), (b"\0", "no text")])
def test_what_is_no_statement_is_said_beside_the_field(market, browse, content, says):
    file = SimpleUploadedFile("x.csv", content)
    data = {"organization": market.world["P"].pk, "file": file}
    answer = market.world.post(browse("finance"), reverse("statement-send"), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_the_report_is_a_file_with_both_sides(market, browse):
    client, partner = browse("finance"), Partner.of_a_month(market)
    from tests.settlement.reconciliation.test_reconciliation import send

    one = send(partner, partner.planted())
    lines = (
        b"".join(client.get(f"{reverse('reconciliation', args=[one.pk])}?export=csv")).decode().splitlines()
    )
    assert len(lines) == 1 + Finding.objects.count()
    assert "Amount here" in lines[0]
    assert any("Amount differs" in line and "-57.75" in line and "-58.75" in line for line in lines)


def test_the_command_says_how_many_before_it_does_it(owed, assign):
    def said(*asked: str) -> dict:
        out = StringIO()
        call_command(
            "acknowledge_items", "--network", str(owed.world.network.pk), "--json", *asked, stdout=out
        )
        return json.loads(out.getvalue())

    assert said()["sides"] == []
    assign("P", SILENCE_DAYS, 1, "local")
    assert said("--dry-run") == {"dry_run": True, "sides": [{"organization": "P", "days": 1, "items": 0}]}
    assert said()["sides"][0]["items"] == 0


def test_the_worker_goes_from_network_to_network(own_world):
    assert reconcile_nightly() == 0
    assert remove_statement_files() == 0
