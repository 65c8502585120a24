"""Tiers at work: what counts, in which period, under many hands, and what a replay gives."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from core.tenancy import bound
from ledger.actions.void import void
from ledger.models import JournalLine, LedgerEvent, RuleVolume
from ledger.queries.replay import replay
from ledger.queries.usable import usable_here
from ledger.rules.outcome import read_outcome
from ledger.rules.terms import Conditions, Event
from tests.ledger.market import SYSTEM, Market, new_key, open_market, usd
from tests.ledger.redemption.test_threads import in_threads

#: of 82.50 a session: 50 % is 41.25, 80 % is 66.00
TIERS = {
    "shares": [
        {
            "party": "servicing",
            "basis": "allocated_price",
            "tiers": [{"percent": "50", "up_to": 3}, {"percent": "80"}],
        }
    ],
    "volume": {"of": "units", "per": "month"},
    "legal_basis": "physiotherapy performed",
}
JANUARY, FEBRUARY = date(2026, 1, 10), date(2026, 2, 10)


def add_tiers(market: Market, outcome: dict = TIERS) -> None:
    when = Conditions(servicing="Q", service="PHYSIO")
    market.add_rule("physio-tiers", Event.REDEMPTION, when, outcome=read_outcome(outcome, "USD"))


def due(event: LedgerEvent) -> int:
    """What the event makes P owe."""
    rows = JournalLine.objects.filter(event=event, account__code="due_to", organization__code="P")
    return -sum(rows.values_list("amount_minor", flat=True))


@pytest.fixture
def tiered(market) -> Market:
    add_tiers(market)
    return market


def test_each_redemption_goes_on_where_the_one_before_ended(tiered):
    sale = tiered.sell()
    taken = [tiered.redeem(sale, "PHYSIO", units, at="Q", on=JANUARY) for units in (2, 2, 1)]
    assert [due(event) for event in taken] == [2 * 4125, 4125 + 6600, 6600]
    assert taken[1].inputs["inputs"]["volume_before"] == 2
    assert (
        "after 2 units in the month before: 1 unit at 50 % and 1 unit at 80 % for Q"
        in (taken[1].inputs["arithmetic"])
    )


def test_a_period_is_that_of_the_effective_date_whenever_it_is_posted(tiered):
    sale = tiered.sell()
    tiered.redeem(sale, "PHYSIO", 3, at="Q", on=FEBRUARY)
    assert due(tiered.redeem(sale, "PHYSIO", at="Q", on=JANUARY)) == 4125
    assert due(tiered.redeem(sale, "PHYSIO", at="Q", on=FEBRUARY)) == 6600


def test_a_void_gives_the_slice_back_and_replay_gives_the_same_lines(tiered):
    sale = tiered.sell()
    first = tiered.redeem(sale, "PHYSIO", 3, at="Q", on=JANUARY)
    dear = tiered.redeem(sale, "PHYSIO", at="Q", on=JANUARY)
    void(SYSTEM, first, reason="wrong patient", on=FEBRUARY, key=new_key())
    again = tiered.redeem(sale, "PHYSIO", 3, at="Q", on=JANUARY)
    assert (due(dear), due(again)) == (6600, 2 * 4125 + 6600)
    assert RuleVolume.objects.get().volume == 4
    for event in (first, dear, again):
        posted = event.lines.order_by("line_no").values_list(
            "organization_id", "account__code", "amount_minor"
        )
        assert [(one.organization_id, one.account, one.amount_minor) for one in replay(event)] == list(posted)


def test_other_places_and_a_look_count_nothing(tiered):
    sale = tiered.sell()
    tiered.redeem(sale, "PHYSIO", at="Q", on=JANUARY)
    tiered.redeem(sale, "PHYSIO", at="P", on=JANUARY)
    tiered.redeem(sale, "PHYSIO", at="S", on=JANUARY)
    seen = usable_here(SYSTEM, tiered.patient, tiered.world["Q"], JANUARY)
    physio = next(one for one in seen if one.line.service.code == "PHYSIO")
    assert [str(payment.amount) for payment in physio.will_pay] == [str(usd("41.25"))]
    assert list(RuleVolume.objects.values_list("organization__code", "month", "volume")) == [
        ("Q", date(2026, 1, 1), 1)
    ]


def test_an_amount_counts_on_the_basis_per_quarter(market):
    add_tiers(
        market,
        TIERS
        | {
            "volume": {"of": "amount", "per": "quarter"},
            "shares": [
                TIERS["shares"][0] | {"tiers": [{"percent": "50", "up_to": "100.00"}, {"percent": "80"}]}
            ],
        },
    )
    sale = market.sell()
    assert due(market.redeem(sale, "PHYSIO", at="Q", on=JANUARY)) == 4125
    # 17.50 are left of the first hundred, 65.00 are above
    assert due(market.redeem(sale, "PHYSIO", at="Q", on=FEBRUARY)) == 875 + 5200


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_rulevolume SET volume = 0",
        "DELETE FROM ledger_rulevolume",
        "INSERT INTO ledger_rulevolume SELECT network_id, rule_id, organization_id, 'other', month, 1"
        " FROM ledger_rulevolume",
    ],
)
def test_only_the_posting_functions_count(tiered, attack):
    tiered.redeem(tiered.sell(), "PHYSIO", at="Q", on=JANUARY)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


@pytest.mark.transactional
def test_two_at_once_never_take_the_same_slice(own_world):
    with bound(own_world.network.pk):
        market = open_market(own_world)
        add_tiers(market)
        sales = [market.sell() for _ in range(12)]
    outcomes = in_threads(
        market, lambda n: market.redeem(sales[n], "PHYSIO", at="Q", key=f"at-once-{n}"), range(12)
    )
    assert len(outcomes) == 12
    with bound(own_world.network.pk):
        paid = sorted(due(event) for event in LedgerEvent.objects.filter(kind="redemption"))
        assert paid == [4125] * 3 + [6600] * 9
        assert RuleVolume.objects.get().volume == 12
