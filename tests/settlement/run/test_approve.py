"""Four eyes: somebody else approves, and exactly what was seen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.access import Denied
from core.errors import Refused
from settlement.actions.payment_file import take_payment_file
from settlement.actions.run import approve_run, withdraw_approval
from settlement.queries.content import content_hash
from tests.settlement.office import FIRST, SECOND, Office


def test_who_proposed_does_not_approve(owing: Office):
    fay = owing.world.actor("finance")
    run = owing.propose("P", "S", actor=fay)
    with pytest.raises(Refused, match="Somebody else"):
        owing.approve(run, actor=fay)
    assert owing.approve(run).approved_by_label == SECOND.label


def test_the_product_itself_is_one_person_by_its_name(owing: Office):
    run = owing.propose("P", "S")
    with pytest.raises(Refused, match="Somebody else"):
        owing.approve(run, actor=FIRST)


def test_a_person_approves_what_the_product_proposed(owing: Office):
    assert owing.approve(owing.propose("P", "S"), actor=owing.world.actor("finance")).status == "approved"


def test_who_may_not_is_denied(owing: Office):
    with pytest.raises(Denied):
        owing.approve(owing.propose("P", "S"), actor=owing.world.actor("auditor"))


def test_what_changed_since_it_was_seen_is_not_approved(owing: Office):
    run = owing.propose("P", "S")
    seen = content_hash(run)
    owing.open_account("P")
    with pytest.raises(Refused, match="changed since") as caught:
        approve_run(SECOND, run, seen_hash=seen)
    assert caught.value.code == "stale"
    assert approve_run(SECOND, run, seen_hash=content_hash(run)).content_hash == content_hash(run)


def test_an_account_that_changes_afterwards_is_not_paid_to(owing: Office):
    run = owing.propose("P", "S")
    owing.open_account("P")
    owing.open_account("S")
    owing.approve(run)
    first = take_payment_file(FIRST, run, kind="xml")
    assert take_payment_file(FIRST, run, kind="xml") == first
    owing.open_account("P", "NL91ABNA0417164300")
    for kind in ("xml", "csv"):
        with pytest.raises(Refused, match="changed after the approval"):
            take_payment_file(FIRST, run, kind=kind)
    withdraw_approval(SECOND, run, reason="another account")
    owing.approve(run)
    assert b"NL91ABNA0417164300" in take_payment_file(FIRST, run, kind="xml").content


def test_approved_is_approved_once(owing: Office):
    run = owing.approve(owing.propose("P", "S"))
    with pytest.raises(Refused, match="can't be approved"):
        owing.approve(run)


def test_an_approval_is_withdrawn_until_something_is_paid(owing: Office):
    run = owing.approve(owing.propose("P", "S"))
    again = withdraw_approval(SECOND, run, reason="too early")
    assert (again.status, again.content_hash, again.approved_by_label) == ("proposed", "", "")
    owing.settle(again)
    with pytest.raises(Refused, match="settled"):
        withdraw_approval(SECOND, run, reason="too late")


def test_the_page_offers_the_approval_to_somebody_else_and_says_which_accounts_are_missing(owing: Office):
    run = owing.propose("P", "S", actor=owing.world.actor("finance"))
    owing.open_account("P")
    page = reverse("settlement-payments", args=[run.pk])
    told = {persona: owing.world.client(persona).get(page) for persona in ("finance", "administrator")}
    offered = {persona: [one["label"] for one in page.context["actions"]] for persona, page in told.items()}
    assert offered == {"finance": ["Cancel"], "administrator": ["Cancel", "Approve"]}
    assert "You proposed it; somebody else approves it." in told["finance"].content.decode()
    assert told["administrator"].context["without_account"] == ["North Clinic"]
    headings = [column.header for column in told["finance"].context["table"].columns]
    assert {"Payer", "Receiver"} <= set(headings)
