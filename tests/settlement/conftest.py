"""What the tests of settlement share."""

from __future__ import annotations

import pytest

from core.tenancy import bound
from tests.cast import Cast
from tests.ledger.market import Market, open_market
from tests.settlement.office import Office


@pytest.fixture
def market(world: Cast) -> Market:
    """The reference services, packages, rules and a patient in the cast's network."""
    return open_market(world)


@pytest.fixture
def office(world: Cast) -> Office:
    """Nobody owes anybody, and nothing was agreed."""
    return Office(world)


@pytest.fixture
def owing(office: Office) -> Office:
    """What LEDGER's E9 settles: S owes P 500.00, P owes S 240.00 and Q 115.50; P, S, T and Q have an agreement."""
    office.agree("P", "S", "T", "Q")
    office.owe("S", "P", "500.00")
    office.owe("P", "S", "240.00")
    office.owe("P", "Q", "115.50")
    return office


@pytest.fixture
def own_owing(own_world: Cast) -> Office:
    """The same, committed, in a database of the test's own; bind its network yourself."""
    office = Office(own_world)
    with bound(own_world.network.pk):
        office.agree("P", "S", "T", "Q")
        office.owe("S", "P", "500.00")
        office.owe("P", "S", "240.00")
        office.owe("P", "Q", "115.50")
    return office
