"""Postings that stand, to be attacked: a sale, a redemption elsewhere, a charge with its void, a closed month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg
from django.db import connections

from ledger import posting
from ledger.models import JournalLine
from network.services import superuser_dsn
from tests.ledger.db.shop import ACTOR, Shop


@dataclass
class Standing:
    """Ids of what was posted, and connections as whoever attacks."""

    shop: Shop
    ids: dict[str, int]

    @contextmanager
    def as_role(self, role: str) -> Iterator[psycopg.Connection]:
        """A session of a database role, nothing more, bound to the network; all it does is rolled back."""
        name = connections["default"].settings_dict["NAME"]
        with psycopg.connect(superuser_dsn(name)) as session:
            session.execute(f"SET SESSION AUTHORIZATION {role}")
            session.execute("SELECT set_config('app.network', %s, false)", [str(self.ids["network"])])
            yield session
            session.rollback()


def post_some(shop: Shop) -> Standing:
    sale = shop.sell()
    physio = shop.line_of(sale, "PHYSIO")
    record = shop.redemption_record(physio.pk, 2, 165_00)
    redeemed = posting.post(
        shop.record("redemption", [*record.lines, *shop.transfer(132_00)], movements=record.movements, at="S")
    )
    charge = posting.post(
        shop.record("charge", shop.lines(("S", "cash", 400), ("S", "service_revenue", -400)))
    )
    void = posting.post(shop.void_record(charge.event_id))
    pool = shop.pool()
    breakage = posting.post(shop.breakage_record(10_00, pool.id))
    frozen = posting.post(
        shop.change_record(
            "freeze", sale.entitlement_id, frozen_on=date(2026, 2, 1), frozen_until=date(2026, 2, 9)
        )
    )
    posting.fold_deltas(4)
    posting.close_period([shop.id("T")], date(2026, 1, 1), ACTOR)
    accounts = dict(
        JournalLine.objects.filter(organization=shop.id("P")).values_list("account__code", "account_id")
    )
    return Standing(
        shop,
        {
            "network": shop.cast.network.pk,
            "P": shop.id("P"),
            "S": shop.id("S"),
            "T": shop.id("T"),
            "sale": sale.event_id,
            "entitlement": sale.entitlement_id,
            "physio": physio.pk,
            "redeemed": redeemed.event_id,
            "charge": charge.event_id,
            "breakage": breakage.event_id,
            "pool": pool.id,
            "frozen": frozen.event_id,
            "void": void.event_id,
            "cash": accounts["cash"],
            "liability": accounts["contract_liability"],
            "revenue": accounts["service_revenue"],
            "due_to": accounts["due_to"],
            "cost": accounts["intercompany_cost"],
        },
    )
