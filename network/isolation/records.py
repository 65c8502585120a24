"""Records that routes are about: the main network's, made by the product's own actions at North Clinic (S)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from audit.actions.seal import seal_waiting
from audit.sealed import SEALED
from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.share import share_content
from content.actions.version import change_draft, publish, start_draft
from content.queries.item import draft_of
from content.rules.answers import Upload
from content.starter.read import body_of
from core.actors import ContactActor
from core.clock import now, today_in
from core.modules import module_of
from core.money import Money
from core.settings import Mode
from ledger.actions.backtest import ask_backtest, run_backtest
from ledger.actions.beneficiary import add_beneficiary
from ledger.actions.catalog import add_service, set_price
from ledger.actions.charge import charge
from ledger.actions.credit_note import number_credit_note
from ledger.actions.exchange import enter_rates
from ledger.actions.expiry import expire
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.period import close_period, request_reopening
from ledger.actions.price_change import change_prices
from ledger.actions.quote import Offered, make_quote
from ledger.actions.redemption_import import check_sent, send_redemptions
from ledger.actions.rule import Terms, activate_rule, draft_rule
from ledger.actions.sale import Payment, sell_package
from ledger.actions.schedule import Wanted, run_now, schedule_report
from ledger.actions.tax import add_tax_code
from ledger.actions.unclaimed import pay_unclaimed
from ledger.actions.void import void
from ledger.handlers import send_report
from ledger.queries.charge_receipt import charge_receipts_for
from ledger.queries.closed_statement import closed_statements_for
from ledger.queries.credit_note import credit_notes_of
from ledger.queries.entitlement import entitlements_for, lines_of
from ledger.queries.exchange import rates_for
from ledger.queries.price_change import PriceTerms, fingerprint, plan
from ledger.queries.unclaimed import unclaimed_for
from ledger.rules.lines import Kind
from ledger.rules.pricing import PriceStep, Rounding
from ledger.rules.quoted import Quoted
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Basis, Conditions, Event, Outcome, Share
from ledger.rules.unclaimed import Payee
from network.isolation.cast import SYSTEM, Cast
from network.isolation.mutual import make_mutual
from orgs.actions.enterprise import Flow
from orgs.actions.hostname import request_host_name
from orgs.actions.import_file import send_import
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership
from orgs.actions.module import Switching, switch_modules
from orgs.actions.onboarding import record_data_ownership
from orgs.actions.own_records import ask_for_records, run_records
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.actions.setting_many import apply_to_many
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.models import OnboardingStep
from orgs.queries.membership import memberships_at
from orgs.queries.organization import affiliations_of
from orgs.queries.whatif import Change
from orgs.rules.settings import MAX_SUB_DEPTH
from patients.actions.details import Details as PatientDetails
from patients.actions.filled import fill_form
from patients.actions.patient import register_patient
from people.actions.saved_view import ViewDetails, save_view
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.bank_account import Typed as TypedAccount
from settlement.actions.bank_account import enter_bank_account
from settlement.actions.payment import confirm_payment
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.queries.content import content_hash
from settlement.queries.run import payments_for, remittances_for
from vendors.actions.contact import ContactDetails, add_contact
from vendors.actions.disclosure import disclose_patient
from vendors.actions.message import write_message, write_to_network
from vendors.actions.request import NewRequest, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task, complete_task, start_task
from vendors.portal.role import as_contact
from vendors.queries.task import Task, find_task
from vendors.rules.values import Value

if TYPE_CHECKING:
    from ledger.models import Package, ReportSchedule, RuleVersion, Service
    from patients.models import Patient
    from vendors.models import ServiceRequest, VendorContact, VendorService

LONG_AGO = date(2020, 1, 1)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
INTAKE = body_of(
    """
    # Before the visit
    text! | What brings you here?
    choice | Do you smoke? | Yes; No
    decimal! | Cigarettes a day | 1..100 | do-you-smoke = Yes
    scale | Pain | 0..10 none; worst
    score | Score | sum of pain; 0 Low; 5 High
    attachment | Referral letter | PDF
    """
)


@dataclass(frozen=True)
class Thing:
    """A record by its name below, the table in which a foreign one is found, and the keyword of the route."""

    name: str
    table: str
    keyword: str = "pk"


enterprise = Thing("enterprise", "core_enterprise")
organization = Thing("organization", "orgs_organization")
partner = Thing("partner", "orgs_organization")
own_records = Thing("own_records", "orgs_ownrecords")
affiliation = Thing("affiliation", "orgs_affiliation")
membership = Thing("membership", "orgs_membership")
invitation = Thing("invitation", "orgs_invitation")
patient = Thing("patient", "patients_patient")
service = Thing("service", "ledger_service")
tax_code = Thing("tax_code", "ledger_taxcode")
package = Thing("package", "ledger_package")
sale = Thing("sale", "ledger_sale")
charge_receipt = Thing("charge_receipt", "ledger_chargereceipt")
entitlement = Thing("entitlement", "ledger_entitlement")
rule = Thing("rule", "ledger_ruleversion")
backtest = Thing("backtest", "ledger_backtest")
tested = Thing("event", "ledger_ledgerevent", "event")
event = Thing("event", "ledger_ledgerevent")
reopening = Thing("reopening", "ledger_periodreopening")
closed_statement = Thing("closed_statement", "ledger_closedstatement")
vendor = Thing("vendor", "orgs_organization")
contact = Thing("contact", "vendors_vendorcontact")
setting = Thing("setting", "vendors_vendorservice")
request = Thing("request", "vendors_servicerequest")
completed = Thing("completed", "vendors_servicerequest")
question = Thing("question", "vendors_requestmessage", "message")
told = Thing("told", "vendors_requestmessage", "message")
batch = Thing("batch", "orgs_settingbatch")
imported = Thing("imported", "orgs_organizationimport")
redemption_import = Thing("redemption_import", "ledger_redemptionimport")
host_name = Thing("host_name", "orgs_hostname")
module_batch = Thing("module_batch", "orgs_modulebatch")
waiver = Thing("waiver", "orgs_settingwaiver")
view = Thing("view", "people_savedview")
granted = Thing("granted", "orgs_settingwaiver")
step = Thing("step", "orgs_onboardingstep")
settlement = Thing("settlement", "settlement_settlementrun")
payment = Thing("payment", "settlement_settlementpayment")
confirmation = Thing("confirmation", "settlement_paymentconfirmation")
remittance = Thing("remittance", "settlement_remittance")
report_schedule = Thing("report_schedule", "ledger_reportschedule")
agreement = Thing("agreement", "settlement_nettingagreement")
bank_account = Thing("bank_account", "settlement_bankaccount")
counter = Thing("organization", "orgs_organization", "organization")
at_counter = Thing("patient", "patients_patient", "patient")
offered = Thing("package", "ledger_package", "package")
line = Thing("line", "ledger_entitlementline", "line")
price_change = Thing("price_change", "ledger_pricechange")
family = Thing("family", "ledger_entitlement")
topped_up = Thing("family", "ledger_entitlement", "entitlement")
credited_sale = Thing("credited_sale", "ledger_sale")
credit_note = Thing("credit_note", "ledger_creditnote", "note")
quote = Thing("quote", "ledger_quote")
unclaimed = Thing("unclaimed", "ledger_unclaimeditem")
unclaimed_payment = Thing("unclaimed_payment", "ledger_ledgerevent")
person = Thing("person", "ledger_beneficiary", "person")


content = Thing("content", "content_contentitem")
content_above = Thing("content_above", "content_contentitem")
content_share = Thing("content_share", "content_contentshare")
content_version = Thing("content_version", "content_contentversion")
content_draft = Thing("content_draft", "content_contentversion")
form_place = Thing("organization", "orgs_organization", "organization")
form_content = Thing("content", "content_contentitem", "content")
filled = Thing("filled", "patients_filledform", "form")
begun = Thing("begun", "patients_filledform", "form")
claim = Thing("claim", "ledger_account")
claim_event = Thing("claim_event", "ledger_ledgerevent", "event")
dispute = Thing("dispute", "settlement_dispute")
dispute_message = Thing("dispute_message", "settlement_disputemessage", "message")
statement = Thing("statement", "settlement_statementimport")
reconciliation = Thing("reconciliation", "settlement_reconciliation")
finding = Thing("finding", "settlement_finding")


@dataclass
class Records:
    """The ids of the main network's records by name, and the portal contacts of two vendors."""

    ids: dict[str, int]
    contact: VendorContact
    rival: VendorContact


