"""A closed month's statements keep the tree that it closed with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from core import clock
from ledger.actions.period import close_period
from ledger.queries.statement import may_consolidate, perimeter_of, statement
from ledger.rules.terms import Conditions, Outcome
from orgs.actions.organization import add_organization, move_organization
from orgs.rules.settings import MAX_SUB_DEPTH
from tests.cast import SYSTEM, details
from tests.ledger.market import PERCENT_80

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
LAST_OF_MARCH, LAST_OF_APRIL = date(2026, 3, 31), date(2026, 4, 30)


@pytest.fixture
def clinic(market, assign):
    """A clinic below North that sells in March and April; March is closed."""
    with clock.at(datetime(2020, 1, 1, 12, tzinfo=UTC)):
        assign("P", MAX_SUB_DEPTH, 3, "enforced")
    made = add_organization(SYSTEM, market.world["S"], kind="sub", details=details("Ward", "W"))
    market.world.organizations["W"] = made
    for day in (date(2026, 3, 10), date(2026, 4, 3)):
        for place in ("S", "T", "W"):
            market.sell("COURSE", at=place, on=day)
    close_period(SYSTEM, market.world["P"], month=MARCH)
    return made


def move_in_april(market) -> None:
    one = market.world["W"]
    with clock.at(datetime(2026, 4, 15, 12, tzinfo=UTC)):
        move_organization(SYSTEM, one, to=market.world["T"], reason="New region.", version=one.version)


def csv_of(cast, client, code: str, since: date, until: date) -> bytes:
    query = {"organization": code, "scope": "consolidated", "since": since, "until": until, "format": "csv"}
    answer = client.get(reverse("statement"), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_last_month_stays_to_the_byte_and_this_month_shows_the_move(market, clinic, browse):
    client = browse("finance")
    regions = ("S", "T")
    march = {code: csv_of(market.world, client, code, MARCH, LAST_OF_MARCH) for code in regions}
    april = {code: csv_of(market.world, client, code, APRIL, LAST_OF_APRIL) for code in regions}
    assert b"1000.00" in march["S"].replace(b"-", b"")
    assert march["S"] == april["S"] != march["T"] == april["T"]  # North has the clinic in both
    move_in_april(market)
    assert {code: csv_of(market.world, client, code, MARCH, LAST_OF_MARCH) for code in regions} == march
    # In April South has what North had.
    assert csv_of(market.world, client, "S", APRIL, LAST_OF_APRIL) == april["T"]
    assert csv_of(market.world, client, "T", APRIL, LAST_OF_APRIL) == april["S"]


def test_as_of_any_day_before_the_move_the_clinic_is_where_it_was(market, clinic):
    before = statement(market.world["S"], date(2026, 4, 14), consolidated=True)
    move_in_april(market)
    assert statement(market.world["S"], date(2026, 4, 14), consolidated=True) == before
    assert statement(market.world["S"], date(2026, 4, 15), consolidated=True) != before
    assert perimeter_of(market.world["S"], date(2026, 4, 14)) == [market.world["S"].pk, clinic.pk]
    assert perimeter_of(market.world["S"], date(2026, 4, 15)) == [market.world["S"].pk]


def test_whoever_lost_the_clinic_reads_no_statement_with_it_and_is_told(market, clinic, browse):
    actor = market.world.actor("local_admin")
    assert may_consolidate(actor, market.world["S"], LAST_OF_MARCH)
    move_in_april(market)
    actor = market.world.actor("local_admin")
    assert not may_consolidate(actor, market.world["S"], LAST_OF_MARCH)
    assert may_consolidate(actor, market.world["S"], LAST_OF_APRIL)
    client = browse("local_admin")
    told = "Not consolidated: on 31 March 2026 an organization stood below North Clinic"
    query = {"organization": "S", "until": LAST_OF_MARCH}
    assert told in client.get(reverse("statement"), query).content.decode()
    for other in ({"scope": "alone"}, {"until": LAST_OF_APRIL}):
        assert "Not consolidated" not in client.get(reverse("statement"), query | other).content.decode()


def test_what_is_posted_for_a_day_before_the_move_is_answered_by_the_tree_of_that_day(market, clinic):
    """The clinic joins a partner: until then an intragroup cost by North's rule, from then on the partner's share."""
    for code, under in (("NORTH", "S"), ("QUAY", "Q")):
        terms = {"when": Conditions(servicing_under=under), "outcome": Outcome(transfer=PERCENT_80)}
        market.add_rule(code, **terms)
    sold = market.sell(on=APRIL)
    with clock.at(datetime(2026, 4, 15, 12, tzinfo=UTC)):
        ward, quay = market.world["W"], market.world["Q"]
        move_organization(SYSTEM, ward, to=quay, reason="Sold.", version=ward.version)
    before = market.redeem(sold, "PHYSIO", at="W", on=date(2026, 4, 14))
    after = market.redeem(sold, "PHYSIO", at="W", on=date(2026, 4, 15))
    assert [one.inputs["rule"] for one in (before, after)] == ["NORTH", "QUAY"]
    assert (
        market.balance("P", "intercompany_cost", "W")
        == market.balance("P", "partner_share_cost", "W")
        == "66.00"
    )
    assert statement(market.world["P"], date(2026, 4, 14), consolidated=True)[0].balances
