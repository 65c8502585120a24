"""A package that is sold where the day has begun is used, refunded, upgraded and voided where it has not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.clock import at
from core.errors import Refused
from ledger.actions.entitlement import extend_entitlement
from ledger.actions.redemption import redeem
from ledger.actions.refund import refund
from ledger.actions.sale import Payment
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import LedgerEvent, Sale
from ledger.queries.usable import usable_here
from ledger.queries.verify import verify_ledger
from tests.ledger.market import SYSTEM, Market, new_key, usd

FIRST = date(2026, 2, 1)
#: One in the morning of 1 February in Kolkata; still 31 January everywhere west of it.
SOLD = datetime(2026, 1, 31, 19, 30, tzinfo=UTC)


@pytest.fixture
def abroad(market: Market) -> Market:
    """P sells in Kolkata; S is in Samoa, eleven hours behind UTC, and Q on Kiritimati, fourteen ahead."""
    for code, zone in (("P", "Asia/Kolkata"), ("S", "Pacific/Pago_Pago"), ("Q", "Pacific/Kiritimati")):
        place = market.world[code]
        place.time_zone = zone
        place.save(update_fields=["time_zone"])
    return market


def use(market: Market, sale: Sale, service: str, place: str) -> LedgerEvent:
    return redeem(SYSTEM, market.world[place], line=market.line(sale, service), key=new_key())


def test_it_is_used_at_once_and_dated_by_the_sale(abroad):
    with at(SOLD):
        sale = abroad.sell(on=None)
        assert sale.entitlement.starts_on == FIRST
        assert any(line.usable for line in usable_here(SYSTEM, abroad.patient, abroad.world["S"]))
        used = use(abroad, sale, "PHYSIO", "S")
        assert used.effective_on == FIRST
        assert void(SYSTEM, used, reason="mistake", key=new_key()).effective_on == FIRST
        back = refund(SYSTEM, abroad.world["S"], entitlement=sale.entitlement, reason="moved", key=new_key())
        assert back.effective_on == FIRST
    assert list(verify_ledger()) == []


def test_what_it_is_given_for_and_what_is_changed_follow_it(abroad):
    with at(SOLD):
        sale = abroad.sell("COURSE", on=None)
        later = date(2027, 6, 1)
        changed = extend_entitlement(
            SYSTEM, sale.entitlement, expires_on=later, reason="illness", key=new_key()
        )
        assert changed.effective_on == FIRST
        bought = upgrade_entitlement(
            SYSTEM,
            abroad.world["P"],
            entitlement=sale.entitlement,
            package=abroad.packages["CHECKUP"],
            payments=[Payment("cash", usd("400.00"))],
            key=new_key(),
        )
        assert use(abroad, bought, "LAB", "S").effective_on == FIRST
    assert list(verify_ledger()) == []


def test_its_last_day_lasts_east_of_the_seller_until_it_ends_there(abroad):
    abroad.add_package("DAY", "100.00", {"LAB": (2, "50.00")}, valid_days=1)
    with at(datetime(2026, 1, 31, 12, 0, tzinfo=UTC)):  # 1 February on Kiritimati
        sale = abroad.sell("DAY", on=None)
        assert use(abroad, sale, "LAB", "Q").effective_on == date(2026, 1, 31)
    with at(SOLD), pytest.raises(Refused, match="could be used until") as refusal:
        use(abroad, sale, "LAB", "Q")
    assert refusal.value.code == "entitlement_expired"


def test_a_day_that_was_entered_is_taken_as_it_is_and_one_ahead_is_waited_for(abroad):
    with at(SOLD):
        sale = abroad.sell(on=None)
        with pytest.raises(Refused, match="usable from that day on"):
            abroad.redeem(sale, "LAB", at="P", on=date(2026, 1, 31))
        ahead = abroad.sell(on=date(2026, 2, 5))
        with pytest.raises(Refused, match="usable from that day on"):
            use(abroad, ahead, "LAB", "P")
