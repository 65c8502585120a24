"""What the tests of settlement share."""

from __future__ import annotations

import pytest

from tests.ledger.market import Market, open_market


@pytest.fixture
def market(world) -> Market:
    """The reference services, packages, rules and a patient in the cast's network."""
    return open_market(world)