def make_records(cast: Cast) -> Records:
    """A catalog at the parent; a patient, a sale, orders and people at North Clinic. Inside the network's binding."""
    details = PatientDetails(given_name="Zelda", family_name="Quincey-Marlowe", birth_date=date(1980, 3, 12))
    patient = register_patient(SYSTEM, cast["S"], details=details, confirmed=True)
    service, package, rule = _catalog(cast)
    due = [Payment("cash", _usd("900.00"))]
    sold = sell_package(
        SYSTEM, cast["S"], patient=patient, package=package, payments=due, on=date(2026, 1, 10), key="sale"
    )
    entitlement = entitlements_for(SYSTEM).get(pk=sold.entitlement_id)
    contact = add_contact(SYSTEM, cast["X"], details=ContactDetails("Xena Xact", "xena@xact.example"))
    setting = _vendor_service(cast)
    ordered, done = (_order(cast, patient, setting, key) for key in ("ordered", "done"))
    _complete(done, contact)
    invited = invite(
        SYSTEM,
        cast["S"],
        email="new@harbor.example",
        name="New Person",
        new=NewMembership("front_desk", "this"),
    )
    rival = add_contact(SYSTEM, cast["Y"], details=ContactDetails("Yves Yield", "yves@yield.example"))
    assign_setting(SYSTEM, cast["P"], setting=DISCOUNT_CAP, new=NewValue(90, Mode.ENFORCED, "Because."))
    asked, granted = (
        request_waiver(
            SYSTEM, cast[code], setting=DISCOUNT_CAP, value=95, reason="Because.", ends_on=today_in("UTC")
        )
        for code in "ST"
    )
    decide_waiver(SYSTEM, granted, grant=True, version=granted.version)
    change = Change(MAX_SUB_DEPTH, 2, Mode.DEFAULT)
    inherit_setting(SYSTEM, cast["P"], setting=MAX_SUB_DEPTH)
    batch = apply_to_many(cast.actor("administrator"), change, organizations=[cast["P"], cast["S"]])
    switching = Switching((module_of("pharmacy"),), is_on=False, reason="No licence here.")
    switched = switch_modules(cast.actor("administrator"), switching, organizations=[cast["T"]])
    record_data_ownership(SYSTEM, None, flow=Flow(False), version=None)
    view = save_view(
        cast.actor("administrator"),
        None,
        list_name="organization-list",
        query="kind=sub",
        details=ViewDetails("Subs"),
    )
    sent = send_import(
        SYSTEM,
        cast["P"],
        file_name="o.csv",
        content=b"code,name,parent_code\nW,Ward,P\nW,Ward,P\n",
        per_branch=False,
    )
    ids = (
        _content(cast, patient)
        | _periods(cast)
        | _settlement(cast)
        | {
            "rate": _rate(cast),
            "host_name": request_host_name(SYSTEM, None, name="care.harbor.example", face="console").pk,
            "step": OnboardingStep.objects.create(title="Go live", position=1).pk,
            "module_batch": switched.pk,
            "imported": sent.pk,
            "view": view.pk,
            "batch": batch.pk,
            "waiver": asked.pk,
            "granted": granted.pk,
            "enterprise": cast.enterprise.pk,
            "organization": cast.organizations["S"].pk,
            "partner": cast.organizations["Q"].pk,
            "own_records": _own_records(cast),
            "affiliation": affiliations_of(cast["Q"])[0].pk,
            "membership": memberships_at(cast["S"]).get(user=cast.users["desk"]).pk,
            "invitation": invited.pk,
            "patient": patient.pk,
            "service": service.pk,
            "tax_code": _tax_code(cast),
            "package": package.pk,
            "price_change": _price_change(cast),
            "quote": _quote(cast, patient, package),
            "sale": sold.pk,
            "charge_receipt": _charged(cast, patient, service),
            "entitlement": sold.entitlement_id,
            "rule": rule.pk,
            "backtest": _backtest(cast),
            "redemption_import": _redemption_import(cast),
            "report_schedule": make_schedule(cast).pk,
            "event": sold.event_id,
            "vendor": cast.organizations["X"].pk,
            "contact": contact.pk,
            "setting": setting.pk,
            "request": ordered.pk,
            "completed": done.pk,
            **_conversation(ordered, contact),
            "line": lines_of(entitlement).get(service=service).pk,
        }
        | _family(cast, patient, service)
        | _unclaimed(cast, patient, service)
    )
    for kind in SEALED:
        seal_waiting(cast.network.pk, kind)
    ids |= make_mutual(cast, lines_of(entitlement).get(service=service), PDF, date(2026, 5, 4))
    return Records(ids, contact, rival)


