"""Transferring, extending and freezing entitlements."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core.access import Denied
from core.clock import today_in
from core.errors import Refused
from ledger.actions.entitlement import (
    end_freeze,
    extend_entitlement,
    freeze_entitlement,
    transfer_entitlement,
)
from ledger.models import Entitlement, EntitlementChange
from ledger.queries.verify import verify_ledger
from ledger.rules.settings import EXTENSION_DAYS, FREEZE_DAYS, MOST_TRANSFERS
from tests.ledger.market import SYSTEM, new_key

WHY = "the patient asked"


@pytest.fixture
def today(market) -> date:
    return today_in(market.world["P"].time_zone)


@pytest.fixture
def sale(market, today):
    """Usable for a year from today on."""
    return market.sell(on=today)


def refuses(code: str, says: str, call) -> None:
    with pytest.raises(Refused) as refused:
        call()
    assert (refused.value.code, says in refused.value.message) == (code, True), refused.value


def of(sale) -> Entitlement:
    return Entitlement.objects.get(pk=sale.entitlement_id)


class TestTransfer:
    def transfer(self, sale, patient, key="", **more):
        return transfer_entitlement(
            more.pop("actor", SYSTEM), of(sale), patient=patient, reason=WHY, key=key or new_key()
        )

    def test_what_is_left_is_the_other_patient_s(self, market, sale):
        ravi = market.register("Ravi")
        market.redeem(sale, "PHYSIO", on=sale.sold_on)
        event = self.transfer(sale, ravi, key="t")
        assert of(sale).patient_id == ravi.pk
        assert market.left(sale, "PHYSIO") == 4
        assert event.inputs["before"]["patient"] == market.patient.pk
        assert (event.line_count, event.movement_count) == (0, 0)
        assert self.transfer(sale, ravi, key="t").pk == event.pk
        assert list(verify_ledger()) == []

    @pytest.mark.setting("billing.transfers")
    def test_no_oftener_than_the_holder_allows(self, assign, market, sale):
        ravi = market.register("Ravi")
        self.transfer(sale, ravi)
        refuses("not_permitted", "as often as it may be", lambda: self.transfer(sale, market.patient))
        assign("P", MOST_TRANSFERS, 2, "enforced")
        self.transfer(sale, market.patient)
        assert of(sale).patient_id == market.patient.pk

    def test_not_to_whom_it_is(self, market, sale):
        refuses("not_permitted", "already", lambda: self.transfer(sale, market.patient))

    def test_nothing_left_is_given_to_nobody(self, market, sale):
        ravi = market.register("Ravi")
        for service, units in (("CONSULT", 1), ("LAB", 1), ("PHYSIO", 5)):
            market.redeem(sale, service, units, on=sale.sold_on)
        refuses("entitlement_exhausted", "Nothing is left", lambda: self.transfer(sale, ravi))

    def test_the_front_desk_may_not(self, market, sale):
        ravi = market.register("Ravi")
        with pytest.raises(Denied):
            self.transfer(sale, ravi, actor=market.world.actor("desk"))


class TestExtend:
    def extend(self, sale, days: int, key=""):
        until = of(sale).expires_on + timedelta(days=days)
        return extend_entitlement(SYSTEM, of(sale), expires_on=until, reason=WHY, key=key or new_key())

    def test_it_is_usable_longer(self, market, sale):
        before = of(sale).expires_on
        self.extend(sale, 30)
        assert of(sale).expires_on == before + timedelta(days=30)
        assert EntitlementChange.objects.get().expires_on == of(sale).expires_on

    @pytest.mark.parametrize("days", [0, -1])
    def test_never_shorter(self, sale, days):
        refuses("not_permitted", "choose a later day", lambda: self.extend(sale, days))

    @pytest.mark.setting("billing.extension_days")
    def test_no_longer_than_the_holder_allows(self, assign, market, sale):
        assign("P", EXTENSION_DAYS, 30, "enforced")
        refuses("not_permitted", "too late", lambda: self.extend(sale, 31))
        self.extend(sale, 30)

    def test_what_was_voided_is_not_extended(self, market, sale):
        from ledger.actions.void import void

        void(SYSTEM, sale.event, reason=WHY, key=new_key())
        refuses("not_permitted", "voided", lambda: self.extend(sale, 1))

    def test_without_a_reason_nothing_is_changed(self, sale):
        until = of(sale).expires_on + timedelta(days=1)
        refuses(
            "not_permitted",
            "Say why",
            lambda: extend_entitlement(SYSTEM, of(sale), expires_on=until, reason=" ", key=new_key()),
        )


class TestFreeze:
    def freeze(self, sale, first: date, days: int, key=""):
        last = first + timedelta(days=days - 1)
        return freeze_entitlement(
            SYSTEM, of(sale), frozen_on=first, frozen_until=last, reason=WHY, key=key or new_key()
        )

    def test_it_is_not_used_meanwhile_and_ends_later(self, market, sale, today):
        before = of(sale).expires_on
        self.freeze(sale, today, 10)
        assert of(sale).expires_on == before + timedelta(days=10)
        refuses("not_permitted", "frozen until", lambda: market.redeem(sale, "LAB", on=today))
        market.redeem(sale, "LAB", on=today + timedelta(days=10))

    def test_ended_early_the_rest_is_given_back(self, market, sale, today):
        before = of(sale).expires_on
        self.freeze(sale, today, 10)
        end_freeze(SYSTEM, of(sale), reason=WHY, key=new_key())
        assert (of(sale).expires_on, of(sale).frozen_on) == (before, None)
        market.redeem(sale, "LAB", on=today)
        refuses("not_permitted", "frozen", lambda: end_freeze(SYSTEM, of(sale), reason=WHY, key=new_key()))

    @pytest.mark.setting("billing.freeze_days")
    def test_no_more_days_in_all_than_the_holder_allows(self, assign, market, sale, today):
        assign("P", FREEZE_DAYS, 12, "enforced")
        self.freeze(sale, today + timedelta(days=5), 10)
        end_freeze(SYSTEM, of(sale), reason=WHY, key=new_key())
        refuses("not_permitted", "13 days of freeze", lambda: self.freeze(sale, today, 13))
        self.freeze(sale, today, 12)

    def test_one_at_a_time(self, sale, today):
        self.freeze(sale, today, 3)
        refuses("not_permitted", "already", lambda: self.freeze(sale, today, 3))

    @pytest.mark.parametrize(
        ("first", "days", "says"),
        [(-1, 3, "has passed"), (0, 0, "would end before"), (400, 3, "before it ends")],
    )
    def test_on_days_that_make_sense(self, sale, today, first, days, says):
        refuses("not_permitted", says, lambda: self.freeze(sale, today + timedelta(days=first), days))
