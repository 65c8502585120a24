"""Eight people redeem one entitlement at once: exactly the stock is acknowledged, at exactly its price."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import connection
from django.db.models import Sum

from core.errors import Refused
from core.money import Money, round_half_away
from core.tenancy import bound
from ledger.models import EntitlementMovement, JournalLine, LedgerEvent
from ledger.queries.verify import verify_ledger
from tests.ledger.market import Market, open_market
from tests.ledger.redemption.test_credit import buy, credit, left
from tests.ledger.redemption.test_part_payment import use

pytestmark = pytest.mark.transactional
STOCK = 60


def in_threads(market: Market, work, jobs) -> Counter:
    """Run every job in a transaction of its own, eight at a time; count what came of them."""

    def run(job) -> str:
        try:
            with bound(market.world.network.pk):
                return f"posted {work(job).pk}"
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(run, jobs))


@pytest.fixture
def own_market(own_world) -> Market:
    with bound(own_world.network.pk):
        market = open_market(own_world)
        market.add_package("MANY", "100.00", {"PHYSIO": (STOCK, "110.00")}, holder=own_world["P"])
    return market


def test_exactly_the_stock_is_acknowledged(own_market):
    with bound(own_market.world.network.pk):
        sale = own_market.sell("MANY")
    outcomes = in_threads(
        own_market,
        lambda n: own_market.redeem(sale, "PHYSIO", at="PSQ"[n % 3], key=f"redeem-{n}"),
        range(2 * STOCK),
    )
    assert outcomes.pop("entitlement_exhausted") == STOCK
    assert len(outcomes) == STOCK
    with bound(own_market.world.network.pk):
        assert own_market.left(sale, "PHYSIO") == 0
        moved = EntitlementMovement.objects.filter(event__kind="redemption").order_by("event_id")
        assert moved.aggregate(total=Sum("amount_minor"))["total"] == -10000
        cumulative = [round_half_away(Fraction(10000 * used, STOCK)) for used in range(STOCK + 1)]
        steps = [after - before for before, after in pairwise(cumulative)]
        assert [-row.amount_minor for row in moved] == steps
        assert own_market.balance("P", "contract_liability") == "0.00"


def test_one_key_posts_once_under_eight_threads(own_market):
    with bound(own_market.world.network.pk):
        sale = own_market.sell("MANY")
    outcomes = in_threads(
        own_market, lambda n: own_market.redeem(sale, "PHYSIO", at="S", key="one"), range(16)
    )
    assert len(outcomes) == 1
    outcomes = in_threads(own_market, lambda n: own_market.sell("MANY", key="two").event, range(16))
    assert len(outcomes) == 1
    with bound(own_market.world.network.pk):
        assert own_market.left(sale, "PHYSIO") == STOCK - 1
        assert LedgerEvent.objects.count() == 3
        assert JournalLine.objects.aggregate(total=Sum("amount_minor"))["total"] == 0


def test_credit_pays_no_more_than_there_is(own_market):
    """Eight people use all there is of 500.00 for what costs 110.00: credit and cash are the price of what was done."""
    with bound(own_market.world.network.pk):
        sale = buy(own_market, credit(own_market, "500.00", "450.00"))
    outcomes = in_threads(
        own_market, lambda n: use(own_market, sale, "PHYSIO", at="PSQ"[n % 3], key=f"part-{n}"), range(16)
    )
    assert outcomes.pop("entitlement_exhausted") == 11
    assert len(outcomes) == 5  # four whole, and one that 60.00 of credit began
    with bound(own_market.world.network.pk):
        assert left(sale) == 0
        cash = sum(Money.parse(own_market.balance(at, "cash"), "USD", signed=True).minor for at in "PSQ")
        assert cash == 450_00 + 5 * 110_00 - 500_00
        assert own_market.balance("P", "contract_liability") == "0.00"
        assert list(verify_ledger()) == []
