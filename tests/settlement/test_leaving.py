"""Leaving the network: open disputes and settlements under way stand in its way, agreements end or stay with the others."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from core.clock import today_in
from core.errors import Refused
from ledger.models import ReportSchedule
from ledger.queries.mutual import claims_between
from orgs.actions.leaving import leave_network
from orgs.queries.leaving import leave_preview
from settlement.actions.dispute import Said, end_dispute, raise_dispute
from settlement.actions.run import cancel_run
from settlement.models import NettingAgreement
from tests.settlement.office import FIRST, Office

TODAY = today_in("UTC")


def effects(office: Office) -> dict[str, tuple[bool, list[tuple[str, str]]]]:
    preview = leave_preview(office.world.actor("administrator"), office.world["Q"], TODAY)
    return {effect.title: (effect.blocks, list(effect.items)) for effect in preview.effects}


def claim(office: Office) -> int:
    (one,) = (
        one
        for one in claims_between(office.world["P"].pk, office.world["Q"].pk)
        if one.organization_id == office.world["Q"].pk
    )
    return one.pk


def leave(office: Office) -> None:
    one = office.world["Q"]
    leave_network(
        office.world.actor("administrator"),
        one,
        last_day=TODAY,
        reason="The contract ended.",
        version=one.version,
    )


def test_items_that_are_not_settled_are_linked_and_what_is_due_blocks(owing: Office):
    found = effects(owing)
    blocks, items = found["1 pair with items that are not settled"]
    assert not blocks
    assert items == [("Harbor Health to Quay Partners: 115.50 USD", reverse("claim", args=[claim(owing)]))]
    with pytest.raises(Refused):
        leave(owing)


def test_an_open_dispute_and_a_settlement_under_way_block_until_they_end(owing: Office):
    event = owing.owe("P", "Q", "9.00")
    dispute = raise_dispute(
        FIRST, owing.world["P"], event_id=event.pk, account_id=claim(owing), reason="amount", said=Said("No.")
    )
    run = owing.propose("P", "Q")
    found = effects(owing)
    assert found["1 open dispute with other organizations"] == (
        True,
        [
            (
                f"Harbor Health with Quay Partners, entry no. {event.pk}",
                reverse("dispute", args=[dispute.pk]),
            )
        ],
    )
    assert found["1 settlement under way"] == (
        True,
        [(f"Settlement {run.number}: waits for approval", reverse("settlement", args=[run.pk]))],
    )
    end_dispute(FIRST, dispute, outcome="withdrawn", text="We looked again.", version=dispute.version)
    cancel_run(FIRST, run, reason="It leaves.")
    owing.void(event, on=date(2026, 2, 1))
    assert not [title for title in effects(owing) if "dispute" in title or "under way" in title]


def test_what_others_have_among_themselves_is_in_nobody_s_way(owing: Office):
    owing.settle(owing.propose("P", "Q"))
    owing.propose("P", "S")
    assert not [title for title, (blocks, _) in effects(owing).items() if blocks]


def test_an_agreement_with_nobody_left_ends_and_another_stays_with_the_others(owing: Office):
    owing.settle(owing.propose("P", "Q"))
    pair = owing.agree("P", "Q", name="P with Q", method="bilateral")
    (both,) = NettingAgreement.objects.exclude(pk=pair.pk)
    assert effects(owing)["2 netting agreements that it is a party of"] == (
        False,
        [
            (f"{both.name}: stays in force between the others", reverse("netting", args=[both.pk])),
            ("P with Q: ends", reverse("netting", args=[pair.pk])),
        ],
    )
    leave(owing)
    pair.refresh_from_db()
    both.refresh_from_db()
    assert (pair.ends_on, both.ends_on) == (TODAY, None)


def test_reports_of_its_books_go_out_no_more(owing: Office):
    owing.settle(owing.propose("P", "Q"))
    schedules = [
        ReportSchedule.objects.create(
            name=f"Month of {code}",
            organization=owing.world[code],
            kind="trial-balance",
            scope="alone",
            period="last_month",
            formats=["csv"],
            every="month",
            on_day=3,
            starts_on=date(2026, 1, 1),
            owner=owing.world.users["finance"],
        )
        for code in ("Q", "P")
    ]
    title = "1 scheduled report of its books goes out no more"
    assert effects(owing)[title] == (
        False,
        [("Month of Q of Quay Partners", reverse("report-schedule", args=[schedules[0].pk]))],
    )
    leave(owing)
    paused = {one.name: one.is_paused for one in ReportSchedule.objects.all()}
    assert paused == {"Month of Q": True, "Month of P": False}
