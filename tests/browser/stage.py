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
from typing import Any
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.utils import timezone

from core.actors import ContactActor
from core.modules import module_of
from core.settings import Mode
from core.tenancy import bound
from ledger.actions.redemption import redeem
from ledger.actions.sale import Payment, sell_package
from ledger.queries.entitlement import lines_of
from ledger.rules.settings import DISCOUNT_CAP
from network.isolation.records import PDF
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
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from people.actions.saved_view import ViewDetails, save_view
from tests.browser import stage_business, stage_content
from tests.browser.stage_business import CURRENCY, SINCE, money
from tests.cast import CONTRACT, PASSWORD, SYSTEM, Cast, build_cast, details
from vendors.actions.contact import ContactDetails, add_contact, issue_link
from vendors.actions.disclosure import disclose_patient
from vendors.actions.message import write_message, write_to_network
from vendors.actions.portal import sign_in
from vendors.actions.request import NewRequest, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task, complete_task, hold_task
from vendors.models import VendorContact
from vendors.portal.role import as_contact
from vendors.portal.session import COOKIE
from vendors.queries.task import find_task
from vendors.rules.values import Value
from work.models import Mail

LONG_NAME = "Saint Bartholomew-on-the-Water Rehabilitation and Sports Medicine Centre"


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


def build_stage() -> Stage:
    """Everything that has to be there before the story begins; nothing is sold yet."""
    stage = Stage(build_cast(CURRENCY))
    for user in stage.cast.users.values():
        user.set_password(PASSWORD)
        user.save()
    with bound(stage.network_id):
        stage_business.catalog(stage)
        _vendor(stage)
    return stage


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
        stage_business.unclaimed(stage)  # before months are closed
        stage_business.business(stage)
        stage_business.redemptions(stage)
        stage_business.settlements(stage)
        stage_business.seals(stage)
        _requests(stage)
        _settings(stage)
        _modules(stage)
        _imports(stage)
        stage_content.content(stage)
        stage_business.reconciliation(stage)
        stage_business.family(stage)
        stage_business.credit(stage)
        stage_business.price_change(stage)
        stage_business.quotes(stage)


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


def _modules(stage: Stage) -> None:
    switching = Switching((module_of("pharmacy"),), is_on=False, reason="No licence here.")
    places = [stage.cast["T"]]
    stage.made["module_batch"] = switch_modules(
        stage.cast.actor("administrator"), switching, organizations=places
    )


def _requests(stage: Stage) -> None:
    stage.made["drafted"] = _draft(stage)
    for name, answers in (("asked", 0), ("accepted", 1), ("completed", 2)):
        draft = _draft(stage)
        key = uuid4().hex
        send_request(SYSTEM, draft, version=draft.version, key=key, duplicates_accepted=True)
        for answer in (_accept, _complete)[:answers]:
            answer(stage, draft)
        stage.made[name] = draft
    stage.made["asked"].refresh_from_db()
    stage.made["told"] = write_message(
        SYSTEM, stage.made["asked"], text="Is it urgent?", asks=True, key="told"
    )
    stage.made |= dict.fromkeys(("asking", "asked_back"), stage.made["asked"])
    stage.made["held"] = held = _draft(stage)
    send_request(SYSTEM, held, version=held.version, key=uuid4().hex, duplicates_accepted=True)
    _accept(stage, held)
    with as_contact(stage.contact):
        actor = contact_actor(stage.contact)
        asked = find_task(actor, stage.made["asked"].pk)
        stage.made["question"] = write_to_network(
            actor, asked, text="Which tube?", asks=True, version=asked.request.version, key="question"
        )
        task = find_task(actor, held.pk)
        reason = {"reason_code": "supplies", "reason_text": "Reagents come on Monday"}
        hold_task(actor, task, version=task.request.version, key=uuid4().hex, **reason)


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
