"""What the stage sells, redeems, nets and keeps in its books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from django.utils import timezone

from audit.actions.seal import check_seals, seal_waiting
from audit.sealed import SEALED
from core.money import Money
from ledger.actions.backtest import ask_backtest, run_backtest
from ledger.actions.beneficiary import add_beneficiary
from ledger.actions.catalog import add_service, set_price
from ledger.actions.charge import charge
from ledger.actions.credit_note import number_credit_note
from ledger.actions.exchange import enter_rates
from ledger.actions.expiry import expire
from ledger.actions.journal import Posting, post_journal
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.period import close_period, request_reopening
from ledger.actions.price_change import change_prices
from ledger.actions.quote import Offered, make_quote
from ledger.actions.redemption_import import check_sent, redeem_next, send_redemptions, start_redemptions
from ledger.actions.refund import Units, refund
from ledger.actions.rule import Terms, activate_rule, draft_rule, write_examples
from ledger.actions.sale import Payment, sell_package
from ledger.actions.tax import add_tax_code
from ledger.actions.unclaimed import pay_unclaimed
from ledger.actions.void import void
from ledger.models import LedgerEvent, RedemptionImport
from ledger.queries.charge_receipt import charge_receipts_for
from ledger.queries.closed_statement import closed_statements_for
from ledger.queries.credit_note import credit_notes_of
from ledger.queries.entitlement import lines_of
from ledger.queries.price_change import PriceTerms, fingerprint, plan
from ledger.queries.unclaimed import unclaimed_for
from ledger.rules.accounts import Account
from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome
from ledger.rules.pricing import PriceStep, Rounding
from ledger.rules.quoted import Quoted
from ledger.rules.terms import Conditions, Event
from ledger.rules.unclaimed import Payee
from network.isolation.mutual import make_mutual
from network.isolation.records import PDF, make_schedule
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.bank_account import Typed as TypedAccount
from settlement.actions.bank_account import enter_bank_account
from settlement.actions.payment import confirm_payment
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.queries.content import content_hash
from settlement.queries.run import payments_for, remittances_for
from tests.cast import SYSTEM

if TYPE_CHECKING:
    from tests.browser.stage import Stage


CURRENCY = "USD"


SINCE = date(2020, 1, 1)


#: A partner's session of 80.00 gives it 75 %.
EXAMPLE = """\
name: One session at a partner
currency: USD
organizations:
  - {code: P, kind: parent}
  - {code: Q, kind: partner, under: P}
services:
  - {code: PHYSIO, list_price: "80.00"}
packages:
  - {code: PACK, price: "800.00", holder: P, lines: [{service: PHYSIO, quantity: 10}]}
steps:
  - sale: {id: S1, on: 2026-01-05, package: PACK, patient: Asha, at: P}
  - redeem: {id: R1, on: 2026-01-05, sale: S1, service: PHYSIO, quantity: 1, at: Q}
expect:
  - balance: {organization: P, account: due_to, counterparty: Q, amount: "-60.00"}
  - balance: {organization: Q, account: due_from, counterparty: P, amount: "60.00"}
