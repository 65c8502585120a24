"""A branch of the parent abroad, and rates between its euros and the parent's dollars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.actions.exchange import enter_rates
from ledger.rules.quoted import Quoted
from orgs.actions.organization import add_organization
from tests.cast import details
from tests.ledger.market import SYSTEM, Market

JANUARY, MONTH_END = date(2026, 1, 5), date(2026, 1, 31)


def quote(market: Market, value: str, on: date, base: str = "EUR", other: str = "USD") -> None:
    quoted = Quoted(base, other, on, Decimal(value), "a bank")
    enter_rates(SYSTEM, market.world["P"], quoted=[quoted])


@pytest.fixture
def abroad(market: Market) -> Market:
    """E, a sub of P that keeps euros; nothing is on record of what they are worth."""
    place = add_organization(
        SYSTEM, market.world["P"], kind="sub", details=details("Abroad", "E"), currency="EUR"
    )
    market.world.organizations["E"] = place
    return market


@pytest.fixture
def rated(abroad: Market) -> Market:
    """The same, with one euro worth 1.25 dollars from 5 January on."""
    quote(abroad, "1.25", JANUARY)
    return abroad
