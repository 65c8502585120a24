"""Redeeming: postings after the reference, refusals in order, who may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import AccessEvent, AuditEvent
from core.errors import Refused
from ledger.actions.period import close_period
from ledger.actions.rule import end_rule
from ledger.models import LedgerEvent, RuleVersion
from ledger.queries.counter import find_at_counter
from ledger.rules.lines import Kind
from ledger.rules.terms import Conditions, Outcome, Presentation
from orgs.actions.organization import suspend_organization
from patients.actions.details import Details
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from patients.queries.patient import is_registered_at
from tests.ledger.market import DAY, PERCENT_70, SYSTEM, new_key


def test_at_a_sub_the_parent_pays_its_share(market):
    event = market.redeem(market.sell(), "CONSULT", at="S")
    assert market.balance("P", "service_revenue") == "-300.00"
    assert market.balance("P", "intercompany_cost", "S") == "240.00"
    assert market.balance("P", "due_to", "S") == "-240.00"
    assert market.balance("S", "due_from", "P") == "240.00"
    assert market.balance("S", "intercompany_revenue", "P") == "-240.00"
    assert event.rule_version.rule.code == "sub-80"


def test_at_a_partner_it_is_a_real_cost(market):
    market.redeem(market.sell(), "PHYSIO", 2, at="Q")
    assert market.balance("P", "partner_share_cost", "Q") == "115.50"
    assert market.balance("Q", "service_revenue", "P") == "-115.50"


def test_as_agent_the_holder_keeps_a_commission(market):
    version = RuleVersion.objects.get(rule__code="partner-70")
    end_rule(SYSTEM, version, last_on=date(2025, 12, 31), seen=version.version)
    outcome = Outcome(shares=(PERCENT_70,), presentation=Presentation.AGENT)
    market.add_rule("agent", when=Conditions(servicing="Q"), outcome=outcome, starts_on=date(2026, 1, 1))
    market.redeem(market.sell(), "PHYSIO", 2, at="Q")
    assert market.balance("P", "commission_revenue", "Q") == "-49.50"
    assert market.balance("Q", "service_revenue") == "-165.00"
    assert market.balance("Q", "partner_commission_cost", "P") == "49.50"


def test_at_the_holder_no_rule_is_needed(market):
    event = market.redeem(market.sell(), "LAB")
    assert event.rule_version is None
    assert market.balance("P", "contract_liability") == "-712.50"


def test_units_use_up_the_allocated_price_exactly(market):
    market.add_package("ODD", "1.00", {"PHYSIO": (3, "1.00")})
    sale = market.sell("ODD")
    steps = []
    for _ in range(3):
        market.redeem(sale, "PHYSIO")
        steps.append(market.line(sale, "PHYSIO").open_minor)
    assert steps == [67, 33, 0]
    assert market.balance("P", "contract_liability") == "0.00"


def refused(market, *request, **kwargs) -> Refused:
    before = LedgerEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        market.redeem(*request, **kwargs)
    assert LedgerEvent.objects.count() == before
    return refusal.value


class TestRefusals:
    def test_third_party(self, market):
        refusal = refused(market, market.sell(), "LAB", at="X")
        assert refusal.code == "not_redeemable_here"
        assert "third party" in refusal.message

    def test_suspended(self, market):
        sale, clinic = market.sell(), market.world["S"]
        suspend_organization(SYSTEM, clinic, reason="audit", version=clinic.version)
        assert refused(market, sale, "LAB", at="S").code == "not_redeemable_here"

    def test_not_among_the_redeemers(self, market):
        market.add_package("HERE", "10.00", {"LAB": (1, "1.00")}, redeemers=[market.world["P"]])
        sale = market.sell("HERE")
        assert refused(market, sale, "LAB", at="S").code == "not_redeemable_here"
        market.redeem(sale, "LAB")

    def test_the_last_day_and_the_day_after(self, market):
        market.add_package("MONTH", "10.00", {"LAB": (2, "1.00")}, valid_days=30)
        sale = market.sell("MONTH")
        market.redeem(sale, "LAB", on=date(2026, 2, 8))
        assert refused(market, sale, "LAB", on=date(2026, 2, 9)).code == "entitlement_expired"

    def test_without_end(self, market):
        market.add_package("EVER", "10.00", {"LAB": (1, "1.00")}, valid_days=None)
        market.redeem(market.sell("EVER"), "LAB", on=date(2090, 1, 1))

    def test_before_the_sale(self, market):
        assert refused(market, market.sell(), "LAB", on=date(2026, 1, 9)).code == "not_permitted"

    def test_more_than_is_left(self, market):
        sale = market.sell()
        market.redeem(sale, "PHYSIO", 3)
        refusal = refused(market, sale, "PHYSIO", 3)
        assert refusal.code == "entitlement_exhausted"
        assert "2 of 5 are left" in refusal.message
        assert refused(market, sale, "PHYSIO", 0).code == "not_permitted"
        assert market.left(sale, "PHYSIO") == 2

    def test_no_rule_names_what_is_missing(self, market):
        version = RuleVersion.objects.get(rule__code="partner-70")
        end_rule(SYSTEM, version, last_on=date(2025, 12, 31), seen=version.version)
        refusal = refused(market, market.sell(), "PHYSIO", at="Q")
        assert refusal.code == "no_rule"
        for word in ("10 Jan 2026", "Q", "PHYSIO", "CHECKUP", "P, who holds the contract"):
            assert word in refusal.message

    def test_the_deeper_place_answers(self, market):
        market.add_rule(
            "under-Q",
            when=Conditions(servicing_under="Q", servicing_kind=Kind.SUB),
            outcome=Outcome(shares=(PERCENT_70,)),
        )
        event = market.redeem(market.sell(), "PHYSIO", at="R")
        assert event.rule_version.rule.code == "under-Q"

    def test_closed_books_of_any_organization(self, market):
        sale = market.sell()
        close_period(SYSTEM, market.world["S"], month=DAY)
        assert refused(market, sale, "CONSULT", at="S").code == "period_closed"
        market.redeem(sale, "CONSULT", at="T")
        close_period(SYSTEM, market.world["P"], month=DAY, below=False)
        assert refused(market, sale, "LAB", at="T").code == "period_closed"

    def test_the_order(self, market):
        sale = market.sell()
        close_period(SYSTEM, market.world["P"], month=date(2027, 12, 1))
        late = {"on": date(2027, 12, 1)}
        assert refused(market, sale, "LAB", 9, at="X", **late).code == "not_redeemable_here"
        assert refused(market, sale, "LAB", 9, at="S", **late).code == "entitlement_expired"
        assert refused(market, sale, "LAB", 9, at="S").code == "entitlement_exhausted"
        assert refused(market, sale, "LAB", 1, at="S").code == "period_closed"


class TestRepeating:
    def test_the_same_request_returns_the_first_event(self, market):
        sale = market.sell()
        first = market.redeem(sale, "CONSULT", at="S", key="twice")
        second = market.redeem(sale, "CONSULT", at="S", key="twice")
        assert first.pk == second.pk
        assert market.left(sale, "CONSULT") == 0
        assert AuditEvent.objects.filter(verb="entitlement.redeemed").count() == 1

    def test_another_request_is_refused_before_anything_else(self, market):
        sale = market.sell()
        market.redeem(sale, "CONSULT", at="S", key="twice")
        assert refused(market, sale, "CONSULT", 7, at="X", key="twice").code == "idempotency_conflict"

    def test_the_key_of_a_sale_is_taken(self, market):
        sale = market.sell(key="one")
        assert refused(market, sale, "CONSULT", key="one").code == "idempotency_conflict"


class TestWhoMay:
    def test_a_counter_sees_its_own_patients(self, market):
        sale = market.sell()
        market.redeem(sale, "LAB", actor=market.world.actor("parent_desk"))
        refusal = refused(market, sale, "PHYSIO", at="S", actor=market.world.actor("desk"))
        assert refusal.code == "not_permitted"
        assert "don't see this patient" in refusal.message

    def test_a_look_up_at_the_counter_is_enough_and_registers(self, market):
        sale, desk, here = market.sell(), market.world.actor("desk"), market.world["S"]
        code = market.entitlement(sale).code
        (found,) = find_at_counter(desk, here, code=code)
        market.redeem(sale, "PHYSIO", at="S", actor=desk, looked_up=found.looked_up, on=None)
        assert is_registered_at(market.patient.pk, here.pk)
        market.redeem(sale, "PHYSIO", at="S", actor=desk)

    def test_a_look_up_is_bound_to_actor_place_and_entitlement(self, market):
        sale, other = market.sell(), market.sell()
        code = market.entitlement(sale).code
        (found,) = find_at_counter(market.world.actor("desk"), market.world["S"], code=code)
        for at, persona, of in (("T", "sibling", sale), ("S", "desk", other)):
            refusal = refused(
                market, of, "LAB", at=at, actor=market.world.actor(persona), looked_up=found.looked_up
            )
            assert refusal.code == "not_permitted"

    def test_permission(self, market):
        sale = market.sell()
        for persona in ("finance", "auditor", "clinician", "desk"):
            with pytest.raises(PermissionDenied):
                market.redeem(sale, "LAB", actor=market.world.actor(persona), key=new_key())


class TestCounter:
    def found(self, market, **by):
        return find_at_counter(market.world.actor("desk"), market.world["S"], **by)

    def test_name_birth_date_and_remaining_units_only(self, market):
        sale = market.sell()
        market.redeem(sale, "CONSULT")
        (found,) = self.found(market, code=market.entitlement(sale).code.lower().replace("-", " "))
        assert (found.name, found.birth_date) == ("Asha Rao", date(1990, 5, 4))
        assert [(unit.service, unit.left) for unit in found.units] == [("Lab", "1"), ("Physio", "5")]
        assert not hasattr(found, "patient_id")

    def test_by_exact_identifier_and_birth_date(self, market):
        details = Details(given_name="Ravi", family_name="Iyer", birth_date=date(1985, 2, 3))
        identifiers = [NewIdentifier("passport", "Z 123-456")]
        ravi = register_patient(SYSTEM, market.world["P"], details=details, identifiers=identifiers)
        sale = market.sell("COURSE", patient=ravi)
        (found,) = self.found(market, identifier="z123456", birth_date=date(1985, 2, 3))
        assert found.entitlement_id == sale.entitlement_id
        assert self.found(market, identifier="z123456", birth_date=date(1985, 2, 4)) == []
        assert self.found(market, identifier="z12345", birth_date=date(1985, 2, 3)) == []

    def test_every_look_up_is_logged(self, market):
        code = market.entitlement(market.sell()).code
        self.found(market, code=code)
        self.found(market, code="2222-2222-2222")
        newest, older = AccessEvent.objects.filter(kind="lookup").order_by("-pk")[:2]
        assert (older.patient_ids, newest.patient_ids) == ([market.patient.pk], [])
        assert older.organization_id == market.world["S"].pk
        assert older.actor_label == "Nora North"

    def test_no_browsing(self, market):
        code = market.entitlement(market.sell()).code
        for typed in (code[:-1], code[:4], "", "%", code + "2"):
            assert self.found(market, code=typed) == []
        assert self.found(market, identifier="A-1") == []
        assert self.found(market, birth_date=date(1990, 5, 4)) == []

    def test_only_what_is_live_here(self, market):
        market.add_package("HERE", "10.00", {"LAB": (1, "1.00")}, redeemers=[market.world["P"]])
        assert self.found(market, code=market.entitlement(market.sell("HERE")).code) == []
        market.add_package("SHORT", "10.00", {"LAB": (1, "1.00")}, valid_days=1)
        assert self.found(market, code=market.entitlement(market.sell("SHORT")).code) == []

    def test_permission(self, market):
        with pytest.raises(PermissionDenied):
            find_at_counter(market.world.actor("clinician"), market.world["S"], code="2222-2222-2222")


@pytest.mark.parametrize(
    ("sold", "valid_days", "last"),
    [
        (date(2028, 2, 29), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 365, date(2029, 2, 27)),
        (date(2028, 2, 29), 366, date(2029, 2, 28)),
        (date(2027, 3, 1), 366, date(2028, 2, 29)),
    ],
)
def test_validity_is_counted_in_days_over_a_leap_day_too(market, sold, valid_days, last):
    market.add_package("LEAP", "250.00", {"LAB": (2, "250.00")}, valid_days=valid_days)
    sale = market.sell("LEAP", on=sold)
    assert market.entitlement(sale).expires_on == last
    market.redeem(sale, "LAB", on=last)
    assert refused(market, sale, "LAB", on=last + timedelta(days=1)).code == "entitlement_expired"
