"""The story's network: the cast with passwords, and beside it what one can sell, redeem and order.

PACK    900.00: consultation (stand-alone 400), lab (250), 5 physiotherapy (110 each), valid 90 days
sub     a sub that redeems gets 80 % of the allocated price
partner a partner that redeems gets 70 % of it
Xact Labs performs LAB for 120.00; Xena Xact answers for it
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.utils import timezone

from audit.actions.seal import check_seals, seal_waiting
from audit.sealed import SEALED
from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.override import begin_override
from content.actions.share import share_content
from content.actions.version import change_draft, publish, start_draft
from content.queries.item import draft_of
from content.rules.answers import Upload
from content.starter.read import program_of
from core.actors import ContactActor
from core.modules import module_of
from core.money import Money
from core.settings import Mode
from core.tenancy import bound
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
from ledger.actions.redemption import redeem
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
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Conditions, Event
from ledger.rules.unclaimed import Payee
from network.isolation.mutual import make_mutual
from network.isolation.records import INTAKE, PDF, make_schedule
from orgs.actions.enterprise import grant_ownership
from orgs.actions.hostname import request_host_name
from orgs.actions.import_file import run_import, send_import, start_import
from orgs.actions.invitation import invite
from orgs.actions.leaving import leave_network
from orgs.actions.membership import NewMembership
from orgs.actions.module import Switching, switch_modules
from orgs.actions.network import create_enterprise
from orgs.actions.organization import add_organization, suspend_organization
from orgs.actions.own_records import run_records
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.models import Affiliation, Membership, OnboardingStep, OrganizationImport, OwnRecords
from orgs.queries.whatif import Change
from orgs.rules.settings import MAX_SUB_DEPTH
from patients.actions.details import Details
from patients.actions.filled import fill_form
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from people.actions.saved_view import ViewDetails, save_view
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.bank_account import Typed as TypedAccount
from settlement.actions.bank_account import enter_bank_account
from settlement.actions.payment import confirm_payment
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.queries.content import content_hash
from settlement.queries.run import payments_for, remittances_for
from tests.cast import CONTRACT, PASSWORD, SYSTEM, Cast, build_cast, details
from vendors.actions.contact import ContactDetails, add_contact, issue_link
from vendors.actions.disclosure import disclose_patient
from vendors.actions.portal import sign_in
from vendors.actions.request import NewRequest, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task, complete_task
from vendors.models import VendorContact
from vendors.portal.role import as_contact
from vendors.portal.session import COOKIE
from vendors.queries.task import find_task
from vendors.rules.values import Value
from work.models import Mail

CURRENCY = "USD"
SINCE = date(2020, 1, 1)
LONG_NAME = "Saint Bartholomew-on-the-Water Rehabilitation and Sports Medicine Centre"


PROGRAM = program_of(
    """
    # Losing weight | 8 weeks
    goal | Half a kilogram less each week
    form | Intake | intake | 1
    service | First consultation | CONSULT | 2
    note | Weigh at home | | 1 every 7
    # Keeping it | 10 days
    appointment | Closing conversation | dietitian | 10
    """
)


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


@dataclass
class Stage:
    """Handles on what was made; `cookies` of those who are signed in already, by persona."""

    cast: Cast
    made: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["made"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def network_id(self) -> int:
        return self.cast.network.pk

    def email(self, persona: str) -> str:
        return self.cast.users[persona].email

    def cookie(self, persona: str) -> tuple[str, str]:
        """Name and value of the cookie of somebody who is signed in; "vendor" is the contact in the portal."""
        if persona not in self.cookies:
            self.cookies[persona] = (
                self._portal_cookie() if persona == "vendor" else self._console_cookie(persona)
            )
        return self.cookies[persona]

    def _console_cookie(self, persona: str) -> tuple[str, str]:
        client = self.cast.client(persona)
        return settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value

    def _portal_cookie(self) -> tuple[str, str]:
        with bound(self.network_id):
            contact = VendorContact.objects.get(pk=self.contact.pk)
            link, _ = issue_link(SYSTEM, contact)
            with as_contact(contact):
                return COOKIE, sign_in(contact_actor(contact), contact, link_id=link.pk)

    def register(self, given: str, family: str, at: str = "P", number: str = "") -> Any:
        """A patient; the network is bound."""
        known = Details(given_name=given, family_name=family, birth_date=date(1984, 2, 3), gender="female")
        numbers = [NewIdentifier(system="mrn", value=number)] if number else []
        return register_patient(SYSTEM, self.cast[at], details=known, identifiers=numbers, confirmed=True)

    def sell(self, patient: Any, at: str = "P", **other: Any) -> Any:
        """A package, sold for cash; the network is bound."""
        paid = [Payment("cash", self.package.price)]
        return sell_package(
            SYSTEM,
            self.cast[at],
            patient=patient,
            package=self.package,
            payments=paid,
            key=uuid4().hex,
            **other,
        )

    def redeem(self, sale: Any, service: str, at: str, quantity: int = 1, **other: Any) -> Any:
        """Units of a sale; the network is bound."""
        line = next(one for one in lines_of(sale.entitlement) if one.service.code == service)
        return redeem(SYSTEM, self.cast[at], line=line, quantity=quantity, key=uuid4().hex, **other)


def contact_actor(contact: VendorContact) -> ContactActor:
    return ContactActor.of(contact.pk, contact.name, contact.vendor_id)


def money(text: str) -> Money:
    return Money.parse(text, CURRENCY)


def build_stage() -> Stage:
    """Everything that has to be there before the story begins; nothing is sold yet."""
    stage = Stage(build_cast(CURRENCY))
    for user in stage.cast.users.values():
        user.set_password(PASSWORD)
        user.save()
    with bound(stage.network_id):
        _catalog(stage)
        _vendor(stage)
    return stage


def _catalog(stage: Stage) -> None:
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


def _vendor(stage: Stage) -> None:
    lab = stage.cast["X"]
    price = Price(SINCE, money("120.00"), money("250.00"))
    setting = add_vendor_service(
        SYSTEM, lab, service=stage.services["LAB"], settings=ServiceSettings("X-100", 24 * 60), price=price
    )
    contact = add_contact(SYSTEM, lab, details=ContactDetails("Xena Xact", "xena@xact.example"))
    stage.made |= {"setting": setting, "contact": contact}


def fill(stage: Stage) -> None:
    """What months of work leave behind, so that every page has something to show: also what is long or odd."""
    with bound(stage.network_id):
        _organizations(stage)
        _unclaimed(stage)  # before months are closed
        _business(stage)
        _redemptions(stage)
        _settlements(stage)
        _seals(stage)
        _requests(stage)
        _settings(stage)
        _modules(stage)
        _imports(stage)
        _content(stage)
        _reconciliation(stage)
        _family(stage)
        _credit(stage)
        _price_change(stage)
        _quotes(stage)


def _organizations(stage: Stage) -> None:
    administrator = stage.cast.actor("administrator")
    long = add_organization(
        administrator, stage.cast["P"], kind="sub", details=details(LONG_NAME, "BARTHOLOMEW")
    )
    shut = add_organization(
        administrator, stage.cast["P"], kind="sub", details=details("Old Mill Clinic", "OLD")
    )
    suspend_organization(administrator, shut, reason="Being rebuilt", version=shut.version)
    new = NewMembership(role="front_desk", scope="this")
    leaver, left = (
        add_organization(
            administrator, stage.cast["P"], kind="partner", details=details(name, code), contract=CONTRACT
        )
        for name, code in (("Dune Dental", "DUNE"), ("Ebb Eye Care", "EBB"))
    )
    stage.made |= {"leaver": leaver, "left": left, "own_records": _leave(administrator, left)}
    stage.made |= {
        "long": long,
        "suspended": shut,
        "invitation": invite(
            administrator, stage.cast["T"], email="new@harbor.example", name="Noa New", new=new
        ),
    }


def _leave(administrator: Any, partner: Any) -> OwnRecords:
    """A partner that left, with the file of its own records."""
    last_day = timezone.now().date()
    leave_network(administrator, partner, last_day=last_day, reason="Sold", version=partner.version)
    records = OwnRecords.objects.select_related("organization").get(organization=partner)
    run_records(records)
    return records


def _business(stage: Stage) -> None:
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


def _quotes(stage: Stage) -> None:
    """One for a patient, and one for somebody who asked."""
    offered = [Offered(stage.package, 1, money("20.00"))]
    valid_until = timezone.now().date() + timedelta(days=30)
    make = partial(make_quote, SYSTEM, stage.cast["P"], lines=offered, valid_until=valid_until)
    stage.made |= {"quote": make(patient=stage.patient), "asked_quote": make(name="Nora Asks")}


def _unclaimed(stage: Stage) -> None:
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


def _price_change(stage: Stage) -> None:
    """Dearer prices from next month on."""
    starts_on = timezone.now().date() + timedelta(days=30)
    terms = PriceTerms(stage.cast["P"], "", starts_on, PriceStep(Fraction(5), None, Rounding.ONE))
    seen = fingerprint(terms, plan(SYSTEM, terms))
    stage.made["price_change"] = change_prices(SYSTEM, stage.cast["P"], terms=terms, seen=seen)


def _family(stage: Stage) -> None:
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


def _credit(stage: Stage) -> None:
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


def _reconciliation(stage: Stage) -> None:
    """What North Clinic is owed by the parent, a dispute about it, and a statement of it."""
    sale = stage.sell(stage.patient)
    line = next(one for one in lines_of(sale.entitlement) if one.service.code == "PHYSIO")
    stage.made["mutual"] = make_mutual(stage.cast, line, PDF, timezone.now().date())


def _seals(stage: Stage) -> None:
    """Everything so far under seal, verified, and a report that goes out."""
    stage.made["report_schedule"] = make_schedule(stage.cast)
    for kind in SEALED:
        seal_waiting(stage.cast.network.pk, kind)
        check_seals(kind)


def _settlements(stage: Stage) -> None:
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


def _settings(stage: Stage) -> None:
    administrator, today = stage.cast.actor("administrator"), timezone.now().date()
    assign_setting(
        administrator,
        stage.cast["P"],
        setting=DISCOUNT_CAP,
        new=NewValue(90, Mode.ENFORCED, "Agreed with the auditors for this financial year."),
    )
    waivers = [
        request_waiver(
            administrator,
            stage.cast[code],
            setting=DISCOUNT_CAP,
            value=95,
            reason="Opening offers of the new wing.",
            ends_on=today + timedelta(days=30),
        )
        for code in "TQ"
    ]
    decide_waiver(administrator, waivers[1], grant=True, version=waivers[1].version)
    inherit_setting(administrator, stage.cast["P"], setting=MAX_SUB_DEPTH)
    change = Change(MAX_SUB_DEPTH, 2, Mode.DEFAULT)
    batch = apply_to_many(administrator, change, organizations=[stage.cast["P"], stage.cast["Q"]])
    view = save_view(
        administrator,
        None,
        list_name="organization-list",
        query="kind=sub&columns=city",
        details=ViewDetails("Subs by city"),
    )
    annex = create_enterprise(SYSTEM, code="annex", name="Annex Group")
    grant_ownership(SYSTEM, annex, user_id=stage.cast.users["administrator"].pk)
    step = OnboardingStep.objects.create(
        title="Build the tree", help="By hand or by import.", position=1, metric="Organizations", target="12"
    )
    stage.made |= {
        "step": step,
        "host_name": request_host_name(SYSTEM, None, name="care.harbor.example", face="console"),
        "view": view,
        "enterprise": annex,
        "waiver": waivers[0],
        "granted_waiver": waivers[1],
        "batch": batch,
    }


def _imports(stage: Stage) -> None:
    """A dry run with a mistake, and a file that was imported."""
    administrator, root = stage.cast.actor("administrator"), stage.cast["P"]

    def sent(lines: str) -> OrganizationImport:
        content = f"code,name,kind,parent_code,city\n{lines}".encode()
        return send_import(administrator, root, file_name="o.csv", content=content, per_branch=True)

    done = sent("OLD,Old Mill Clinic,sub,P,Millford\n")
    start_import(administrator, done, shown=done.fingerprint)
    run_import(OrganizationImport.objects.select_related("organization").get(pk=done.pk))
    stage.made |= {"imported": done, "import": sent("A,Ay,sub,P,\nB,Be,sub,NOBODY,\nS,North Clinic,sub,T,\n")}


def _redemptions(stage: Stage) -> None:
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


def _modules(stage: Stage) -> None:
    switching = Switching((module_of("pharmacy"),), is_on=False, reason="No licence here.")
    places = [stage.cast["T"]]
    stage.made["module_batch"] = switch_modules(
        stage.cast.actor("administrator"), switching, organizations=places
    )


def _content(stage: Stage) -> None:
    """An intake form that is linked, copied, left behind by its copy, filled, begun, and a draft again."""
    administrator, cast = stage.cast.actor("administrator"), stage.cast
    item = add_content(
        administrator, cast["P"], kind="questionnaire", code="intake", details=ContentDetails("Intake")
    )
    first = publish_body(administrator, item, INTAKE)
    share = share_content(administrator, item, organizations=[cast["S"]], mode="linked")[0]
    copied = share_content(administrator, item, organizations=[cast["Q"]], mode="copied")[0]
    answers = {
        "what-brings-you-here": "A cough",
        "do-you-smoke": "Yes",
        "cigarettes-a-day": "10",
        "referral-letter": Upload("letter.pdf", PDF),
    }
    filled, begun = (
        fill_form(
            administrator,
            cast["P"],
            key=uuid4().hex,
            patient=stage.patient,
            version_id=first.pk,
            answers=answers,
            complete=complete,
        )
        for complete in (True, False)
    )
    later = {"items": [*INTAKE["items"], {"linkId": "since", "type": "date", "text": "Since when?"}]}
    second = publish_body(administrator, item, later)
    draft = start_draft(administrator, item)
    draft = change_draft(administrator, draft, body=INTAKE, what="shorter", version=draft.version)
    fresh = add_content(
        administrator, cast["P"], kind="questionnaire", code="empty", details=ContentDetails("Empty")
    )
    publish_body(administrator, fresh, INTAKE)
    shared = add_content(
        administrator,
        cast["P"],
        kind="questionnaire",
        code="triage",
        details=ContentDetails("Triage", overriding="adapt"),
    )
    publish_body(administrator, shared, INTAKE)
    share_content(administrator, shared, organizations=[cast["S"], cast["T"]], mode="linked")
    share_content(administrator, shared, organizations=[cast["Q"]], mode="linked", pinned=True)
    override = begin_override(administrator, cast["S"], item=shared)
    own = {"linkId": "parking", "type": "string", "text": "Parking place?"}
    section = {"linkId": "own", "type": "group", "text": "Asked by North Clinic"}
    publish_body(administrator, override, {"items": [*INTAKE["items"][:-1], section, own]})
    publish_body(administrator, shared, {"items": INTAKE["items"][:-1]})
    program = add_content(
        administrator, cast["P"], kind="program", code="weight", details=ContentDetails("Weight management")
    )
    timeline = publish_body(administrator, program, PROGRAM)
    stage.made |= {
        "shared_form": shared,
        "override": override,
        "override_draft": start_draft(administrator, override),
        "program": program,
        "program_version": timeline,
        "program_draft": start_draft(administrator, program),
        "content": item,
        "content_fresh": fresh,
        "content_copy": copied.copy,
        "content_share": share,
        "content_version": second,
        "content_draft": draft,
        "filled_form": filled,
        "begun_form": begun,
        "form_patient": stage.patient,
        "form_place": cast["P"],
    }


def publish_body(actor: Any, item: Any, body: dict[str, Any]) -> Any:
    """A body as the item's next version, published; the network is bound."""
    draft = draft_of(item) or start_draft(actor, item)
    draft = change_draft(actor, draft, body=body, what="written", version=draft.version)
    version = publish(actor, draft, note="As agreed.", version=draft.version)
    item.refresh_from_db()
    return version