"""


def money(text: str) -> Money:
    return Money.parse(text, CURRENCY)


def catalog(stage: Stage) -> None:
    root, finance, administrator = (
        stage.cast["P"],
        stage.cast.actor("finance"),
        stage.cast.actor("administrator"),
    )
    services = {}
    for code, name, category, price in (
        ("CONSULT", "Consultation", "consultation", "400.00"),
        ("LAB", "Blood panel", "laboratory", "250.00"),
        ("PHYSIO", "Physiotherapy", "physiotherapy", "110.00"),
    ):
        services[code] = add_service(finance, root, code=code, name=name, category=category)
        set_price(finance, root, service=services[code], price=money(price), starts_on=SINCE)
    parts = [
        Part(services["CONSULT"], 1, money("400.00")),
        Part(services["LAB"], 1, money("250.00")),
        Part(services["PHYSIO"], 5, money("110.00")),
    ]
    offer = Offer(name="Recovery package", price=money("900.00"), parts=parts, valid_days=90, holder=root)
    package = create_package(finance, root, code="PACK", offer=offer)
    put_on_sale(finance, package, version=package.version)
    share = {"party": "servicing", "percent": "70", "basis": "allocated_price"}
    for code, kind, outcome in (
        ("sub", Kind.SUB, {"transfer": {"percent": "80", "basis": "allocated_price"}}),
        ("partner", Kind.PARTNER, {"shares": [share], "legal_basis": "care performed under agreement CA-7"}),
    ):
        terms = Terms(
            Event.REDEMPTION,
            Conditions(servicing_kind=kind),
            read_outcome(outcome, CURRENCY),
            starts_on=SINCE,
        )
        version = draft_rule(finance, root, code=code, terms=terms)
        stage.made["rule"] = activate_rule(administrator, version, seen=version.version)
    gst = add_tax_code(
        finance, root, code="GST", name="GST", method="included", percent=Decimal(18), starts_on=SINCE
    )
    stage.made |= {"services": services, "package": package, "tax_code": gst}


def business(stage: Stage) -> None:
    finance = stage.cast.actor("finance")
    last_month = (timezone.now().date().replace(day=1) - timedelta(days=1)).replace(day=1)
    patient = stage.register("Asha", "Rao", number="MRN-100234")
    long = stage.register("Wilhelmina Anastasia", "Featherstonehaugh-Cholmondeley", number="MRN-100235")
    first = stage.sell(patient, on=last_month)
    close_period(finance, stage.cast["P"], month=last_month)
    enter_rates(
        finance,
        stage.cast["P"],
        quoted=[Quoted("EUR", "USD", last_month, Decimal("1.0875"), "Central bank")],
    )
    stage.made["reopening"] = request_reopening(
        finance, stage.cast["T"], month=last_month, below=False, reason="A bill came late"
    )
    stage.made["closed_statement"] = closed_statements_for(finance).get(organization=stage.cast["P"])
    sale = stage.sell(patient)
    stage.sell(long, at="S")
    stage.redeem(sale, "CONSULT", "S")
    partly = stage.redeem(sale, "PHYSIO", "Q", 2)
    wrong = stage.redeem(sale, "LAB", "S")
    stage.made["voided"] = void(SYSTEM, wrong, reason="Wrong patient", key=uuid4().hex)
    physio = next(line for line in lines_of(first.entitlement) if line.service.code == "PHYSIO")
    refund(
        finance,
        stage.cast["P"],
        entitlement=first.entitlement,
        units=[Units(physio, 3)],
        reason="Moved away",
        key=uuid4().hex,
    )
    number_credit_note({"event_id": LedgerEvent.objects.get(kind="refund").pk})
    stage.made |= {"credited_sale": first, "credit_note": credit_notes_of(first).get()}
    charged = charge(
        SYSTEM, stage.cast["S"], patient=patient, service=stage.services["CONSULT"], key=uuid4().hex
    )
    terms = Terms(
        Event.REDEMPTION,
        Conditions(servicing_kind=Kind.PARTNER, service="PHYSIO"),
        read_outcome({"transfer": {"percent": "75", "basis": "allocated_price"}}, CURRENCY),
        starts_on=timezone.now().date(),
    )
    draft = draft_rule(finance, stage.cast["P"], code="physio-75", terms=terms)
    draft = write_examples(finance, draft, examples=EXAMPLE, seen=draft.version)
    today = timezone.now().date()
    test = ask_backtest(finance, draft, first_on=today - timedelta(days=30), last_on=today)
    run_backtest({"backtest_id": test.pk})
    stage.made |= {
        "patient": patient,
        "long_patient": long,
        "sale": sale,
        "charge_receipt": charge_receipts_for(SYSTEM).get(event=charged),
        "entitlement": sale.entitlement,
        "line": physio,
        "event": partly,
        "draft_rule": draft,
        "backtest": test,
        "tested": partly,
    }


def quotes(stage: Stage) -> None:
    """One for a patient, and one for somebody who asked."""
    offered = [Offered(stage.package, 1, money("20.00"))]
    valid_until = timezone.now().date() + timedelta(days=30)
    make = partial(make_quote, SYSTEM, stage.cast["P"], lines=offered, valid_until=valid_until)
    stage.made |= {"quote": make(patient=stage.patient), "asked_quote": make(name="Nora Asks")}


def unclaimed(stage: Stage) -> None:
    """What North holds of packages that nobody used: one due to the state, one paid to it, one not due yet."""
    offer = Offer(
        name="Gift card",
        price=money("90.00"),
        parts=[Part(stage.services["PHYSIO"], 1, money("110.00"))],
        valid_days=30,
        expiry="unclaimed_property",
    )
    package = create_package(SYSTEM, stage.cast["P"], code="GIFT", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    patient = stage.register("Gita", "Giver", at="S")
    today, items = timezone.now().date(), []
    for days in (2000, 1900, 90):
        order = {"package": package, "payments": [Payment("cash", package.price)], "key": uuid4().hex}
        on = today - timedelta(days=days)
        sold = sell_package(SYSTEM, stage.cast["S"], patient=patient, on=on, **order)
        expired = expire(SYSTEM, sold.entitlement, on=on + timedelta(days=40), key=uuid4().hex)
        items.append(unclaimed_for(SYSTEM).get(event=expired))
    stage.made["unclaimed"] = items[0]
    stage.made["unclaimed_payment"] = pay_unclaimed(
        SYSTEM, stage.cast["S"], items=items[1:2], payee=Payee.STATE, reference="Report 2025", key=uuid4().hex
    )


def price_change(stage: Stage) -> None:
    """Dearer prices from next month on."""
    starts_on = timezone.now().date() + timedelta(days=30)
    terms = PriceTerms(stage.cast["P"], "", starts_on, PriceStep(Fraction(5), None, Rounding.ONE))
    seen = fingerprint(terms, plan(SYSTEM, terms))
    stage.made["price_change"] = change_prices(SYSTEM, stage.cast["P"], terms=terms, seen=seen)


def family(stage: Stage) -> None:
    """A family's package that is shared with a child."""
    offer = Offer(
        name="Family package",
        price=money("500.00"),
        parts=[Part(stage.services["PHYSIO"], 5, money("110.00"))],
        holder=stage.cast["P"],
        use="family",
        most_people=4,
        valid_days=365,
    )
    package = create_package(SYSTEM, stage.cast["P"], code="FAMILY", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    sale = sell_package(
        SYSTEM,
        stage.cast["P"],
        patient=stage.patient,
        package=package,
        payments=[Payment("cash", package.price)],
        key=uuid4().hex,
    )
    child = stage.register("Tara", "Rao")
    stage.made["family"] = sale.entitlement
    stage.made["person"] = add_beneficiary(
        SYSTEM, stage.cast["P"], entitlement=sale.entitlement, patient=child, reason="Her daughter"
    )


def credit(stage: Stage) -> None:
    """200.00 of credit for any service."""
    offer = Offer(
        name="Care credit",
        price=money("180.00"),
        parts=[Part.credit(money("200.00"))],
        holder=stage.cast["P"],
        valid_days=365,
    )
    package = create_package(SYSTEM, stage.cast["P"], code="CREDIT", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    sale = sell_package(
        SYSTEM,
        stage.cast["P"],
        patient=stage.patient,
        package=package,
        payments=[Payment("cash", package.price)],
        key=uuid4().hex,
    )
    stage.made["credit_line"] = lines_of(sale.entitlement)[0]


def redemptions(stage: Stage) -> None:
    """A file that was checked, with lines that are refused, and one that was redeemed."""
    administrator, root = stage.cast.actor("administrator"), stage.cast["P"]
    code = stage.made["sale"].entitlement.code
    today = date.today()

    def sent(name: str, *lines: str) -> RedemptionImport:
        content = "\n".join(["key,entitlement,service,quantity,date,organization", *lines]).encode()
        one = send_redemptions(administrator, root, file_name=name, content=content)
        check_sent({"import_id": one.pk})
        return RedemptionImport.objects.get(pk=one.pk)

    done = sent("front-desk.csv", f"k-1,{code},PHYSIO,1,{today},P")
    start_redemptions(administrator, done)
    redeem_next({"import_id": done.pk})
    lines = [f"k-{n},{code},PHYSIO,1,{today},P" for n in (1, 2)]
    lines += [f"k-3,{code},XRAY,1,{today},P", "k-4,NOBODY-KNOWS-IT,PHYSIO,1,2026-02-30,P"]
    stage.made |= {"redeemed_import": done, "redemption_import": sent("front-desk.csv", *lines)}


def reconciliation(stage: Stage) -> None:
    """What North Clinic is owed by the parent, a dispute about it, and a statement of it."""
    sale = stage.sell(stage.patient)
    line = next(one for one in lines_of(sale.entitlement) if one.service.code == "PHYSIO")
    stage.made["mutual"] = make_mutual(stage.cast, line, PDF, timezone.now().date())


def seals(stage: Stage) -> None:
    """Everything so far under seal, verified, and a report that goes out."""
    stage.made["report_schedule"] = make_schedule(stage.cast)
    for kind in SEALED:
        seal_waiting(stage.cast.network.pk, kind)
        check_seals(kind)


def settlements(stage: Stage) -> None:
    """One settlement that waits for approval, one approved, and one that is being paid; each of another branch."""
    finance, today, cast = stage.cast.actor("finance"), timezone.now().date(), stage.cast
    signed = Signed(
        name="Netting within the group",
        method="multilateral",
        legal_basis="Framework agreement NA-7, section 4",
        minimum=money("0.00"),
        signed_on=SINCE,
        signed_by="both boards",
        starts_on=SINCE,
        parties=[cast["Q"]],
        groups=[cast["P"]],
    )
    agreement = sign_agreement(finance, cast["P"], signed=signed)
    for code, iban in (("P", "DE89370400440532013000"), ("S", "GB29NWBK60161331926819")):
        account = enter_bank_account(
            finance, cast[code], currency=CURRENCY, typed=TypedAccount(cast[code].name, iban)
        )
    runs = []
    for codes in (("P", "Q"), ("P", "S"), ("S", "T")):
        lines = [
            Posting(cast[codes[1]], Account.EQUITY, money("75.00")),
            Posting(cast[codes[1]], Account.DUE_TO, -money("75.00"), cast[codes[0]]),
            Posting(cast[codes[0]], Account.DUE_FROM, money("75.00"), cast[codes[1]]),
            Posting(cast[codes[0]], Account.EQUITY, -money("75.00")),
        ]
        post_journal(SYSTEM, cast[codes[1]], postings=lines, reason="Shared cleaning", key=uuid4().hex)
        proposal = Proposal(today, "bilateral", [cast[code] for code in codes])
        runs.append(propose_run(SYSTEM, cast["P"], proposal=proposal, key=uuid4().hex))
    waiting, approved, paying = runs
    for run in (approved, paying):
        approve_run(finance, run, seen_hash=content_hash(run))
    payment = payments_for(SYSTEM).get(run=paying)
    stage.made |= {
        "settlement": waiting,
        "approved_settlement": approved,
        "paying_settlement": paying,
        "paying_payment": payment,
        "open_payment": payments_for(SYSTEM).get(run=approved),
        "confirmation": confirm_payment(
            finance, payment, amount=money("25.00"), on=today, reference="NEFT 17", key=uuid4().hex
        ),
        "remittance": remittances_for(SYSTEM).get(run=waiting, organization=cast["P"]),
        "agreement": agreement,
        "bank_account": account,
    }