def _charged(cast: Cast, patient: Patient, service: Service) -> int:
    event = charge(SYSTEM, cast["S"], patient=patient, service=service, on=date(2026, 1, 10), key="charge")
    return charge_receipts_for(SYSTEM).get(event=event).pk


def _quote(cast: Cast, patient: Patient, package: Package) -> int:
    """What North Clinic offered the patient in writing."""
    offered = [Offered(package, 1, _usd("0.00"))]
    valid_until = today_in("UTC") + timedelta(days=30)
    return make_quote(SYSTEM, cast["S"], lines=offered, valid_until=valid_until, patient=patient).pk


def _unclaimed(cast: Cast, patient: Patient, service: Service) -> dict[str, int]:
    """What North Clinic holds of a package that nobody used, and what it paid to the state of another one."""
    offer = Offer(
        name="Gift card",
        price=_usd("90.00"),
        parts=[Part(service, 1, _usd("180.00"))],
        valid_days=30,
        expiry="unclaimed_property",
    )
    package = create_package(SYSTEM, cast["P"], code="GIFT", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    items = []
    for key in ("gift", "paid-gift"):
        paid = [Payment("cash", _usd("90.00"))]
        on = date(2021, 1, 10)
        sold = sell_package(
            SYSTEM, cast["S"], patient=patient, package=package, payments=paid, on=on, key=key
        )
        expired = expire(SYSTEM, sold.entitlement, on=date(2021, 3, 1), key=f"{key}-expiry")
        items.append(unclaimed_for(SYSTEM).get(event=expired))
    held, given = items
    payment = pay_unclaimed(
        SYSTEM, cast["S"], items=[given], payee=Payee.STATE, reference="Report 2025", key="state"
    )
    return {"unclaimed": held.pk, "unclaimed_payment": payment.pk}


def _price_change(cast: Cast) -> int:
    """Dearer prices from a day to come on."""
    terms = PriceTerms(
        cast["P"], "", today_in("UTC") + timedelta(days=30), PriceStep(Fraction(5), None, Rounding.ONE)
    )
    return change_prices(SYSTEM, cast["P"], terms=terms, seen=fingerprint(terms, plan(SYSTEM, terms))).pk


def _family(cast: Cast, patient: Patient, service: Service) -> dict[str, int]:
    """A family's package that the patient bought at North Clinic and shares with one more who is known there."""
    offer = Offer(
        name="Family",
        price=_usd("300.00"),
        parts=[Part(service, 2, _usd("180.00"))],
        holder=cast["P"],
        use="family",
        most_people=4,
        valid_days=365,
    )
    package = create_package(SYSTEM, cast["P"], code="FAMILY", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    paid = [Payment("cash", _usd("300.00"))]
    sold = sell_package(
        SYSTEM, cast["S"], patient=patient, package=package, payments=paid, on=date(2026, 1, 10), key="family"
    )
    details = PatientDetails(given_name="Zack", family_name="Quincey-Marlowe", birth_date=date(2010, 3, 12))
    child = register_patient(SYSTEM, cast["S"], details=details, confirmed=True)
    shared = add_beneficiary(
        SYSTEM, cast["S"], entitlement=sold.entitlement, patient=child, reason="The patient's child"
    )
    return {"family": sold.entitlement_id, "person": shared.pk} | _credited(cast, patient, package)


def _credited(cast: Cast, patient: Patient, package: Package) -> dict[str, int]:
    """A sale at North Clinic that was voided, with its credit note, as the worker writes it."""
    paid = [Payment("cash", _usd("300.00"))]
    sold = sell_package(
        SYSTEM,
        cast["S"],
        patient=patient,
        package=package,
        payments=paid,
        on=date(2026, 1, 10),
        key="credited",
    )
    voided = void(SYSTEM, sold.event, reason="Sold twice", on=date(2026, 1, 10), key="credited-void")
    number_credit_note({"event_id": voided.pk})
    return {"credited_sale": sold.pk, "credit_note": credit_notes_of(sold).get().pk}


def _own_records(cast: Cast) -> int:
    """A file of the partner's own records, as the worker makes it."""
    records = ask_for_records(SYSTEM, cast["Q"])
    run_records(records)
    return records.pk


def _rate(cast: Cast) -> int:
    """An exchange rate that was corrected."""
    first = Quoted("EUR", "USD", LONG_AGO, Decimal("1.1"), "a bank")
    enter_rates(SYSTEM, cast["P"], quoted=[first])
    enter_rates(SYSTEM, cast["P"], quoted=[replace(first, value=Decimal("1.2"))])
    return rates_for(SYSTEM)[0].pk


def _periods(cast: Cast) -> dict[str, int]:
    """A month that was closed long ago, and a request to open it again."""
    close_period(SYSTEM, cast["S"], month=LONG_AGO, below=False)
    asked = request_reopening(
        cast.actor("finance"), cast["S"], month=LONG_AGO, below=False, reason="A bill came late"
    )
    (kept,) = closed_statements_for(SYSTEM)
    return {"reopening": asked.pk, "closed_statement": kept.pk}


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def _catalog(cast: Cast) -> tuple[Service, Package, RuleVersion]:
    """A service with its price, a package of five that the parent holds, and a rule in force."""
    root = cast["P"]
    service = add_service(SYSTEM, root, code="LAB", name="Lab", category="care")
    set_price(SYSTEM, root, service=service, price=_usd("180.00"), starts_on=LONG_AGO)
    parts = [Part(service, 5, _usd("180.00"))]
    offer = Offer(name="Checkup", price=_usd("900.00"), parts=parts, valid_days=365, holder=root)
    package = create_package(SYSTEM, root, code="CHECKUP", offer=offer)
    package = put_on_sale(SYSTEM, package, version=package.version)
    share = Share("servicing", percent=Fraction(80), basis=Basis.ALLOCATED_PRICE)
    terms = Terms(Event.REDEMPTION, Conditions(servicing_kind=Kind.SUB), outcome=Outcome(transfer=share))
    draft = draft_rule(SYSTEM, root, code="sub-80", terms=terms)
    return service, package, activate_rule(SYSTEM, draft, seen=draft.version)


def _tax_code(cast: Cast) -> int:
    """A tax code that no service has."""
    code = add_tax_code(
        SYSTEM,
        cast["P"],
        code="VAT",
        name="Value added tax",
        method="included",
        percent=Decimal(18),
        starts_on=LONG_AGO,
    )
    return code.pk


def _redemption_import(cast: Cast) -> int:
    """A file that was checked, and has a line that is refused."""
    content = b"key,entitlement,service,quantity,date,organization\n1,NONE,CONSULT,1,2026-01-10,P\n"
    one = send_redemptions(cast.actor("administrator"), cast["P"], file_name="old.csv", content=content)
    check_sent({"import_id": one.pk})
    return one.pk


def _backtest(cast: Cast) -> int:
    """A draft that would pay whoever sold the package, run over the day of the sale."""
    share = Share("servicing", percent=Fraction(10), basis=Basis.SALE_PRICE, legal_basis="patients advised")
    terms = Terms(Event.SALE, Conditions(), outcome=Outcome(shares=(share,)))
    draft = draft_rule(SYSTEM, cast["P"], code="advice-10", terms=terms)
    test = ask_backtest(SYSTEM, draft, first_on=date(2026, 1, 1), last_on=date(2026, 1, 31))
    run_backtest({"backtest_id": test.pk})
    return test.pk


def _settlement(cast: Cast) -> dict[str, int]:
    """What North Clinic sold for the parent, netted under an agreement, approved, and paid in part."""
    signed = Signed(
        name="Netting within the group",
        method="bilateral",
        legal_basis="group contract",
        minimum=_usd("0.00"),
        signed_on=LONG_AGO,
        signed_by="both boards",
        starts_on=LONG_AGO,
        parties=[cast["P"], cast["S"]],
    )
    agreement = sign_agreement(SYSTEM, cast["P"], signed=signed)
    typed = TypedAccount(holder="North Clinic", iban="DE89370400440532013000")
    account = enter_bank_account(SYSTEM, cast["S"], currency="USD", typed=typed)
    proposal = Proposal(date(2026, 1, 31), "bilateral", [cast["P"], cast["S"]])
    run = propose_run(cast.actor("finance"), cast["P"], proposal=proposal, key="settlement")
    approve_run(SYSTEM, run, seen_hash=content_hash(run))
    payment = payments_for(SYSTEM).get(run=run)
    arrived = confirm_payment(SYSTEM, payment, amount=_usd("100.00"), on=date(2026, 2, 2), key="arrived")
    return {
        "settlement": run.pk,
        "payment": payment.pk,
        "confirmation": arrived.pk,
        "remittance": remittances_for(SYSTEM).get(run=run, organization=cast["S"]).pk,
        "agreement": agreement.pk,
        "bank_account": account.pk,
    }


def make_schedule(cast: Cast) -> ReportSchedule:
    """North Clinic's trial balance, to finance every day, and sent once by hand."""
    wanted = Wanted(
        name="Daily books",
        kind="trial-balance",
        scope="alone",
        period="yesterday",
        formats=["csv"],
        every="day",
        on_day=0,
        recipients=[cast.users["finance"].email],
    )
    schedule = schedule_report(cast.actor("administrator"), cast["S"], wanted=wanted)
    send_report({"run": run_now(cast.actor("administrator"), schedule).pk})
    return schedule


def _vendor_service(cast: Cast) -> VendorService:
    service = add_service(SYSTEM, cast["P"], code="FBC", name="Full blood count", category="laboratory")
    price = Price(LONG_AGO, _usd("120.00"), _usd("250.00"))
    settings = ServiceSettings("X-100", 24 * 60)
    return add_vendor_service(SYSTEM, cast["X"], service=service, settings=settings, price=price)


def _order(cast: Cast, patient: Patient, setting: VendorService, key: str) -> ServiceRequest:
    """A request of North Clinic that was sent."""
    drafted = draft_request(SYSTEM, cast["S"], new=NewRequest(patient, setting, key))
    return send_request(SYSTEM, drafted, version=drafted.version, key=f"send-{key}", duplicates_accepted=True)


def _conversation(request: ServiceRequest, contact: VendorContact) -> dict[str, int]:
    """A question of either side."""
    told = write_message(SYSTEM, request, text="Is it urgent?", asks=True, key="told")
    with _at_work(request, contact) as (actor, task):
        question = write_to_network(
            actor, task, text="Which tube?", asks=True, version=task.request.version, key="question"
        )
    return {"told": told.pk, "question": question.pk}


def _complete(request: ServiceRequest, contact: VendorContact) -> None:
    """The vendor's answers, as its role gives them, up to a result."""
    with _at_work(request, contact) as (actor, task):
        promised = now() + timedelta(hours=5)
        accept_task(actor, task, promised_at=promised, version=task.request.version, key="accept")
    disclose_patient(SYSTEM, request.pk)
    with _at_work(request, contact) as (actor, task):
        start_task(actor, task, version=task.request.version, key="start")
    with _at_work(request, contact) as (actor, task):
        result = NewResult([Value("Haemoglobin", "9.1", "g/dL", "12-16", "low")], "report.pdf", PDF)
        complete_task(actor, task, result=result, version=task.request.version, key="complete")


@contextmanager
def _at_work(request: ServiceRequest, contact: VendorContact) -> Iterator[tuple[ContactActor, Task]]:
    actor = ContactActor.of(contact.pk, contact.name, contact.vendor_id)
    with as_contact(contact):
        yield actor, find_task(actor, request.pk)


def _publish(actor: Any, item: Any, body: dict[str, Any]) -> Any:
    """A body as the item's next version, published."""
    draft = draft_of(item) or start_draft(actor, item)
    draft = change_draft(actor, draft, body=body, what="written", version=draft.version)
    version = publish(actor, draft, note="As agreed.", version=draft.version)
    item.refresh_from_db()
    return version


def _content(cast: Cast, patient: Any) -> dict[str, int]:
    """A form of North Clinic, published, filled, begun, and a draft again; one of the parent that is linked there."""
    administrator, own = cast.actor("administrator"), ContentDetails("Intake")
    open_to = ContentDetails("Above", overriding="add")
    above = add_content(SYSTEM, cast["P"], kind="questionnaire", code="above", details=open_to)
    _publish(administrator, above, INTAKE)
    share = share_content(SYSTEM, above, organizations=[cast["S"]], mode="linked")[0]
    item = add_content(SYSTEM, cast["S"], kind="questionnaire", code="intake", details=own)
    version = _publish(administrator, item, INTAKE)
    filled, begun = (
        fill_form(
            SYSTEM,
            cast["S"],
            key=uuid4().hex,
            patient=patient,
            version_id=version.pk,
            answers={"what-brings-you-here": "A cough", "referral-letter": Upload("letter.pdf", PDF)},
            complete=complete,
        )
        for complete in (True, False)
    )
    return {
        "content": item.pk,
        "content_above": above.pk,
        "content_share": share.pk,
        "content_version": version.pk,
        "content_draft": start_draft(SYSTEM, item).pk,
        "filled": filled.pk,
        "begun": begun.pk,
    }