def _requests(stage: Stage) -> None:
    stage.made["drafted"] = _draft(stage)
    for name, answers in (("asked", 0), ("accepted", 1), ("completed", 2)):
        draft = _draft(stage)
        key = uuid4().hex
        send_request(SYSTEM, draft, version=draft.version, key=key, duplicates_accepted=True)
        for answer in (_accept, _complete)[:answers]:
            answer(stage, draft)
        stage.made[name] = draft


def _draft(stage: Stage) -> Any:
    new = NewRequest(stage.patient, stage.setting, uuid4().hex, clinical_note="Fasting since midnight")
    return draft_request(SYSTEM, stage.cast["P"], new=new)


def _accept(stage: Stage, request: Any) -> None:
    with as_contact(stage.contact):
        task = find_task(contact_actor(stage.contact), request.pk)
        promised_at = timezone.now() + timedelta(hours=5)
        accept_task(
            contact_actor(stage.contact),
            task,
            promised_at=promised_at,
            version=task.request.version,
            key=uuid4().hex,
        )
    disclose_patient(SYSTEM, request.pk)


def _complete(stage: Stage, request: Any) -> None:
    with as_contact(stage.contact):
        task = find_task(contact_actor(stage.contact), request.pk)
        result = NewResult([Value("Haemoglobin", "9.1", "g/dL", "12-16", "low")], "report.pdf", PDF)
        complete_task(
            contact_actor(stage.contact), task, result=result, version=task.request.version, key=uuid4().hex
        )


