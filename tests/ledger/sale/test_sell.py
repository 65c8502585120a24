"""Selling a package: the action, its postings and its refusals."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AuditEvent
from core.errors import Refused
from core.tenancy import bound
from ledger.actions.package import withdraw_package
from ledger.actions.period import close_period
from ledger.actions.sale import Payment
from ledger.models import Entitlement, JournalLine, LedgerEvent, Sale
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from orgs.actions.organization import archive_organization, suspend_organization
from patients.queries.patient import is_registered_at
from tests.ledger.market import DAY, SYSTEM, new_key, open_market, usd
from tests.meeting import meeting


def test_a_sale_makes_an_entitlement_and_a_liability(market):
    sale = market.sell()
    assert market.balance("P", "cash") == "900.00"
    liability = JournalLine.objects.filter(event=sale.event, account__code="contract_liability")
    assert [line.amount_minor for line in liability.order_by("line_no")] == [-30000, -18750, -41250]
    entitlement = market.entitlement(sale)
    assert [
        (line.quantity, line.total_minor, line.left_units) for line in entitlement.lines.order_by("pk")
    ] == [
        (1, 30000, 1),
        (1, 18750, 1),
        (5, 41250, 5),
    ]
    assert (entitlement.starts_on, entitlement.expires_on) == (DAY, date(2027, 1, 9))
    assert len(entitlement.code) == 14


def test_another_seller_owes_the_holder(market):
    market.sell(at="S")
    assert market.balance("S", "cash") == "900.00"
    assert market.balance("S", "due_to", "P") == "-900.00"
    assert market.balance("P", "due_from", "S") == "900.00"
    assert market.balance("P", "contract_liability") == "-900.00"
    assert market.balance("S", "contract_liability") == "0.00"


def test_without_a_holder_the_seller_owes_the_care(market):
    sale = market.sell("COURSE", at="S")
    assert sale.holder_id == market.world["S"].pk
    assert market.balance("S", "contract_liability") == "-500.00"


def test_several_packages_are_allocated_once_and_a_discount_lowers_the_price(market):
    sale = market.sell(quantity=3, discount=usd("0.01"))
    assert (sale.price_minor, sale.discount_minor, sale.total_minor) == (270000, 1, 269999)
    lines = market.entitlement(sale).lines.order_by("pk")
    assert [line.quantity for line in lines] == [3, 3, 15]
    assert sum(line.total_minor for line in lines) == 269999


def test_a_free_package_is_an_event_without_an_entry(market):
    sale = market.sell(discount=usd("900.00"))
    assert sale.event.line_count == 0
    assert market.left(sale, "PHYSIO") == 5


def test_the_receipt_says_how_it_was_paid(market):
    sale = market.sell(payments=[Payment("cash", usd("100.00")), Payment("card", usd("800.00"))])
    assert sale.payments == [
        {"method": "cash", "amount_minor": 10000, "currency": "USD"},
        {"method": "card", "amount_minor": 80000, "currency": "USD"},
    ]


@pytest.mark.parametrize(
    ("payments", "message"),
    [
        ([], "sum to USD 0.00, but USD 900.00 is due"),
        ([("cash", "899.99")], "sum to USD 899.99"),
        ([("cash", "900.01")], "sum to USD 900.01"),
        ([("shells", "900.00")], "no way to pay"),
        ([("cash", "901.00"), ("card", "-1.00")], "more than zero"),
    ],
)
def test_payments_sum_to_the_price(market, payments, message):
    with pytest.raises(Refused, match=message) as refusal:
        market.sell(payments=[Payment(method, usd(amount)) for method, amount in payments])
    assert refusal.value.code == "not_permitted"
    assert refusal.value.field == "payments"
    assert not LedgerEvent.objects.exists()


def test_a_sale_rule_shares_the_price(market):
    share = Share("Q", percent=10, basis=Basis.SALE_PRICE, legal_basis="marketing services performed")
    market.add_rule("broker", Event.SALE, Conditions(package="CHECKUP"), outcome=Outcome(shares=(share,)))
    sale = market.sell(discount=usd("100.00"))
    assert market.balance("P", "partner_share_cost", "Q") == "80.00"
    assert sale.event.rule_version.rule.code == "broker"


class TestRepeating:
    def test_the_same_key_and_order_return_the_first_sale(self, market):
        first = market.sell(key="again")
        second = market.sell(key="again")
        assert first.pk == second.pk
        assert Sale.objects.count() == Entitlement.objects.count() == LedgerEvent.objects.count() == 1
        assert AuditEvent.objects.filter(verb="package.sold").count() == 1

    def test_the_same_key_for_another_order_is_refused(self, market):
        market.sell(key="again")
        with pytest.raises(Refused) as refusal:
            market.sell(key="again", quantity=2)
        assert refusal.value.code == "idempotency_conflict"

    @pytest.mark.parametrize("key", ["", "a\nb", "x" * 121])
    def test_a_key_is_short_and_printable(self, market, key):
        with pytest.raises(Refused, match="A key has"):
            market.sell(key=key)


class TestNotSellableHere:
    def refused(self, market, **order):
        with pytest.raises(Refused) as refusal:
            market.sell(**order)
        assert refusal.value.code == "not_sellable_here"
        return refusal.value.message

    def test_at_a_third_party(self, market):
        assert "third party" in self.refused(market, at="X")

    def test_where_business_is_suspended(self, market):
        clinic = market.world["S"]
        suspend_organization(SYSTEM, clinic, reason="audit", version=clinic.version)
        assert "North Clinic is suspended" in self.refused(market, at="S")

    def test_elsewhere_than_its_sellers(self, market):
        market.add_package("LOCAL", "10.00", {"LAB": (1, "10.00")}, sellers=[market.world["S"]])
        market.sell("LOCAL", at="S")
        assert "isn't sold at Harbor Health" in self.refused(market, package="LOCAL")

    def test_what_is_withdrawn(self, market):
        package = market.packages["CHECKUP"]
        withdraw_package(SYSTEM, package, version=package.version)
        assert "is withdrawn" in self.refused(market)


def test_an_amount_that_no_book_should_hold(market):
    market.add_package("SLIP", "9000000000000000.00", {"LAB": (1, "1.00")})
    with pytest.raises(Refused, match="too large") as refusal:
        market.sell("SLIP")
    assert refusal.value.code == "not_permitted"


@pytest.mark.setting("billing.discount_cap")
def test_a_discount_above_the_policy_is_refused(market, assign):
    with pytest.raises(Refused) as refusal:
        market.sell(discount=usd("900.01"))
    assert refusal.value.code == "discount_over_policy"
    assign("P", DISCOUNT_CAP, 10, "enforced")
    market.sell(discount=usd("90.00"))
    with pytest.raises(Refused, match="is too large") as refusal:
        market.sell(discount=usd("90.01"))
    assert refusal.value.code == "discount_over_policy"
    assert "(billing.discount_cap) is 10 %, set by test at Harbor Health" in refusal.value.message


def test_the_first_refusal_that_applies_wins(market):
    close_period(SYSTEM, market.world["P"], month=DAY)
    with pytest.raises(Refused) as refusal:
        market.sell(at="X", discount=usd("900.01"), quantity=0)
    assert refusal.value.code == "not_permitted"
    with pytest.raises(Refused) as refusal:
        market.sell(at="X", discount=usd("900.01"))
    assert refusal.value.code == "not_sellable_here"
    with pytest.raises(Refused) as refusal:
        market.sell(discount=usd("900.01"))
    assert refusal.value.code == "discount_over_policy"
    with pytest.raises(Refused) as refusal:
        market.sell()
    assert refusal.value.code == "period_closed"


def test_the_patient_is_known_or_seen_and_then_registered(market):
    desk = market.world.actor("desk")
    with pytest.raises(Refused, match="don't see this patient"):
        market.sell(at="S", actor=desk)
    local = market.register("Lena", at="S")
    market.sell(at="S", actor=desk, patient=local)
    market.sell(at="S")
    assert is_registered_at(market.patient.pk, market.world["S"].pk)


def test_only_who_may(market):
    for persona in ("desk", "finance", "clinician", "sibling"):
        with pytest.raises(PermissionDenied):
            market.sell(actor=market.world.actor(persona))
    assert market.sell(actor=market.world.actor("parent_desk")).pk


def test_it_is_audited(market):
    sale = market.sell(actor=market.world.actor("parent_desk"), key=new_key())
    event = AuditEvent.objects.get(verb="package.sold", subject_id=sale.pk)
    assert event.new["total"] == "USD 900.00"
    assert event.actor_label == "Paul Parent"
    assert event.organization_id == market.world["P"].pk


@pytest.mark.parametrize("package", ["COURSE", "CHECKUP"])
def test_what_is_sold_while_the_seller_is_archived_blocks_it(own_world, package):
    """CHECKUP is held by the parent: what South owes it then is open."""
    with bound(own_world.network.pk):
        market = open_market(own_world)
    _, late = meeting(own_world.network.pk, lambda: market.sell(package, at="T"), lambda: archive(own_world))
    assert isinstance(late, Refused)
    assert late.code == "blocked"


@pytest.mark.parametrize("close", [archive_organization, suspend_organization])
def test_nothing_is_sold_while_the_seller_is_closed(own_world, close):
    with bound(own_world.network.pk):
        market = open_market(own_world)
    _, late = meeting(
        own_world.network.pk, lambda: archive(own_world, close), lambda: market.sell("COURSE", at="T")
    )
    assert isinstance(late, Refused)
    assert late.code == "not_sellable_here"


def archive(world, close=archive_organization):
    return close(SYSTEM, world["T"], reason="Closed for good.", version=world["T"].version)
