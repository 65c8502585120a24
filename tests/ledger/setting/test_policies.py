"""What the billing settings let organizations do: each test shows an action without the setting and with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from core import locale
from core.clock import today_in
from core.errors import Refused
from ledger.actions.charge import charge
from ledger.actions.package import Offer, Part, create_package, edit_package, put_on_sale, withdraw_package
from ledger.actions.refund import Units, refund
from ledger.actions.rule import Terms, activate_rule, draft_rule
from ledger.actions.sale import Payment
from ledger.actions.void import void
from ledger.queries.counter import find_at_counter
from ledger.queries.usable import usable_here
from ledger.rules.expiry import expiry_notice
from ledger.rules.settings import (
    BACKDATING_DAYS,
    COUNTER_LOOKUP,
    EXPIRY_NOTICE_DAYS,
    LONGEST_VALIDITY_DAYS,
    MAY_CHARGE,
    MAY_REDEEM,
    MAY_SELL,
    MOST_UNITS_AT_ONCE,
    PAYMENT_METHODS_TAKEN,
    REFUND_APPROVAL_ABOVE,
    REFUND_ELSEWHERE,
    REFUND_WINDOW_DAYS,
    RULE_EXAMPLES_REQUIRED,
    RULE_PERCENT_PERFORMED_ONLY,
    SELL_TO_REGISTERED_ONLY,
    VOID_OWN,
    VOID_WINDOW_DAYS,
)
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from orgs.actions.membership import NewMembership, grant_membership
from patients.queries.patient import is_registered_at
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def refused(act: Callable[..., object], *args, **request) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(*args, **request)
    return refusal.value


def do_charge(market, at="S", **request):
    request = {"patient": market.patient, "on": DAY, "key": new_key()} | request
    return charge(SYSTEM, market.world[at], service=market.services["LAB"], **request)


def do_refund(market, sale, units=None, at="P", actor=SYSTEM, on=DAY):
    chosen = None if units is None else [Units(market.line(sale, code), n) for code, n in units.items()]
    return refund(
        actor, market.world[at], entitlement=market.entitlement(sale), units=chosen, reason="asked for", on=on,
        key=new_key(),
    )  # fmt: skip


def do_void(event, actor=SYSTEM, on=DAY):
    return void(actor, event, reason="mistake", on=on, key=new_key())


def days_ago(days: int) -> date:
    return today_in("UTC") - timedelta(days=days)


@pytest.mark.setting("billing.may_sell")
def test_an_organization_that_sells_nothing_still_redeems(market, assign):
    sale = market.sell(at="S")
    assign("S", MAY_SELL, False)
    refusal = refused(market.sell, at="S")
    assert refusal.code == "not_sellable_here"
    assert refusal.message.startswith(
        "North Clinic sells no packages. The policy “Sells packages” (billing.may_sell)"
    )
    market.redeem(sale, "LAB", at="S")
    do_charge(market)
    market.sell(at="T")


@pytest.mark.setting("billing.may_redeem")
def test_an_organization_that_redeems_nothing_says_so_at_the_counter(market, assign):
    sale = market.sell()
    market.redeem(sale, "PHYSIO", at="S")
    assert all(line.usable for line in usable_here(SYSTEM, market.patient, market.world["S"], DAY))
    assign("P", MAY_REDEEM, False, "enforced")
    assign_reason = "set by test at Harbor Health"
    refusal = refused(market.redeem, sale, "PHYSIO", at="S")
    assert refusal.code == "not_redeemable_here"
    assert assign_reason in refusal.message
    assert "An administrator of North Clinic can ask for a waiver in its settings" in refusal.message
    lines = [line for line in usable_here(SYSTEM, market.patient, market.world["S"], DAY) if line.left]
    assert {(line.code, line.reason) for line in lines} == {("not_redeemable_here", refusal.message)}


@pytest.mark.setting("billing.may_charge")
def test_an_organization_that_charges_nothing_still_sells(market, assign):
    do_charge(market)
    assign("S", MAY_CHARGE, False)
    refusal = refused(do_charge, market)
    assert refusal.code == "not_sellable_here"
    assert "billing.may_charge" in refusal.message
    market.sell(at="S")


@pytest.mark.setting("billing.sell_to_registered_only")
def test_a_patient_is_registered_before_the_sale_where_it_is_asked_for(market, assign):
    market.sell(at="S")
    assert is_registered_at(market.patient.pk, market.world["S"].pk)
    assign("P", SELL_TO_REGISTERED_ONLY, True)
    for act in (market.sell, lambda at: do_charge(market, at)):
        refusal = refused(act, at="T")
        assert (refusal.code, refusal.field) == ("not_permitted", "patient")
        assert refusal.message.startswith("Asha Rao isn't registered at South Clinic. Register")
    assert not is_registered_at(market.patient.pk, market.world["T"].pk)
    market.sell(at="S")


@pytest.mark.setting("billing.payment_methods")
def test_only_the_ways_to_pay_that_an_organization_takes(market, assign):
    by_cheque = [Payment("cheque", usd("900.00"))]
    market.sell(at="S", payments=by_cheque)
    do_charge(market, method="cheque")
    assign("S", PAYMENT_METHODS_TAKEN, ["cash", "card"])
    refusal = refused(market.sell, at="S", payments=by_cheque)
    assert (refusal.code, refusal.field) == ("not_permitted", "payments")
    assert "takes no payment by cheque" in refusal.message
    assert "is cash, card, set by" in refusal.message
    assert refused(do_charge, market, method="cheque").field == "method"
    assert "choose one of Cash, Card." in refused(do_charge, market, method="barter").message
    market.sell(at="S", payments=[Payment("card", usd("400.00")), Payment("cash", usd("500.00"))])
    market.sell(at="T", payments=by_cheque)


@pytest.mark.setting("billing.backdating_days")
def test_nothing_is_entered_for_a_day_too_long_ago(market, assign):
    sale = market.sell(on=days_ago(30))
    mistakes = [market.redeem(sale, "PHYSIO", on=days_ago(10)) for _ in range(2)]
    do_void(mistakes[0], on=days_ago(4))
    assign("P", BACKDATING_DAYS, 3)
    too_early = days_ago(4)
    for act in (
        lambda on: market.sell(on=on),
        lambda on: market.redeem(sale, "PHYSIO", on=on),
        lambda on: do_charge(market, "P", on=on),
        lambda on: do_refund(market, sale, {"LAB": 1}, on=on),
        lambda on: do_void(mistakes[1], on=on),
    ):
        refusal = refused(act, on=too_early)
        assert (refusal.code, refusal.field) == ("not_permitted", "on")
        assert refusal.message.startswith(f"{locale.day(too_early)} is 4 days back. Choose a later day.")
        assert "(billing.backdating_days) is 3 days, set by" in refusal.message
        act(on=days_ago(3))
    assign("P", BACKDATING_DAYS, 0)
    assert "is today only" in refused(market.sell, on=days_ago(1)).message
    market.sell(on=days_ago(0))
    market.sell(on=None)


@pytest.mark.setting("billing.most_units_at_once")
def test_a_redemption_takes_so_many_units_at_most(market, assign):
    sale = market.sell()
    market.redeem(sale, "PHYSIO", 3)
    assign("P", MOST_UNITS_AT_ONCE, 1)
    refusal = refused(market.redeem, sale, "PHYSIO", 2)
    assert (refusal.code, refusal.field) == ("not_permitted", "quantity")
    assert refusal.message.startswith("2 units are too many for one redemption; redeem at most 1. ")
    market.redeem(sale, "PHYSIO", 1)


class TestValidity:
    def offer(self, market, **changes) -> Offer:
        parts = [Part(market.services["LAB"], 2, usd("250.00"))]
        return replace(Offer("Two labs", usd("400.00"), parts, 90), **changes)

    @pytest.mark.setting("billing.longest_validity_days")
    def test_a_package_is_valid_no_longer_than_its_holder_allows(self, market, assign):
        root, holder = market.world["P"], market.world["S"]
        endless = create_package(
            SYSTEM, root, code="A", offer=self.offer(market, valid_days=None, holder=holder)
        )
        assign("S", LONGEST_VALIDITY_DAYS, 365)
        for days, said in ((None, "without end"), (366, "for 366 days")):
            offer = self.offer(market, valid_days=days, holder=holder)
            refusal = refused(create_package, SYSTEM, root, code="B", offer=offer)
            assert (refusal.code, refusal.field) == ("not_permitted", "valid_days")
            assert refusal.message.startswith(f"A package can't be valid {said}; make it at most 365 days. ")
            assert (
                refused(edit_package, SYSTEM, endless, offer=offer, version=endless.version).field
                == "valid_days"
            )
        create_package(SYSTEM, root, code="C", offer=self.offer(market, valid_days=365, holder=holder))
        create_package(SYSTEM, root, code="D", offer=self.offer(market, valid_days=None))

    def test_without_a_holder_the_parent_organization_decides(self, market, assign):
        assign("P", LONGEST_VALIDITY_DAYS, 30)
        refusal = refused(create_package, SYSTEM, market.world["P"], code="B", offer=self.offer(market))
        assert "(billing.longest_validity_days) is 30 days" in refusal.message

    def test_a_package_from_before_comes_back_on_sale_only_when_it_fits(self, market, assign):
        package = withdraw_package(
            SYSTEM, market.packages["CHECKUP"], version=market.packages["CHECKUP"].version
        )
        assign("P", LONGEST_VALIDITY_DAYS, 30)
        assert "for 365 days" in refused(put_on_sale, SYSTEM, package, version=package.version).message


@pytest.mark.setting("billing.expiry_notice_days")
def test_what_expires_soon_is_marked(market, assign):
    market.sell()
    last = market.sell().entitlement.expires_on

    def notices(days_before: int) -> set[str]:
        day = last - timedelta(days=days_before)
        return {line.notice for line in usable_here(SYSTEM, market.patient, market.world["S"], day)}

    assert [notices(days) for days in (31, 30, 1, 0)] == [
        *({""}, {"expires in 30 days"}, {"expires tomorrow"}, {"expires today"})
    ]
    assign("S", EXPIRY_NOTICE_DAYS, 60)
    assert notices(60) == {"expires in 60 days"}
    assign("S", EXPIRY_NOTICE_DAYS, 0)
    assert notices(1) == {""}


def test_what_has_expired_or_never_does_is_not_marked():
    assert expiry_notice(None, DAY, 30) == ""
    assert expiry_notice(DAY - timedelta(days=1), DAY, 30) == ""


class TestRefunds:
    @pytest.mark.setting("billing.refund_window_days")
    def test_a_refund_comes_in_time(self, market, assign):
        sale = market.sell()
        do_refund(market, sale, {"PHYSIO": 1}, on=DAY + timedelta(days=15))
        assign("P", REFUND_WINDOW_DAYS, 14, "enforced")
        for at in ("P", "S"):
            refusal = refused(do_refund, market, sale, {"PHYSIO": 1}, at=at, on=DAY + timedelta(days=15))
            assert (refusal.code, refusal.field) == ("not_permitted", "on")
            assert refusal.message.startswith(
                "This was sold 15 days before, on 10 Jan 2026; that is too long ago"
            )
            assert "(billing.refund_window_days) is 14 days, set by" in refusal.message
        do_refund(market, sale, {"PHYSIO": 1}, on=DAY + timedelta(days=14))

    @pytest.mark.setting("billing.refund_approval_above")
    def test_a_large_refund_needs_approval(self, market, assign):
        local = market.world.actor("local_admin")
        sale = market.sell("COURSE", at="S")
        do_refund(market, market.sell("COURSE", at="S"), at="S", actor=local)
        assign("P", REFUND_APPROVAL_ABOVE, "200.00", "enforced")
        refusal = refused(do_refund, market, sale, {"PHYSIO": 3}, at="S", actor=local)
        assert refusal.code == "approval_required"
        assert refusal.message.startswith(
            "A refund of USD 300.00 needs somebody who may approve refunds at North"
        )
        assert "(billing.refund_approval_above) is 200.00, set by" in refusal.message
        do_refund(market, sale, {"PHYSIO": 3}, at="S", actor=market.world.actor("finance"))

    def test_parts_of_one_entitlement_count_together_and_voided_ones_do_not(self, market, assign):
        local = market.world.actor("local_admin")
        assign("P", REFUND_APPROVAL_ABOVE, "200.00")
        sale = market.sell("COURSE", at="S")
        first = do_refund(market, sale, {"PHYSIO": 1}, at="S", actor=local)
        do_refund(market, sale, {"PHYSIO": 1}, at="S", actor=local)
        refusal = refused(do_refund, market, sale, {"PHYSIO": 1}, at="S", actor=local)
        assert "A refund of USD 100.00, with USD 200.00 before it, needs" in refusal.message
        do_void(first)
        do_refund(market, sale, {"PHYSIO": 1}, at="S", actor=local)

    @pytest.mark.setting("billing.refund_elsewhere")
    def test_a_holder_may_keep_its_refunds_to_itself(self, market, assign):
        sale = market.sell()
        do_refund(market, sale, {"PHYSIO": 1}, at="S")
        assign("P", REFUND_ELSEWHERE, False, "local")
        refusal = refused(do_refund, market, sale, {"PHYSIO": 1}, at="S")
        assert (refusal.code, refusal.field) == ("not_permitted", "organization")
        assert refusal.message.startswith("Harbor Health owes this care and pays its refunds out itself.")
        do_refund(market, sale, {"PHYSIO": 1}, at="P")


class TestVoids:
    @pytest.mark.setting("billing.void_window_days")
    def test_a_void_comes_in_time(self, market, assign):
        sale = market.sell()
        first, second, third = (market.redeem(sale, "PHYSIO", at="S") for _ in range(3))
        do_void(first, on=DAY + timedelta(days=8))
        assign("S", VOID_WINDOW_DAYS, 7)
        refusal = refused(do_void, second, on=DAY + timedelta(days=8))
        assert (refusal.code, refusal.field) == ("not_permitted", "on")
        assert refusal.message.startswith(
            "This took place 8 days before, on 10 Jan 2026; that is too long ago"
        )
        do_void(third, on=DAY + timedelta(days=7))

    @pytest.mark.setting("billing.void_own")
    def test_somebody_else_voids_what_one_posted(self, market, assign):
        world = market.world
        new = NewMembership(role="front_desk", starts_on=date(2020, 1, 1))
        grant_membership(SYSTEM, world["S"], user=world.users["local_admin"], new=new)
        local = world.actor("local_admin")
        sale = market.sell(at="S")
        first, second = (market.redeem(sale, "PHYSIO", at="S", actor=local) for _ in range(2))
        do_void(first, actor=local)
        assign("P", VOID_OWN, False)
        refusal = refused(do_void, second, actor=local)
        assert refusal.code == "not_permitted"
        assert refusal.message.startswith("You posted this yourself; somebody else has to void it. ")
        do_void(second, actor=world.actor("finance"))


class TestLookUp:
    @pytest.mark.setting("privacy.counter_lookup")
    def test_the_counter_finds_strangers_only_where_it_may(self, market, assign):
        desk, here = market.world.actor("desk"), market.world["S"]
        sale = market.sell()
        code = market.entitlement(sale).code
        (found,) = find_at_counter(desk, here, code=code)
        assign("P", COUNTER_LOOKUP, False)
        assert find_at_counter(desk, here, code=code) == []
        refusal = refused(
            market.redeem, sale, "LAB", at="S", actor=desk, looked_up=found.looked_up, on=None
        )  # fmt: skip
        assert "don't see this patient" in refusal.message

    def test_whom_the_organization_knows_is_found_all_the_same(self, market, assign):
        desk, here = market.world.actor("desk"), market.world["S"]
        sale = market.sell(at="S")
        assign("P", COUNTER_LOOKUP, False)
        (found,) = find_at_counter(desk, here, code=market.entitlement(sale).code)
        market.redeem(sale, "LAB", at="S", actor=desk, looked_up=found.looked_up, on=None)


@pytest.mark.setting("billing.rule_examples_required")
def test_a_rule_without_examples_is_not_activated_where_they_are_asked_for(market, assign):
    share = Share("servicing", percent=Fraction(50), basis=Basis.ALLOCATED_PRICE)
    terms = Terms(Event.REDEMPTION, Conditions(servicing="T"), Outcome(transfer=share))
    assign("P", RULE_EXAMPLES_REQUIRED, True)
    draft = draft_rule(SYSTEM, market.world["P"], code="north-50", terms=terms)
    refusal = refused(activate_rule, SYSTEM, draft, seen=draft.version)
    assert (refusal.code, refusal.message.partition(".")[0]) == (
        "not_permitted",
        "north-50 carries no worked example",
    )
    assign("P", RULE_EXAMPLES_REQUIRED, False)
    assert activate_rule(SYSTEM, draft, seen=draft.version).status == "active"


@pytest.mark.setting("billing.percentages_to_performers_only")
def test_a_percentage_goes_only_to_who_performs_where_that_is_asked_for(market, assign):
    def draft(code: str, share: Share, currency: str | None = None):
        when = Conditions(servicing="T", service=code)
        terms = Terms(Event.REDEMPTION, when, Outcome(shares=(share,), currency=currency))
        return draft_rule(SYSTEM, market.world["P"], code=f"{code}-share", terms=terms)

    assign("P", RULE_PERCENT_PERFORMED_ONLY, True)
    elsewhere = Share("Q", percent=Fraction(5), basis=Basis.ALLOCATED_PRICE, legal_basis="patients sent")
    waiting = draft("LAB", elsewhere)
    refusal = refused(activate_rule, SYSTEM, waiting, seen=waiting.version)
    assert refusal.code == "referral_share"
    assert refusal.message.startswith("Q doesn't perform the service")
    for code, share, currency in (
        ("CONSULT", replace(elsewhere, party="T"), None),
        ("PHYSIO", Share("Q", fixed_minor=500, legal_basis="room lent"), "USD"),
    ):
        fine = draft(code, share, currency)
        assert activate_rule(SYSTEM, fine, seen=fine.version).status == "active"
    assign("P", RULE_PERCENT_PERFORMED_ONLY, False)
    assert activate_rule(SYSTEM, waiting, seen=waiting.version).status == "active"
