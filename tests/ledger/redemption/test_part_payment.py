"""A part of a price by credit, the rest by the patient: one entry, to the cent, whoever holds the credit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import permissions
from core.actors import UserActor
from core.errors import Refused
from core.money import Money
from ledger.actions.catalog import retire_service
from ledger.actions.charge import charge
from ledger.actions.redemption import Rest, redeem
from ledger.actions.refund import refund
from ledger.actions.sale import Payment
from ledger.actions.void import void
from ledger.models import EntitlementLine, JournalLine, LedgerEvent, TaxLine
from ledger.permissions import CHARGE_CREATE
from ledger.queries.backtest import posted_sums, sums_of
from ledger.queries.explain import explain
from ledger.queries.replay import replay
from ledger.queries.tax_summary import tax_of_entitlement
from ledger.queries.verify import verify_ledger
from ledger.queries.whatif import WhatIf, concerned, give, read_deals
from ledger.rules.modules import CHARGES
from ledger.rules.outcome import read_outcome
from ledger.rules.settings import MAY_CHARGE, PAYMENT_METHODS_TAKEN
from ledger.rules.terms import Basis, Conditions, Event, Measure, Outcome, Per, Share, Tier, Volume
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.module import Switching, switch_modules
from orgs.actions.setting import NewValue, assign_setting
from tests.cast import make_user
from tests.ledger.explained import all_lines, assert_explained
from tests.ledger.machine.machine import undone
from tests.ledger.market import DAY, SYSTEM, new_key, usd
from tests.ledger.redemption.test_credit import buy, credit, left

CASH = Rest("cash")


def use(market, sale, service="CONSULT", quantity=1, at="P", rest=CASH, actor=SYSTEM, key=None):
    line = EntitlementLine.objects.get(entitlement=sale.entitlement_id)
    return redeem(
        actor, market.world[at], line=line, service=market.services[service], quantity=quantity, rest=rest, on=DAY,
        key=key or new_key(),
    )  # fmt: skip


def at_most(text: str, method: str = "cash", *others: Payment) -> Rest:
    return Rest(method, others, usd(text))


def refused(market, sale, **request) -> Refused:
    before = (LedgerEvent.objects.count(), left(sale))
    with pytest.raises(Refused) as refusal:
        use(market, sale, **request)
    assert (LedgerEvent.objects.count(), left(sale)) == before
    return refusal.value


def proven() -> None:
    """Everything verifies, every line is the sum of its reasons, and every event replays to what was posted."""
    assert list(verify_ledger()) == []
    assert_explained(all_lines())
    for event in LedgerEvent.objects.filter(kind__in=["sale", "redemption", "void"]):
        posted = JournalLine.objects.filter(event=event).order_by("line_no").select_related("account")
        assert [(one.organization_id, str(one.account), one.currency, one.amount_minor, one.counterparty_id)
                for one in replay(event)] == [
            (one.organization_id, one.account.code, one.currency, one.amount_minor, one.counterparty_id)
            for one in posted
        ]  # fmt: skip


@pytest.fixture
def sale(market):
    """500.00 of credit for 450.00."""
    return buy(market, credit(market, "500.00", "450.00"))


class TestPostings:
    def test_all_there_is_of_it_and_the_rest_in_cash(self, market, sale):
        event = use(market, sale, quantity=2)  # 800.00
        assert left(sale) == 0
        assert market.balance("P", "cash") == "750.00"
        assert market.balance("P", "service_revenue") == "-750.00"
        assert market.balance("P", "contract_liability") == "0.00"
        assert event.inputs["rest"]["payments"] == [{"method": "cash", "amount_minor": 30000}]
        proven()

    def test_away_from_the_holder_the_rest_is_kept_where_it_is_paid(self, market, sale):
        event = use(market, sale, at="S", rest=at_most("100.00"))
        assert left(sale) == 400_00
        assert market.balance("S", "cash") == "300.00"
        assert market.balance("S", "service_revenue") == "-300.00"
        assert market.balance("S", "intercompany_revenue", "P") == "-72.00"  # 80 % of 90.00
        assert market.balance("P", "service_revenue") == "-90.00"
        assert market.balance("P", "cash") == "450.00"
        assert explain(event).reckoned == (
            "450.00 x 100.00 of 500.00 of credit used = 90.00, less 0.00 before = 90.00",
            "1 x CONSULT at list price = 400.00, of which credit pays 100.00 and the patient 300.00",
            "Paid by cash 300.00",
        )
        proven()

    def test_the_list_price_of_a_rule_is_that_of_the_part(self, market, sale):
        share = Share(
            "servicing", percent=Fraction(50), basis=Basis.LIST_PRICE, legal_basis="services performed"
        )
        market.add_rule("half", when=Conditions(servicing="R"), outcome=Outcome(shares=(share,)))
        use(market, sale, at="R", rest=at_most("0.01"))
        use(market, sale, at="R", rest=at_most("133.33"))
        # of 0.01 and of 133.33 the odd half cent is the payer's
        assert market.balance("R", "cash") == "666.66"
        assert market.balance("P", "due_to", "R") == "-66.66"
        proven()

    def test_it_is_paid_in_two_ways(self, market, sale):
        event = use(market, sale, rest=at_most("100.00", "card", Payment("cash", usd("120.00"))))
        assert event.inputs["rest"]["payments"] == [
            {"method": "card", "amount_minor": 18000},
            {"method": "cash", "amount_minor": 12000},
        ]
        assert market.balance("P", "cash") == "750.00"

    def test_credit_that_covers_the_price_leaves_nothing_to_pay(self, market, sale):
        event = use(market, sale)
        assert "rest" not in event.inputs
        assert market.balance("P", "cash") == "450.00"
        assert left(sale) == 100_00

    def test_its_void_gives_both_back(self, market, sale):
        event = use(market, sale, quantity=2, at="S")
        void(SYSTEM, event, reason="wrong patient", on=DAY, key=new_key())
        assert left(sale) == 500_00
        assert [market.balance("S", name) for name in ("cash", "service_revenue", "due_from")] == ["0.00"] * 3
        assert market.balance("P", "contract_liability") == "-450.00"
        proven()

    def test_the_same_key_returns_the_first_though_less_credit_is_left(self, market, sale):
        first = use(market, sale, quantity=2, key="once")
        assert use(market, sale, quantity=2, key="once").pk == first.pk
        assert refused(market, sale, quantity=2, key="once", rest=Rest("card")).code == "idempotency_conflict"
        assert market.balance("P", "cash") == "750.00"


class TestTax:
    def test_each_owes_the_tax_on_its_part(self, spa):
        market = spa.market
        sale = buy(market, credit(market, "100.00", "50.00"))
        event = use(market, sale, "SPA", at="S")  # 118.00, of it 18 % tax
        assert [
            (row.organization.code, row.base_minor, row.tax_minor)
            for row in TaxLine.objects.filter(event=event).order_by("line_no")
        ] == [("P", 4237, 763), ("S", 1525, 275)]
        assert market.balance("S", "cash") == "18.00"
        assert market.balance("S", "service_revenue") == "-15.25"
        assert market.balance("P", "service_revenue") == "-42.37"
        assert [str(row.tax) for row in tax_of_entitlement(sale.entitlement)] == ["USD 7.63"]
        assert "less the tax in it = 15.25" in explain(event).reckoned
        proven()

    def test_tax_on_top_is_part_of_what_is_paid(self, spa):
        market = spa.market
        sale = buy(market, credit(market, "5.00", "5.00"))
        use(market, sale, "MASSAGE", 2)  # 200.00 and 10.00 of tax
        assert market.balance("P", "cash") == "210.00"
        assert market.balance("P", "tax_payable") == "-10.00"
        proven()


def test_abroad_the_rest_is_paid_in_the_money_there(rated):
    sale = buy(rated, credit(rated, "500.00", "450.00"))
    event = use(rated, sale, at="E", rest=at_most("100.00"))  # 300.00 USD at 1.25
    paid = JournalLine.objects.get(event=event, organization=rated.world["E"], account__code="cash")
    assert (paid.amount_minor, paid.currency) == (24000, "EUR")
    assert (
        JournalLine.objects.get(
            event=event, organization=rated.world["E"], account__code="intercompany_revenue"
        ).currency
        == "USD"
    )
    proven()
    void(SYSTEM, event, reason="wrong", on=DAY, key=new_key())
    proven()


class TestRefusals:
    def test_ways_to_pay(self, market, sale):
        assert refused(market, sale, rest=Rest("shells")).field == "method"
        assert (
            refused(market, sale, rest=at_most("1.00", "cash", Payment("given", usd("1.00")))).field
            == "second_method"
        )
        assign_setting(SYSTEM, market.world["P"], setting=PAYMENT_METHODS_TAKEN, new=NewValue(["card"]))
        assert refused(market, sale).code == "not_permitted"

    @pytest.mark.parametrize("amount", ["300.01", "-1.00", "0.00"])
    def test_amounts(self, market, sale, amount):
        rest = at_most("100.00", "cash", Payment("card", usd(amount)))
        refusal = refused(market, sale, rest=rest)
        assert (refusal.code, refusal.field) == ("not_permitted", "second_amount")
        assert "300.00 is left to pay" in refusal.message

    def test_of_the_credit(self, market, sale):
        assert refused(market, sale, rest=at_most("0.00")).field == "credit"
        assert refused(market, sale, rest=replace(CASH, credit=Money(1, "EUR"))).field == "credit"
        euros = Payment("card", Money(1, "EUR"))
        assert refused(market, sale, rest=at_most("1.00", "cash", euros)).code == "currency_mismatch"

    def test_nothing_is_left(self, market, sale):
        use(market, sale, quantity=2)
        assert refused(market, sale).code == "entitlement_exhausted"

    def test_without_a_rest_the_credit_pays_it_all(self, market, sale):
        assert "how the rest is paid" in refused(market, sale, quantity=2, rest=None).message

    def test_units_are_no_credit(self, market):
        line = market.line(market.sell(), "LAB")
        with pytest.raises(Refused, match="by the unit") as refusal:
            redeem(SYSTEM, market.world["P"], line=line, rest=CASH, on=DAY, key=new_key())
        assert refusal.value.code == "not_permitted"

    def test_a_rule_of_charges_has_a_say(self, market, sale):
        share = Share("P", percent=Fraction(10), basis=Basis.LIST_PRICE, legal_basis="management")
        market.add_rule("fee", Event.CHARGE, Conditions(service="CONSULT"), outcome=Outcome(shares=(share,)))
        refusal = refused(market, sale, at="S", rest=at_most("1.00"))
        assert refusal.code == "not_permitted"
        assert "fee" in refusal.message
        use(market, sale, at="S")  # 500.00 of credit pay the whole

    @pytest.mark.parametrize(
        "outcome",
        [
            Outcome(transfer=Share("servicing", fixed_minor=100), currency="USD"),
            Outcome(
                transfer=Share("servicing", percent=Fraction(5), basis=Basis.LIST_PRICE, at_most_minor=9),
                currency="USD",
            ),
            Outcome(
                transfer=Share(
                    "servicing", basis=Basis.LIST_PRICE, tiers=(Tier(Fraction(5), up_to=9), Tier(Fraction(6)))
                ),
                volume=Volume(Measure.UNITS, Per.MONTH),
            ),
        ],
        ids=["fixed", "limits", "units"],
    )
    def test_what_is_paid_by_the_unit_is_not_divided(self, market, sale, outcome):
        market.add_rule("unit", when=Conditions(servicing="S", service="CONSULT"), outcome=outcome)
        refusal = refused(market, sale, at="S", rest=at_most("399.99"))
        assert (refusal.code, "unit" in refusal.message) == ("not_permitted", True)
        use(market, sale, at="S")

    def test_where_nothing_is_charged(self, market, sale):
        assign_setting(SYSTEM, market.world["P"], setting=MAY_CHARGE, new=NewValue(False))
        assert refused(market, sale, quantity=2).code == "not_sellable_here"
        use(market, sale)

    def test_where_single_services_are_off(self, market, sale):
        switch_modules(SYSTEM, Switching((CHARGES,), False, "not here"), organizations=[market.world["P"]])
        assert refused(market, sale, quantity=2).code == "module_off"

    def test_a_retired_service(self, market, sale):
        retire_service(SYSTEM, market.services["CONSULT"], version=market.services["CONSULT"].version)
        market.services["CONSULT"].refresh_from_db()
        assert refused(market, sale, quantity=2).code == "not_sellable_here"


def test_who_may_take_the_rest(market, sale):
    with pytest.raises(PermissionDenied):
        use(market, sale, actor=market.world.actor("finance"))
    assert use(market, sale, quantity=2, actor=market.world.actor("parent_desk")).pk


def test_who_redeems_and_may_not_charge_takes_no_rest(market, sale, monkeypatch):
    """Where the counter's role no longer charges."""
    declared = permissions._registry[CHARGE_CREATE]
    monkeypatch.setitem(permissions._registry, CHARGE_CREATE, replace(declared, roles=frozenset()))
    user = make_user("Rhea Redeems", "rhea@harbor.example")
    desk = NewMembership(role="front_desk", starts_on=date(2020, 1, 1))
    grant_membership(SYSTEM, market.world["P"], user=user, new=desk)
    actor = UserActor.of(user.pk, user.name)
    with pytest.raises(PermissionDenied):
        use(market, sale, quantity=2, actor=actor)
    assert use(market, sale, rest=None, actor=actor).pk