def examples(stage: Stage) -> dict[str, int | str]:
    """Records for the pages of `network.pages`, after `fill`."""
    cast, made = stage.cast, stage.made
    places = {code: one.pk for code, one in cast.organizations.items()}
    user = cast.users["desk"]
    with bound(stage.network_id):
        _, link = issue_link(SYSTEM, stage.contact)
        membership = Membership.objects.get(user=user)
        affiliation = Affiliation.objects.get(participant_id=places["Q"])
        invited = Mail.objects.get(to=made["invitation"].email).body
    return {name: one.pk for name, one in made.items() if hasattr(one, "pk")} | {
        "organization": places["P"],
        "sub": places["S"],
        "partner": places["Q"],
        "absent": places["C1B"],
        "vendor": places["X"],
        "affiliation": affiliation.pk,
        "membership": membership.pk,
        "vendor_service": stage.setting.pk,
        "service": stage.services["CONSULT"].pk,
        "user_key": user_pk_to_url_str(user),
        "password_key": default_token_generator.make_token(user),
        "invitation_token": re.search(r"/invitations/([^/]+)/", invited)[1],
        "partner_code": "Q",
        "setting_key": MAX_SUB_DEPTH.key,
        "free_key": MAX_SUB_DEPTH.key,
        "own_key": DISCOUNT_CAP.key,
        "item_kind": "choice",
        "file_kind": "attachment",
        "file_link": "referral-letter",
        "item_link": "cigarettes-a-day",
        "step_kind": "service",
        "step_link": "intake",
        "wrong_token": "there-is-no-such-invitation",
        "portal_secret": link.rstrip("/").rpartition("/")[2],
        **made["mutual"],
    }
