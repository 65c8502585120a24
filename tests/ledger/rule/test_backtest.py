"""Back-tests: what a draft would have answered in the past, to the minor unit, with nothing posted."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

import ledger.actions.backtest as backtest_actions
from core.errors import Refused
from ledger.actions.backtest import ask_backtest
from ledger.actions.charge import charge
from ledger.actions.rule import Terms, draft_rule, edit_draft
from ledger.actions.void import void
from ledger.models import BackTest, LedgerEvent, RuleVersion
from ledger.queries.backtest import compare, differences, differing_events, is_stale, refused_events
from ledger.rules.outcome import read_outcome
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from tests.ledger.market import SYSTEM, Market, new_key
from tests.ledger.rule.test_volume import FEBRUARY, JANUARY, TIERS, add_tiers, due
from work.actions.relay import relay_due_events

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
AT_Q = Conditions(servicing="Q")
HALF = Outcome(
    shares=(
        Share(
            "servicing", percent=Fraction(50), basis=Basis.ALLOCATED_PRICE, legal_basis="services performed"
        ),
    )
)


def draft(market: Market, code="half", when=AT_Q, outcome=HALF, event=Event.REDEMPTION) -> RuleVersion:
    actor = market.world.actor("finance")
    return draft_rule(actor, market.world["P"], code=code, terms=Terms(event, when, outcome))


def test(market: Market, version: RuleVersion, first_on=FIRST, last_on=LAST) -> BackTest:
    asked = ask_backtest(market.world.actor("finance"), version, first_on=first_on, last_on=last_on)
    relay_due_events()
    return BackTest.objects.get(pk=asked.pk)


test.__test__ = False


def earned(market: Market, done: BackTest, persona="administrator") -> dict[str, tuple[str, str]]:
    """By organization, what it earned as posted and by the draft."""
    return {
        one.organization.code: (one.posted.decimal(), one.drafted.decimal())
        for one in differences(market.world.actor(persona), done)
    }


@pytest.fixture
def busy(market) -> Market:
    """At Q 70 % of 3 x 82.50 and of 187.50; one of them voided, and one at S."""
    sale = market.sell()
    market.redeem(sale, "PHYSIO", 2, at="Q", on=JANUARY)
    market.redeem(sale, "PHYSIO", 1, at="Q", on=FEBRUARY)
    wrong = market.redeem(sale, "LAB", at="Q", on=JANUARY)
    void(SYSTEM, wrong, reason="wrong patient", on=FEBRUARY, key=new_key())
    market.redeem(sale, "CONSULT", at="S", on=JANUARY)
    return market


def test_the_difference_per_organization(busy):
    before = LedgerEvent.objects.count()
    done = test(busy, draft(busy, when=Conditions(servicing="Q", category="care")))
    assert (done.status, done.answered, done.differing, done.refused) == ("done", 2, 2, 0)
    # P recognizes 247.50 either way and pays 173.25, or 123.75
    assert earned(busy, done) == {"P": ("74.25", "123.75"), "Q": ("173.25", "123.75")}
    assert LedgerEvent.objects.count() == before


def test_only_books_that_one_may_read(busy):
    done = test(busy, draft(busy, when=Conditions(servicing="Q", category="care")))
    assert earned(busy, done, "local_admin") == {}


def test_a_period_takes_its_effective_dates(busy):
    done = test(busy, draft(busy, when=Conditions(servicing="Q", category="care")), FEBRUARY, FEBRUARY)
    assert (done.answered, earned(busy, done)["Q"]) == (1, ("57.75", "41.25"))


def test_both_entries_and_both_reasons(busy):
    done = test(busy, draft(busy, when=Conditions(servicing="Q", category="care")))
    row = differing_events(done, busy.world["Q"].pk).earliest("event_id")
    assert dict(zip(row.places, row.changes, strict=True)) == {
        busy.world["P"].pk: 3300,
        busy.world["Q"].pk: -3300,
    }
    shown = compare(busy.world.actor("administrator"), done, row)
    assert shown.posted_why[0] == "70 % of the allocated price 165.00 = 115.50 to Q"
    assert shown.drafted_why[0] == "50 % of the allocated price 165.00 = 82.50 to Q"
    assert "50 %" in shown.drafted_sentence
    assert [line.amount.decimal() for line in shown.drafted if line.account == "Due to"] == ["-82.50"]


def test_what_an_earlier_version_answered_and_the_draft_does_not_is_refused(busy):
    done = test(busy, draft(busy, "partner-70", Conditions(servicing="Q", service="CONSULT")))
    assert (done.answered, done.refused) == (0, 2)
    assert refused_events(done).earliest("event_id").refusal.startswith("no_rule")


def test_tiers_are_replayed_in_posting_order_from_the_beginning_of_their_period(market, monkeypatch):
    """In batches of two, with a void between: the same as if the draft had been in force."""
    monkeypatch.setattr(backtest_actions, "BATCH", 2)
    sale, other = market.sell(on=date(2026, 1, 2)), market.sell(on=date(2026, 1, 2))
    outcome = read_outcome(TIERS, "USD")
    first = market.redeem(sale, "PHYSIO", 2, at="Q", on=date(2026, 1, 5))
    market.redeem(other, "PHYSIO", 2, at="Q", on=JANUARY)
    void(SYSTEM, first, reason="wrong patient", on=FEBRUARY, key=new_key())
    market.redeem(other, "PHYSIO", 2, at="Q", on=JANUARY)
    market.redeem(sale, "PHYSIO", 3, at="Q", on=FEBRUARY)
    done = test(
        market, draft(market, "tiers", Conditions(servicing="Q", service="PHYSIO"), outcome), date(2026, 1, 6)
    )
    rows = done.events.order_by("event_id").values_list("volume_before", flat=True)
    assert list(rows) == [0, 2, 2, 0]
    # before 2: one at 50 % and one at 80 %; again after the void; then three at 50 % in February
    assert earned(market, done)["Q"][1] == "338.25"
    assert done.done == done.total == 5


def test_a_tiered_draft_gives_what_the_same_rule_in_force_gives(market):
    """The invariant of replay: posted by the rule, tested as its next version, nothing differs."""
    add_tiers(market)
    sale, other = market.sell(), market.sell()
    market.redeem(sale, "PHYSIO", 2, at="Q", on=JANUARY)
    taken = market.redeem(other, "PHYSIO", 3, at="Q", on=JANUARY)
    void(SYSTEM, taken, reason="wrong patient", on=FEBRUARY, key=new_key())
    market.redeem(other, "PHYSIO", 4, at="Q", on=JANUARY)
    done = test(
        market,
        draft(
            market, "physio-tiers", Conditions(servicing="Q", service="PHYSIO"), read_outcome(TIERS, "USD")
        ),
    )
    assert (done.answered, done.differing) == (2, 0)
    assert earned(market, done) == {}


def test_sales_charges_and_bills_are_tested_too(market):
    share = Share("P", percent=Fraction(10), basis=Basis.LIST_PRICE, legal_basis="rooms provided")
    charge(
        SYSTEM,
        market.world["S"],
        patient=market.patient,
        service=market.services["LAB"],
        on=JANUARY,
        key=new_key(),
    )
    done = test(market, draft(market, "rooms", Conditions(), Outcome(shares=(share,)), Event.CHARGE))
    assert earned(market, done) == {"P": ("0.00", "25.00"), "S": ("250.00", "225.00")}
    market.sell(at="S", on=JANUARY)
    sold = Share("servicing", percent=Fraction(10), basis=Basis.SALE_PRICE, legal_basis="patient advised")
    done = test(market, draft(market, "advice", Conditions(), Outcome(shares=(sold,)), Event.SALE))
    assert earned(market, done) == {"P": ("0.00", "-90.00"), "S": ("0.00", "90.00")}


def test_a_result_knows_that_the_draft_has_changed(busy):
    version = draft(busy)
    done = test(busy, version)
    assert not is_stale(done)
    edited = edit_draft(SYSTEM, version, terms=Terms(Event.REDEMPTION, AT_Q, Outcome()), seen=version.version)
    done.rule_version = edited
    assert is_stale(done)


@pytest.mark.parametrize(
    ("first_on", "last_on", "says"),
    [
        (LAST, FIRST, "exchange"),
        (date(2020, 1, 1), LAST, "three years"),
        (date(2025, 1, 1), date(2025, 1, 2), "no redemption"),
    ],
)
def test_refusals(busy, first_on, last_on, says):
    with pytest.raises(Refused, match=says):
        test(busy, draft(busy), first_on, last_on)


def test_only_drafts_and_only_who_writes_rules(busy):
    with pytest.raises(Refused, match="Only a draft"):
        test(busy, RuleVersion.objects.get(rule__code="sub-80"))
    with pytest.raises(PermissionDenied):
        ask_backtest(busy.world.actor("auditor"), draft(busy), first_on=FIRST, last_on=LAST)


def test_the_due_of_the_posting_stays(busy):
    event = LedgerEvent.objects.filter(kind="redemption").earliest("pk")
    test(busy, draft(busy))
    assert due(event) == 11550
