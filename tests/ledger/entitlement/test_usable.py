"""What can this patient use here, and who sees which entitlements."""

from __future__ import annotations

from datetime import date

from core.registries import archive_blockers
from ledger.actions.refund import refund
from ledger.actions.rule import end_rule
from ledger.actions.void import void
from ledger.models import RuleVersion
from ledger.queries.entitlement import entitlements_for, history_of
from ledger.queries.usable import WillPay, usable_here
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def usable(market, at="P", on=DAY, actor=SYSTEM):
    return usable_here(actor, market.patient, market.world[at], on)


def test_what_is_left_until_when_and_who_pays_whom(market):
    market.redeem(market.sell(), "PHYSIO", 2)
    lines = {each.line.service.code: each for each in usable(market, "S")}
    physio = lines["PHYSIO"]
    assert (physio.usable, physio.left, physio.expires_on) == (True, 3, date(2027, 1, 9))
    assert physio.value == usd("82.50")
    assert physio.will_pay == (WillPay("P", "S", usd("66.00")),)
    assert physio.sentence.startswith("When a sub redeems any service, the holder pays")
    at_home = {each.line.service.code: each for each in usable(market)}["PHYSIO"]
    assert (at_home.usable, at_home.will_pay, at_home.sentence) == (True, (), "")


def test_the_rest_says_why_not(market):
    version = RuleVersion.objects.get(rule__code="partner-70")
    end_rule(SYSTEM, version, last_on=date(2025, 12, 31), seen=version.version)
    market.add_package("HERE", "10.00", {"LAB": (1, "1.00")}, redeemers=[market.world["P"]])
    market.add_package("SHORT", "10.00", {"LAB": (1, "1.00")}, valid_days=1)
    full, used = market.sell(), market.sell("COURSE")
    market.redeem(used, "PHYSIO", 5)
    market.sell("HERE")
    market.sell("SHORT")
    void(SYSTEM, market.sell("HERE").event, reason="x", on=DAY, key=new_key())
    lines = usable(market, "Q", date(2026, 1, 11))
    assert [each.code for each in lines] == [
        *["no_rule"] * 3, "entitlement_exhausted", "not_redeemable_here", "entitlement_expired",
        "not_redeemable_here",
    ]  # fmt: skip
    assert all(each.reason for each in lines)
    assert {each.entitlement.pk for each in usable(market) if each.usable} >= {full.entitlement_id}
    assert [each.usable for each in usable(market)] == sorted(
        (each.usable for each in usable(market)), reverse=True
    )


def test_the_rules_are_read_once_however_many_lines(
    market, django_assert_num_queries, django_assert_max_num_queries
):
    market.sell()
    with django_assert_max_num_queries(12) as few:
        usable(market, "S")
    for _ in range(5):
        market.sell()
    with django_assert_num_queries(len(few.captured_queries)):
        usable(market, "S")


def test_who_sees_which(market):
    sale = market.sell(at="T")
    here = market.sell("COURSE", at="S", patient=market.register("Lena", at="S"))

    def seen(persona):
        return set(entitlements_for(market.world.actor(persona)).values_list("pk", flat=True))

    both = {sale.entitlement_id, here.entitlement_id}
    assert seen("finance") == seen("auditor") == both
    assert seen("parent_desk") == {sale.entitlement_id}
    assert seen("sibling") == {sale.entitlement_id}
    assert seen("desk") == {here.entitlement_id}
    assert seen("partner") == seen("child") == seen("privacy") == set()
    market.redeem(sale, "PHYSIO", at="Q")
    assert seen("partner") == {sale.entitlement_id}
    assert usable(market, "S", actor=market.world.actor("desk")) == []


def test_the_history_says_what_happened_where_and_by_whom(market):
    sale = market.sell(at="S")
    event = market.redeem(sale, "PHYSIO", 2, at="Q")
    void(SYSTEM, event, reason="x", on=DAY, key=new_key())
    refund(SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="x", on=DAY, key=new_key())
    history = history_of(market.entitlement(sale))
    told = [(each.event.kind, each.what, each.units, each.at, each.voided) for each in history]
    assert told[:5] == [
        ("sale", "Consult", "1", "North Clinic", False),
        ("sale", "Lab", "1", "North Clinic", False),
        ("sale", "Physio", "5", "North Clinic", False),
        ("redemption", "Physio", "−2", "Quay Partners", True),
        ("void", "Physio", "2", "Quay Partners", False),
    ]
    assert sum(each.amount.minor for each in history) == 0
    assert history[0].by == "test"


def test_open_balances_and_live_entitlements_block_archiving(market):
    ask = archive_blockers["ledger"]
    assert ask(market.world["S"]) == []
    sale = market.sell("COURSE", at="S")
    assert [blocker.text for blocker in ask(market.world["S"])] == ["1 live entitlement that it owes"]
    refund(SYSTEM, market.world["S"], entitlement=sale.entitlement, reason="x", on=DAY, key=new_key())
    assert ask(market.world["S"]) == []
    market.sell(at="S")
    assert [blocker.text for blocker in ask(market.world["S"])] == ["1 open balance with other organizations"]
