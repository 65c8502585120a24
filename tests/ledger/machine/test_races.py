"""Eight people at once, each doing whatever the ledger can: nobody waits in a circle, and everything proven holds."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import connection

from core.errors import Refused, Stale
from core.money import Money
from core.tenancy import bound
from ledger.actions.breakage import run_breakage
from ledger.actions.expiry import expire
from ledger.actions.period import close_period
from ledger.actions.refund import refund
from ledger.actions.sale import Payment
from ledger.actions.top_up import top_up_entitlement
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import Entitlement, LedgerEvent, Sale
from ledger.posting import fold_deltas
from ledger.queries.tax_back import all_left
from ledger.queries.verify import verify_ledger
from ledger.rules.top_up import top_up_price
from settlement.actions.agreement import sign_agreement
from settlement.actions.payment import settle_run
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.queries.content import content_hash
from tests.ledger.machine.machine import FIRST, PLACES, agreement_of, paid, tax_and_trade_abroad
from tests.ledger.machine.model import PARTS
from tests.ledger.market import SYSTEM, Market, open_market

pytestmark = pytest.mark.transactional
THREADS, JOBS = 8, 160
LAST = FIRST + timedelta(days=46)
KINDS = [
    "sell",
    "top_up",
    "redeem",
    "redeem",
    "redeem",
    "refund",
    "void",
    "upgrade",
    "breakage",
    "expire",
    "settle",
    "fold",
]
#: What may come of a job besides an event: nobody is told that the database gave up on them.
REFUSALS = {
    "already_reversed", "entitlement_exhausted", "entitlement_expired", "nothing_open", "not_permitted", "over_refund",
    "period_closed", "stale",
}  # fmt: skip


class Crowd:
    """Jobs that pick whatever is there at their moment."""

    def __init__(self, market: Market) -> None:
        self.market, self.world = market, market.world

    def do(self, number: int) -> str:
        chance = Random(number)
        what = "close" if number == JOBS // 2 else chance.choice(KINDS)
        on = FIRST + timedelta(days=chance.randint(20, 45))
        try:
            with bound(self.world.network.pk):
                getattr(self, what)(chance, on, f"job {number}")
        except (Refused, Stale) as refusal:
            return refusal.code
        finally:
            connection.close()
        return what

    def sell(self, chance: Random, on: date, key: str) -> None:
        package, at = chance.choice(["CHECKUP", "SHORT", "LARGE"]), chance.choice(PLACES)
        price = self.market.packages[package].price_minor
        self.market.sell(package, at=at, payments=paid(at, price, FIRST), on=FIRST, key=key)

    def top_up(self, chance: Random, on: date, key: str) -> None:
        at, first = chance.choice(PLACES), self.sale(chance)
        due = top_up_price(self.market.packages[first.package.code].price_minor, PARTS, {"PHYSIO": 2})
        top_up_entitlement(
            SYSTEM, self.world[at], entitlement=first.entitlement, units={"PHYSIO": 2},
            payments=paid(at, due, on), on=on, key=key,
        )  # fmt: skip

    def redeem(self, chance: Random, on: date, key: str) -> None:
        sale = self.sale(chance)
        service = "PHYSIO" if sale.tops_up_id else chance.choice(["PHYSIO", "LAB"])
        self.market.redeem(sale, service, at=chance.choice(PLACES), on=on, key=key)

    def refund(self, chance: Random, on: date, key: str) -> None:
        at = self.world[chance.choice(PLACES)]
        refund(SYSTEM, at, entitlement=self.sale(chance).entitlement, reason="asked", on=on, key=key)

    def void(self, chance: Random, on: date, key: str) -> None:
        events = LedgerEvent.objects.filter(kind__in=["redemption", "refund", "sale"], voided_by=None)
        void(SYSTEM, chance.choice(list(events.order_by("-pk")[:12])), reason="mistake", on=LAST, key=key)

    def upgrade(self, chance: Random, on: date, key: str) -> None:
        """Either way round, so that two hold each other's pool of breakage unless they wait in line."""
        old = Entitlement.objects.select_related("package").get(pk=self.sale(chance).entitlement_id)
        new = self.market.packages["CHECKUP" if old.package.code == "LARGE" else "LARGE"]
        left = [line for line in old.lines.select_related("service", "entitlement") if line.left_units]
        due = new.price_minor - all_left(left).gross_minor
        upgrade_entitlement(
            SYSTEM, self.world["P"], entitlement=old, package=new,
            payments=[Payment("cash", Money(due, "USD"))] if due > 0 else [], on=on, key=key,
        )  # fmt: skip

    def breakage(self, chance: Random, on: date, key: str) -> None:
        package = self.market.packages[chance.choice(["CHECKUP", "SHORT", "LARGE"])]
        percent = Fraction(chance.choice([10, 50, 90]))
        run_breakage(SYSTEM, self.world["P"], package=package, expected_percent=percent, on=on, key=key)

    def expire(self, chance: Random, on: date, key: str) -> None:
        expire(SYSTEM, self.sale(chance).entitlement, on=on, key=key)

    def settle(self, chance: Random, on: date, key: str) -> None:
        places = [self.world[place] for place in PLACES]
        proposal = Proposal(on, chance.choice(["bilateral", "multilateral"]), places, "USD")
        run = propose_run(SYSTEM, self.world["P"], proposal=proposal, key=key)
        approve_run(self.world.actor("finance"), run, seen_hash=content_hash(run))
        settle_run(SYSTEM, run, on=on, key=f"{key} paid")

    def close(self, chance: Random, on: date, key: str) -> None:
        close_period(SYSTEM, self.world["P"], month=FIRST)

    def fold(self, chance: Random, on: date, key: str) -> None:
        fold_deltas()

    def sale(self, chance: Random) -> Sale:
        recent = Sale.objects.select_related("entitlement", "package").order_by("-pk")[:12]
        return chance.choice(list(recent))


@pytest.fixture
def crowd(own_world: Any) -> Crowd:
    with bound(own_world.network.pk):
        market = open_market(own_world)
        tax_and_trade_abroad(market)
        parts = {"CONSULT": (1, "400.00"), "LAB": (1, "250.00"), "PHYSIO": (5, "110.00")}
        market.add_package("LARGE", "1500.00", parts, holder=own_world["P"])
        market.add_package("SHORT", "900.00", parts, holder=own_world["P"], valid_days=25)
        sign_agreement(SYSTEM, own_world["P"], signed=agreement_of([own_world[place] for place in PLACES]))
        for package in ("CHECKUP", "SHORT", "LARGE") * 2:
            market.sell(package, on=FIRST)
    return Crowd(market)


def test_everybody_does_everything_at_once(crowd: Crowd) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(crowd.do, range(JOBS)))
    assert set(outcomes) - set(KINDS) - {"close"} <= REFUSALS
    assert {"sell", "redeem", "void", "breakage", "settle"} <= set(outcomes), outcomes
    with bound(crowd.world.network.pk):
        assert list(verify_ledger()) == []
        fold_deltas()
        assert list(verify_ledger()) == []