def test_a_backtest_gives_what_was_posted(market, sale):
    """The same rule as a draft answers for the part alone, beside what the patient paid."""
    event = use(market, sale, at="S", rest=at_most("100.00"))
    draft = event.rule_version
    priced = read_deals([event])[event.pk]
    what_if = WhatIf(draft, DAY, lambda key: 0)
    what_if.know(concerned(priced))
    assert sums_of(give(what_if, event, priced).lines) == posted_sums([event.pk])[event.pk]
    outcome = {"transfer": {"percent": "50", "basis": "list_price"}}
    draft.outcome = outcome
    assert read_outcome(outcome, "USD").is_divisible
    what_if = WhatIf(draft, DAY, lambda key: 0)
    what_if.know(concerned(priced))
    after = sums_of(give(what_if, event, priced).lines)
    assert after[f"{market.world['P'].pk}:due_to:USD"] == -5000
    assert after[f"{market.world['S'].pk}:cash:USD"] == 30000


def test_a_rest_is_what_the_same_charge_would_be(spa):
    """Of no credit but a cent, the patient pays what a charge would cost, less the cent."""
    market = spa.market
    sale = buy(market, credit(market, "0.01", "0.01"))
    use(market, sale, "SPA", 3)
    before = JournalLine.objects.latest("event_id").event
    charged = charge(
        SYSTEM, market.world["P"], patient=market.patient, service=market.services["SPA"], quantity=3, on=DAY,
        key=new_key(),
    )  # fmt: skip
    rest, tax = before.inputs["rest"], charged.inputs["tax"][0]["tax_minor"]
    assert rest["paid_minor"] == charged.inputs["price_minor"] - 1
    assert abs(rest["paid_minor"] - rest["net_minor"] - tax) <= 1


