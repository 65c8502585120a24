"""Proposing a settlement: what it takes, what stays open, and who may."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.access import Denied
from core.errors import Refused
from orgs.actions.membership import NewMembership, grant_membership
from settlement.actions.run import NothingOpen
from settlement.models import SettlementItem, SettlementRun
from settlement.rules.settings import SETTLEMENT_MINIMUM
from tests.cast import SYSTEM, make_user
from tests.settlement.office import FIRST, Office, new_key

EVERYBODY = ("P", "S", "T", "Q")


def test_pair_by_pair_each_pair_pays_its_net(owing: Office):
    run = owing.propose(*EVERYBODY)
    assert owing.payments(run) == {"S->P": "260.00", "P->Q": "115.50"}
    assert (run.item_count, str(run.gross), str(run.net)) == (3, "USD 855.50", "USD 375.50")
    assert run.status == SettlementRun.Status.PROPOSED


def test_all_with_all_positions_pay(owing: Office):
    run = owing.propose(*EVERYBODY, method="multilateral")
    assert owing.payments(run) == {"S->P": "144.50", "S->Q": "115.50"}


def test_each_organization_has_its_figures(owing: Office):
    run = owing.propose(*EVERYBODY)
    rows = {one.organization.code: one for one in run.remittances.select_related("run", "organization")}
    assert {code: (str(row.owed), str(row.owes)) for code, row in rows.items()} == {
        "P": ("USD 500.00", "USD 355.50"),
        "S": ("USD 240.00", "USD 500.00"),
        "Q": ("USD 115.50", "USD 0.00"),
    }
    pairs = run.pairs.order_by("first__code", "second__code")
    assert {(one.first.code, one.second.code): one.item_count for one in pairs} == {
        ("P", "S"): 2,
        ("P", "Q"): 1,
    }


def test_a_line_is_taken_once(owing: Office):
    owing.propose(*EVERYBODY)
    with pytest.raises(NothingOpen, match="in another settlement stays as it is"):
        owing.propose(*EVERYBODY)
    assert SettlementRun.objects.count() == 1


def test_what_comes_after_the_cut_off_or_belongs_to_others_stays_open(owing: Office):
    owing.owe("S", "P", "10.00", on=date(2026, 2, 1))
    run = owing.propose("P", "S")
    assert owing.payments(run) == {"S->P": "260.00"}
    later = owing.propose(*EVERYBODY, cutoff=date(2026, 2, 28))
    assert owing.payments(later) == {"S->P": "10.00", "P->Q": "115.50"}


def test_a_void_is_a_negative_line(owing: Office):
    owing.void(owing.owe("S", "P", "70.00"), on=date(2026, 1, 20))
    run = owing.propose("P", "S")
    assert owing.payments(run) == {"S->P": "260.00"}
    assert run.item_count == 4


def test_a_void_of_what_is_in_a_run_waits_for_the_next(owing: Office):
    event = owing.owe("S", "P", "70.00")
    run = owing.propose("P", "S")
    owing.void(event, on=date(2026, 1, 25))
    assert owing.payments(run) == {"S->P": "330.00"}
    owing.settle(run)
    assert owing.payments(owing.propose("P", "S")) == {"P->S": "70.00"}


def test_what_a_settlement_posted_is_never_netted(owing: Office):
    owing.settle(owing.propose(*EVERYBODY))
    with pytest.raises(NothingOpen):
        owing.propose(*EVERYBODY, cutoff=date(2027, 1, 1))


def test_third_parties_take_no_part(owing: Office):
    assert owing.payments(owing.propose("P", "S", "X")) == {"S->P": "260.00"}
    with pytest.raises(Refused, match="at least two"):
        owing.propose("P", "X")


def test_without_an_agreement_named_organizations_are_refused(office: Office):
    office.agree("P", "S")
    office.owe("T", "P", "5.00")
    with pytest.raises(Refused) as caught:
        office.propose("P", "S", "T")
    assert caught.value.code == "not_permitted"
    assert "Harbor Health and South Clinic" in caught.value.message or "South Clinic" in caught.value.message
    assert not SettlementRun.objects.exists()


def test_pairs_of_one_agreement_each_are_no_agreement_of_all_with_all(office: Office):
    office.agree("P", "S", method="bilateral")
    office.agree("P", "Q", method="bilateral")
    office.owe("S", "P", "5.00")
    office.owe("P", "Q", "3.00")
    with pytest.raises(Refused, match="all with all"):
        office.propose("P", "S", "Q", method="multilateral")
    assert office.payments(office.propose("P", "S", "Q")) == {"S->P": "5.00", "P->Q": "3.00"}


def test_below_an_organization_only_what_agreements_cover_is_netted(office: Office):
    office.agree(groups=("P",))
    office.owe("S", "T", "5.00")
    office.owe("P", "Q", "3.00")  # a partner is outside the parent's perimeter
    run = office.propose()
    assert office.payments(run) == {"S->T": "5.00"}


def test_an_agreement_holds_in_its_days(office: Office):
    office.agree("P", "S", ends_on=date(2026, 1, 30))
    office.owe("S", "P", "5.00")
    with pytest.raises(Refused, match="no netting agreement"):
        office.propose("P", "S")
    assert office.payments(office.propose("P", "S", cutoff=date(2026, 1, 30))) == {"S->P": "5.00"}


def test_less_than_the_minimum_is_carried_forward(office: Office):
    office.agree("P", "S", "Q", minimum="100.00")
    office.owe("S", "P", "99.99")
    office.owe("P", "Q", "100.00")
    run = office.propose("P", "S", "Q")
    assert office.payments(run) == {"P->Q": "100.00"}
    office.owe("S", "P", "0.01", on=date(2026, 2, 1))
    assert office.payments(office.propose("P", "S", cutoff=date(2026, 2, 28))) == {"S->P": "100.00"}


@pytest.mark.setting("billing.settlement_minimum")
def test_the_policy_carries_forward_what_an_agreement_would_pay(owing: Office, assign):
    assign("P", SETTLEMENT_MINIMUM, Decimal(200))
    assert owing.payments(owing.propose(*EVERYBODY)) == {"S->P": "260.00"}


def test_the_same_key_and_proposal_are_the_same_run(owing: Office):
    key = new_key()
    run = owing.propose("P", "S", key=key)
    assert owing.propose("S", "P", key=key) == run
    with pytest.raises(Refused) as caught:
        owing.propose("P", "S", "Q", key=key)
    assert caught.value.code == "idempotency_conflict"


def test_an_archived_organization_is_named(owing: Office):
    gone = owing.world["T"]
    type(gone).objects.filter(pk=gone.pk).update(status="archived")
    with pytest.raises(Refused, match="South Clinic is archived"):
        owing.propose("P", "T")


def test_it_needs_the_permission_at_every_organization(owing: Office):
    """Finance of the parent alone may not write in the books of its branches."""
    alone = make_user("Ann Alone", "alone@harbor.example")
    new = NewMembership(role="finance_officer", scope="this", starts_on=date(2020, 1, 1))
    grant_membership(SYSTEM, owing.world["P"], user=alone, new=new)
    actor = type(owing.world.actor("finance")).of(alone.pk, alone.name)
    with pytest.raises(Denied):
        owing.propose("P", "S", actor=actor)
    with pytest.raises(Denied):
        owing.propose("P", "S", actor=owing.world.actor("auditor"))
    assert owing.propose("P", "S", actor=owing.world.actor("finance")).proposed_by_label == "Fay Finance"


def test_a_cancelled_run_gives_its_lines_back(owing: Office):
    from settlement.actions.run import cancel_run

    run = owing.approve(owing.propose(*EVERYBODY))
    with pytest.raises(Refused, match="Say why"):
        cancel_run(FIRST, run, reason=" ")
    cancel_run(FIRST, run, reason="the wrong month")
    assert not SettlementItem.objects.exists()
    assert owing.payments(owing.propose(*EVERYBODY)) == {"S->P": "260.00", "P->Q": "115.50"}
    with pytest.raises(Refused, match="cancelled"):
        owing.approve(run)
