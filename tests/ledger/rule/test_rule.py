"""Transactional rules: drafts, a second person, versions that take over, conflicts, explanation and replay."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from core.errors import Refused, Stale
from ledger.actions.bill import bill_vendor
from ledger.actions.breakage import run_breakage
from ledger.actions.charge import charge
from ledger.actions.expiry import expire
from ledger.actions.refund import refund
from ledger.actions.rule import Terms, activate_rule, delete_draft, draft_rule, edit_draft, end_rule
from ledger.actions.sale import Payment
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import LedgerEvent, RuleVersion
from ledger.queries.explain import explain
from ledger.queries.replay import replay
from ledger.queries.rule import rule_in, rule_versions_for
from ledger.rules.accounts import Account
from ledger.rules.lines import Kind, Line
from ledger.rules.outcome import read_outcome
from ledger.rules.terms import Basis, Conditions, Dates, Event, Outcome, PayerType, Presentation, Share
from orgs.actions.organization import edit_organization, move_organization
from tests.cast import details
from tests.ledger.market import DAY, PERCENT_70, PERCENT_80, SYSTEM, new_key, usd

T_ONLY = Conditions(servicing="T", service="LAB")


def draft(market, code="new", when=T_ONLY, outcome=Outcome(transfer=PERCENT_80), persona="finance", **terms):  # noqa: B008
    said = Terms(terms.pop("event", Event.REDEMPTION), when, outcome, **terms)
    return draft_rule(market.world.actor(persona), market.world["P"], code=code, terms=said)


def activate(market, version, persona="administrator") -> RuleVersion:
    return activate_rule(market.world.actor(persona), version, seen=version.version)


class TestDraft:
    def test_it_says_what_it_means_and_answers_for_nothing(self, market):
        version = draft(market)
        assert version.sentence == (
            "When T redeems LAB, the holder pays T 80 % of the allocated price, as principal."
        )
        market.redeem(market.sell(), "LAB", at="T")
        assert LedgerEvent.objects.get(kind="redemption").rule_version.rule.code == "sub-80"

    def test_everything_survives_storing(self, market):
        shares = (
            Share("P", percent=Fraction("33.3333"), basis=Basis.LIST_PRICE, legal_basis="rooms provided"),
            Share("Q", remainder=True, basis=Basis.LIST_PRICE, legal_basis="services performed"),
        )
        when = Conditions(
            seller_under="P", seller_kind=Kind.PARENT, servicing_under="Q", servicing_kind=Kind.SUB, category="care",
            package="CHECKUP", payer_type=PayerType.PATIENT, dates=Dates(date(2026, 1, 1), None),
        )  # fmt: skip
        outcome = Outcome(payer="parent", shares=shares)
        version = draft(market, when=when, outcome=outcome, priority=7, starts_on=date(2026, 3, 1))
        said = rule_in(RuleVersion.objects.get(pk=version.pk))
        assert (said.when, said.outcome, said.priority) == (when, outcome, 7)
        assert said.in_force == Dates(date(2026, 3, 1), None)

    @pytest.mark.parametrize(
        ("when", "outcome", "message"),
        [
            (Conditions(servicing="ZZ"), Outcome(), "no organization with the code ZZ"),
            (Conditions(service="ZZ"), Outcome(), "no service with the code ZZ"),
            (Conditions(package="ZZ"), Outcome(), "no package with the code ZZ"),
            (Conditions(), Outcome(payer="X"), "X is a third party"),
            (Conditions(), Outcome(transfer=PERCENT_80, shares=(PERCENT_70,)), "either a transfer or shares"),
        ],
    )
    def test_refusals(self, market, when, outcome, message):
        with pytest.raises(Refused, match=message) as refusal:
            draft(market, when=when, outcome=outcome)
        assert refusal.value.code == "not_permitted"

    def test_one_draft_waits_at_a_time(self, market):
        draft(market)
        with pytest.raises(Refused, match="Version 1 of new is a draft already"):
            draft(market)

    def test_editing_and_throwing_away(self, market):
        version = draft(market)
        actor = market.world.actor("administrator")
        terms = Terms(Event.REDEMPTION, T_ONLY, Outcome())
        edited = edit_draft(actor, version, terms=terms, seen=version.version)
        assert "nobody is paid" in edited.sentence
        assert edited.author_id == actor.id
        with pytest.raises(Stale):
            edit_draft(actor, version, terms=terms, seen=version.version)
        delete_draft(actor, edited, seen=edited.version)
        assert not RuleVersion.objects.filter(rule__code="new").exists()

    def test_who_may(self, market):
        for persona in ("local_admin", "auditor", "desk"):
            with pytest.raises(PermissionDenied):
                draft(market, persona=persona)


class TestActivation:
    def test_the_more_specific_rule_answers_from_then_on(self, market):
        activate(
            market,
            draft(
                market,
                outcome=Outcome(
                    transfer=Share("servicing", percent=Fraction(50), basis=Basis.ALLOCATED_PRICE)
                ),
            ),
        )
        event = market.redeem(market.sell(), "LAB", at="T")
        assert market.balance("P", "due_to", "T") == "-93.75"
        assert event.rule_version.rule.code == "new"

    def test_never_by_its_author(self, market):
        version = draft(market)
        with pytest.raises(Refused, match="Somebody else than its author") as refusal:
            activate(market, version, "finance")
        assert refusal.value.code == "not_permitted"
        assert activate(market, version).status == "active"

    def test_the_last_editor_is_the_author(self, market):
        version = draft(market)
        edited = edit_draft(
            market.world.actor("administrator"),
            version,
            terms=Terms(Event.REDEMPTION, T_ONLY, Outcome()),
            seen=1,
        )
        with pytest.raises(Refused, match="Somebody else"):
            activate(market, edited)
        assert activate(market, edited, "finance").status == "active"

    def test_a_tie_is_refused_naming_both(self, market):
        version = draft(market, code="another-sub", when=Conditions(servicing_kind=Kind.SUB))
        with pytest.raises(Refused, match="another-sub and sub-80") as refusal:
            activate(market, version)
        assert refusal.value.code == "rule_conflict"
        changed = edit_draft(
            SYSTEM, version, terms=Terms(Event.REDEMPTION, Conditions(servicing_kind=Kind.SUB), Outcome(), priority=1),
            seen=version.version,
        )  # fmt: skip
        assert activate(market, changed).status == "active"

    def test_a_share_names_its_legal_basis(self, market):
        share = Share("servicing", percent=Fraction(10), basis=Basis.ALLOCATED_PRICE)
        with pytest.raises(Refused, match="never for a referral") as refusal:
            activate(market, draft(market, outcome=Outcome(shares=(share,))))
        assert refusal.value.code == "referral_share"

    def test_a_tie_is_said_before_a_missing_legal_basis(self, market):
        share = Share("servicing", percent=Fraction(10), basis=Basis.ALLOCATED_PRICE)
        version = draft(market, when=Conditions(servicing_kind=Kind.SUB), outcome=Outcome(shares=(share,)))
        with pytest.raises(Refused) as refusal:
            activate(market, version)
        assert refusal.value.code == "rule_conflict"

    def test_only_once_and_only_whom_it_was_shown(self, market):
        version = draft(market)
        active = activate(market, version)
        with pytest.raises(Stale):
            activate(market, version)
        with pytest.raises(Refused, match="not changed"):
            activate(market, active)

    def test_who_may(self, market):
        version = draft(market)
        for persona in ("local_admin", "auditor"):
            with pytest.raises(PermissionDenied):
                activate(market, version, persona)


class TestVersions:
    def next_version(self, market, starts_on=date(2026, 2, 1), percent=50):
        outcome = Outcome(transfer=Share("servicing", percent=Fraction(percent), basis=Basis.ALLOCATED_PRICE))
        return draft(market, "sub-80", Conditions(servicing_kind=Kind.SUB), outcome, starts_on=starts_on)

    def test_a_new_version_takes_over_at_its_day(self, market):
        second = activate(market, self.next_version(market))
        first = RuleVersion.objects.get(rule__code="sub-80", number=1)
        assert (second.number, first.status, first.ends_on) == (2, "ended", date(2026, 1, 31))
        sale = market.sell()
        market.redeem(sale, "CONSULT", at="S", on=date(2026, 1, 31))
        assert market.balance("P", "due_to", "S") == "-240.00"
        market.redeem(sale, "LAB", at="S", on=date(2026, 2, 1))
        assert market.balance("P", "due_to", "S") == "-333.75"

    def test_it_needs_a_day_after_the_one_before(self, market):
        with pytest.raises(Refused, match="needs the day from which it takes over"):
            activate(market, self.next_version(market, None))
        waiting = RuleVersion.objects.get(rule__code="sub-80", status="draft")
        delete_draft(SYSTEM, waiting, seen=waiting.version)
        activate(market, self.next_version(market))
        with pytest.raises(Refused, match="after 1 Feb 2026"):
            activate(market, self.next_version(market, date(2026, 2, 1)))

    def test_an_active_version_is_never_changed(self, market):
        active = RuleVersion.objects.get(rule__code="sub-80")
        terms = Terms(Event.REDEMPTION, Conditions(), Outcome())
        for change in (
            lambda: edit_draft(SYSTEM, active, terms=terms, seen=active.version),
            lambda: delete_draft(SYSTEM, active, seen=active.version),
        ):
            with pytest.raises(Refused, match="not changed"):
                change()

    def test_an_ended_rule_still_answers_for_its_days(self, market):
        active = RuleVersion.objects.get(rule__code="sub-80")
        end_rule(market.world.actor("finance"), active, last_on=DAY, seen=active.version)
        sale = market.sell()
        market.redeem(sale, "LAB", at="S")
        with pytest.raises(Refused) as refusal:
            market.redeem(sale, "CONSULT", at="S", on=date(2026, 1, 11))
        assert refusal.value.code == "no_rule"

    def test_a_new_code_of_an_organization_changes_no_rule(self, market):
        partner = market.world["Q"]
        edit_organization(SYSTEM, partner, details=details("Quay", "QUAY"), version=partner.version)
        event = market.redeem(market.sell(), "PHYSIO", at="Q")
        assert event.rule_version.rule.code == "partner-70"
        assert "When QUAY redeems" in explain(event).sentence

    def test_listing(self, market):
        assert rule_versions_for(market.world.actor("auditor")).count() == 2
        assert not rule_versions_for(market.world.actor("desk")).exists()


def everything(market) -> None:
    """One event of every kind that is computed, with rules of all sorts."""
    share = Share("Q", percent=Fraction("33.3333"), basis=Basis.SALE_PRICE, legal_basis="marketing performed")
    fixed = Share("P", fixed_minor=150, legal_basis="rooms provided")
    market.add_rule("sale", Event.SALE, outcome=Outcome(shares=(share,)))
    market.add_rule("charge", Event.CHARGE, outcome=Outcome(shares=(fixed,), currency="USD"))
    market.add_rule("bill", Event.SERVICE_REQUEST, outcome=Outcome(payer="parent"))
    market.add_rule(
        "agent", when=Conditions(servicing="Q", service="PHYSIO"),
        outcome=Outcome(shares=(PERCENT_70,), presentation=Presentation.AGENT),
    )  # fmt: skip
    sale, lab = market.sell(at="S"), market.services["LAB"]
    market.redeem(sale, "CONSULT", at="T")
    market.redeem(sale, "LAB")
    void(SYSTEM, market.redeem(sale, "PHYSIO", 2, at="Q"), reason="x", on=DAY, key=new_key())
    refund(SYSTEM, market.world["S"], entitlement=sale.entitlement, reason="x", on=DAY, key=new_key())
    charge(SYSTEM, market.world["S"], patient=market.patient, service=lab, quantity=3, on=DAY, key=new_key())
    bill_vendor(
        SYSTEM, market.world["S"], vendor=market.world["X"], service=lab, amount=usd("12.34"), effective_on=DAY,
        key=new_key(),
    )  # fmt: skip
    prepaid_life(market)


def prepaid_life(market) -> None:
    """Breakage that is booked, and every event that has to reverse some of it."""
    parent = market.world["P"]
    parts = {"CONSULT": (1, "400.00"), "PHYSIO": (5, "110.00")}
    fee = {"refund": "allocated_price_less_fee", "refund_fee": usd("5.00")}
    market.add_package("FEE", "500.00", parts, holder=parent, **fee)
    market.add_package("LARGE", "2000.00", parts, holder=parent)
    most = {"package": market.packages["FEE"], "expected_percent": Fraction(90), "on": DAY}
    used, given, left, back = (market.sell("FEE") for _ in range(4))
    market.redeem(used, "CONSULT")
    market.redeem(used, "PHYSIO", 5)
    market.redeem(left, "CONSULT")
    run_breakage(SYSTEM, parent, key=new_key(), **most)
    refund(SYSTEM, parent, entitlement=back.entitlement, reason="x", on=DAY, key=new_key())
    paid = [Payment("cash", usd("1500.00"))]
    upgrade_entitlement(
        SYSTEM, parent, entitlement=given.entitlement, package=market.packages["LARGE"], payments=paid, on=DAY,
        key=new_key(),
    )  # fmt: skip
    market.redeem(left, "PHYSIO")
    late = market.entitlement(left).expires_on + timedelta(days=1)
    expire(SYSTEM, market.entitlement(left), on=late, key=new_key())


class TestReplay:
    def test_stored_inputs_and_version_give_the_same_lines(self, market):
        everything(market)
        south, partner = market.world["T"], market.world["Q"]
        edit_organization(SYSTEM, south, details=details("South", "SOUTH"), version=south.version)
        move_organization(
            SYSTEM, market.world["T"], to=partner, reason="A new region.", version=south.version + 1
        )
        events = LedgerEvent.objects.all()
        assert {event.kind for event in events} == {
            "sale", "redemption", "void", "refund", "charge", "vendor_bill", "breakage", "upgrade", "expiry",
        }  # fmt: skip
        reversing = {event.kind for event in events if "reversed_minor" in event.inputs}
        assert reversing == {"redemption", "refund", "upgrade"}
        for event in events:
            posted = [
                Line(
                    row.organization_id,
                    Account(row.account.code),
                    row.currency,
                    row.amount_minor,
                    row.counterparty_id,
                )
                for row in event.lines.select_related("account").order_by("line_no")
            ]
            assert list(replay(event)) == posted, event.kind
            assert posted or event.kind == "expiry"  # all of it was booked as breakage before


def test_any_event_answers_why(market):
    version = activate(market, draft(market))
    why = explain(market.redeem(market.sell(), "LAB", at="T"))
    assert (why.rule, why.version, why.activated_by) == ("new", 1, "Ada Admin")
    assert why.activated_at == version.activated_at
    assert why.reckoned == ("187.50 x 1 of 1 unit used = 187.50, less 0.00 before = 187.50",)
    assert why.arithmetic == (
        "80 % of the allocated price 187.50 = 150.00 to T",
        "20 % of the allocated price 187.50 = 37.50 kept by P",
    )
    assert ("Service", "LAB") in why.inputs


SPLIT = Outcome(
    payer="parent",
    shares=(
        Share("P", percent=Fraction("33.3333"), basis=Basis.LIST_PRICE, legal_basis="rooms provided"),
        Share("T", percent=Fraction(10), basis=Basis.LIST_PRICE, legal_basis="equipment lent"),
        Share("S", fixed_minor=1250, legal_basis="the physiotherapist's time"),
        Share("Q", remainder=True, basis=Basis.LIST_PRICE, legal_basis="services performed"),
    ),
    currency="USD",
)
PRECISE = Conditions(
    seller_under="P", seller_kind=Kind.PARENT, servicing_under="Q", servicing_kind=Kind.SUB, category="care",
    package="CHECKUP", payer_type=PayerType.PATIENT, dates=Dates(date(2026, 1, 1), None),
)  # fmt: skip


TIERED = read_outcome(
    {
        "transfer": {
            "basis": "allocated_price",
            "tiers": [
                {"percent": "70", "up_to": "1234.50"},
                {"percent": "72.5", "up_to": "9999.00"},
                {"percent": "75"},
            ],
            "at_least": "1.50",
            "at_most": "2000.00",
        },
        "volume": {"of": "amount", "per": "quarter"},
    },
    "USD",
)


class TestForms:
    """What a form is filled in with writes the same again."""

    @pytest.fixture
    def finance(self, browse):
        return browse("finance")

    def filled_in(self, finance, route, version) -> dict[str, str]:
        form = finance.get(reverse(route, args=[version.pk])).context["form"]
        return {name: "" if (value := form[name].value()) is None else str(value) for name in form.fields}

    @pytest.mark.parametrize(
        ("when", "outcome"),
        [
            (T_ONLY, Outcome()),
            (T_ONLY, Outcome(transfer=PERCENT_80)),
            (T_ONLY, Outcome(payer="S", transfer=Share("servicing", fixed_minor=990), currency="USD")),
            (Conditions(), Outcome(shares=(PERCENT_70,))),
            (PRECISE, SPLIT),
            (Conditions(dates=Dates(None, date(2026, 3, 31))), TIERED),
        ],
    )
    def test_saved_as_it_was_it_says_what_it_said(self, market, finance, when, outcome):
        version = draft(market, when=when, outcome=outcome, priority=7, starts_on=date(2026, 3, 1))
        said = rule_in(version)
        typed = self.filled_in(finance, "rule-edit", version) | {"_version": str(version.version)}
        answer = market.world.post(finance, reverse("rule-edit", args=[version.pk]), typed)
        assert answer.status_code == 302, answer.context["form"].errors
        assert rule_in(RuleVersion.objects.get(pk=version.pk)) == said

    def test_the_next_version_starts_from_the_last(self, market, finance):
        version = activate(market, draft(market, outcome=SPLIT))
        typed = self.filled_in(finance, "rule-next", version)
        assert typed["starts_on"] == ""
        later = typed | {"starts_on": "2026-06-01", "amount_1": "20", "_version": str(version.version)}
        answer = market.world.post(finance, reverse("rule-next", args=[version.pk]), later)
        following = RuleVersion.objects.get(rule=version.rule, number=2)
        assert answer.url == reverse("rule", args=[following.pk])
        said = rule_in(following)
        assert (said.when, said.outcome.shares[1:]) == (T_ONLY, SPLIT.shares[1:])
        assert (said.outcome.shares[0].percent, said.in_force.first_on) == (Fraction(20), date(2026, 6, 1))
        assert rule_in(RuleVersion.objects.get(pk=version.pk)).outcome == SPLIT
