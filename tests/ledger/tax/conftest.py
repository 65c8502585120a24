"""What the tests of taxed sales share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from core.money import Money
from ledger.actions.catalog import edit_service
from ledger.actions.sale import Order, Payment
from ledger.actions.tax import add_tax_code
from ledger.models import JournalLine, LedgerEvent, Sale, TaxCode, TaxLine
from ledger.queries.replay import replay
from ledger.queries.verify import verify_ledger
from ledger.rules.settings import TAX_POINT
from ledger.rules.tax import TaxPoint
from orgs.actions.setting import NewValue, assign_setting
from tests.ledger.market import DAY, SYSTEM, Market, open_market, usd

SINCE = date(2020, 1, 1)


@dataclass
class Spa:
    """A market that sells GLOW, 354.00 for three spas with 18 % in the price, and RELAX, 200.00 for two massages with
    5 % on top."""

    market: Market
    codes: dict[str, TaxCode] = field(default_factory=dict)

    def tax(self, service: str, method: str, percent: str) -> None:
        code = add_tax_code(
            SYSTEM,
            self.market.world["P"],
            code=f"T{len(self.codes)}",
            name=f"{method} {percent}",
            method=method,
            percent=Decimal(percent),
            starts_on=SINCE,
        )
        self.codes[service] = code
        one = self.market.services[service]
        one.refresh_from_db()
        edit_service(SYSTEM, one, name=one.name, category=one.category, tax_code=code, version=one.version)
        one.refresh_from_db()

    def due_at(self, point: TaxPoint, at: str = "P") -> None:
        assign_setting(SYSTEM, self.market.world[at], setting=TAX_POINT, new=NewValue(point))

    def sell(self, package: str = "GLOW", at: str = "P", **more) -> Sale:
        offer, seller = self.market.packages[package], self.market.world[at]
        discount, quantity = more.get("discount", usd("0.00")), more.get("quantity", 1)
        order = Order(seller, offer, quantity, discount, (), more.get("on", DAY))
        due = Money(order.due_minor, "USD")
        return self.market.sell(package, at, payments=[Payment("cash", due)], **more)

    def taxes(self, event: LedgerEvent) -> list[tuple[str, int, int, int]]:
        rows = TaxLine.objects.filter(event=event).order_by("line_no")
        return [(row.service.code, row.units, row.base_minor, row.tax_minor) for row in rows]

    def check(self) -> None:
        """Every invariant holds, and every event that is computed replays to the lines that were posted."""
        assert list(verify_ledger()) == []
        computed = ["sale", "redemption", "charge", "refund", "void"]
        for event in LedgerEvent.objects.filter(kind__in=computed).exclude(voids__kind="upgrade"):
            posted = JournalLine.objects.filter(event=event).order_by("line_no")
            assert [
                (line.organization_id, str(line.account), line.amount_minor) for line in replay(event)
            ] == [(row.organization_id, row.account.code, row.amount_minor) for row in posted]


@pytest.fixture
def spa(world) -> Spa:
    market = open_market(world)
    for code, price in (("SPA", "118.00"), ("MASSAGE", "100.00")):
        market.add_service(code, price)
    spa = Spa(market)
    spa.tax("SPA", "included", "18")
    spa.tax("MASSAGE", "added", "5")
    market.add_package("GLOW", "354.00", {"SPA": (3, "118.00")}, holder=world["P"])
    market.add_package("RELAX", "200.00", {"MASSAGE": (2, "100.00")}, holder=world["P"])
    market.add_package("BOTH", "590.00", {"SPA": (5, "118.00")}, holder=world["P"])
    return spa