USES = st.lists(
    st.tuples(
        st.sampled_from(["SPA", "MASSAGE", "CONSULT"]),
        st.integers(1, 3),
        st.sampled_from("PST"),
        st.one_of(st.none(), st.integers(1, 60_000)),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.integers(1, 100_000), price=st.integers(1, 100_000), uses=USES)
def test_nothing_is_lost_between_credit_and_rest(spa, amount, price, uses):
    """Credit of any worth, used in any parts anywhere, some voided, the rest refunded: what is recognized, open and
    paid adds up."""
    market = spa.market
    with undone():
        sale = buy(market, credit(market, usd_text(amount), usd_text(price)))
        cash, used = 0, 0
        for service, quantity, at, most, voided in uses:
            line = EntitlementLine.objects.get(entitlement=sale.entitlement_id)
            if not line.left_units:
                break
            event = use(
                market, sale, service, quantity, at, replace(CASH, credit=most and Money(most, "USD"))
            )
            whole = {"SPA": 11_800, "MASSAGE": 10_500, "CONSULT": 40_000}[service] * quantity
            taken = min(whole, line.left_units, most or whole)
            assert left(sale) == line.left_units - taken
            assert event.inputs["recognized_minor"] == exact(price, amount, used + taken) - exact(
                price, amount, used
            )
            if voided:
                void(SYSTEM, event, reason="wrong", on=DAY, key=new_key())
            else:
                used, cash = used + taken, cash + whole - taken
        assert sum(usd(market.balance(at, "cash")).minor for at in "PST") == cash + price
        assert usd(market.balance("P", "contract_liability")).minor == exact(price, amount, used) - price
        if left(sale):
            refund(
                SYSTEM, market.world["P"], entitlement=sale.entitlement, reason="moved", on=DAY, key=new_key()
            )
        in_cash = sum(usd(market.balance(at, "cash")).minor for at in "PST")
        assert in_cash == cash + exact(price, amount, used)
        assert market.balance("P", "contract_liability") == "0.00"
        proven()


def usd_text(minor: int) -> str:
    return Money(minor, "USD").decimal()


def exact(price: int, amount: int, used: int) -> int:
    """What so much of the credit is worth, half away from zero."""
    whole, rest = divmod(price * used, amount)
    return whole + (2 * rest >= amount)
