"""A vendor that can be ordered from, a patient to order for, and a contact who answers in the portal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.actors import ContactActor
from core.money import Money
from core.settings import Mode, Setting
from core.tenancy import bound
from ledger.actions.catalog import add_service
from network.isolation.records import PDF
from orgs.actions.setting import NewValue, assign_setting
from patients.actions.details import Details
from patients.actions.patient import register_patient
from tests.cast import SYSTEM, Cast
from vendors.actions.contact import ContactDetails, add_contact, issue_link, secret_hash
from vendors.actions.disclosure import disclose_patient
from vendors.actions.request import NewRequest, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task, complete_task, reject_task, start_task
from vendors.models import PortalSession, ServiceRequest, VendorContact, VendorService
from vendors.portal.role import as_contact
from vendors.portal.session import COOKIE
from vendors.queries.task import find_task
from vendors.rules.values import Value
from work.actions.relay import relay_due_events
from work.models import Mail

NAME = "Zelda Quincey-Marlowe"


@dataclass
class Lab:
    """Handles on the vendor's side of the story; everything runs in the cast's network."""

    cast: Cast
    setting: VendorService
    patient: object
    contact: VendorContact

    def actor(self, contact: VendorContact | None = None) -> ContactActor:
        contact = contact or self.contact
        return ContactActor.of(contact.pk, contact.name, contact.vendor_id)

    def draft(
        self, code: str = "S", patient: object = None, setting: VendorService | None = None, **other
    ) -> ServiceRequest:
        new = NewRequest(
            patient or self.patient, setting or self.setting, other.pop("key", uuid4().hex), **other
        )
        return draft_request(SYSTEM, self.cast[code], new=new)

    def order(self, code: str = "S", **other) -> ServiceRequest:
        """A request that was sent."""
        request = self.draft(code, **other)
        return send_request(
            SYSTEM, request, version=request.version, key=uuid4().hex, duplicates_accepted=True
        )

    def answer(
        self, request: ServiceRequest, do: str, contact: VendorContact | None = None, **values
    ) -> ServiceRequest:
        """An answer as the portal gives it: as the portal role; then what the worker or the web role follows up."""
        contact = contact or self.contact
        with as_contact(contact):
            task = find_task(self.actor(contact), request.pk)
            values = {"version": task.request.version, "key": uuid4().hex} | values
            if do == "accept":
                accept_task(
                    self.actor(contact),
                    task,
                    **({"promised_at": timezone.now() + timedelta(hours=5)} | values),
                )
            elif do == "reject":
                reject_task(
                    self.actor(contact), task, **({"reason_code": "no_capacity", "reason_text": ""} | values)
                )
            elif do == "start":
                start_task(self.actor(contact), task, **values)
            elif do == "complete":
                result = NewResult([Value("Haemoglobin", "9.1", "g/dL", "12-16", "low")], "report.pdf", PDF)
                complete_task(self.actor(contact), task, **({"result": result} | values))
        if do == "accept":
            disclose_patient(SYSTEM, request.pk)
        return ServiceRequest.objects.get(pk=request.pk)


def build_lab(cast: Cast) -> Lab:
    service = add_service(SYSTEM, cast["P"], code="FBC", name="Full blood count", category="laboratory")
    price = Price(date(2020, 1, 1), Money(12000, "USD"), Money(25000, "USD"))
    setting = add_vendor_service(
        SYSTEM, cast["X"], service=service, settings=ServiceSettings("X-100", 24 * 60), price=price
    )
    details = Details(
        given_name="Zelda", family_name="Quincey-Marlowe", birth_date=date(1980, 3, 12), gender="female"
    )
    patient = register_patient(SYSTEM, cast["S"], details=details, confirmed=True)
    contact = add_contact(SYSTEM, cast["X"], details=ContactDetails("Xena Xact", "xena@xact.example"))
    return Lab(cast, setting, patient, contact)


@pytest.fixture
def lab(world: Cast) -> Lab:
    """The vendor's side, with the network bound."""
    return build_lab(world)


@pytest.fixture
def placed(cast: Cast) -> Lab:
    """The same without a bound network: for requests through a client."""
    with bound(cast.network.pk):
        return build_lab(cast)


@pytest.fixture
def rival(lab: Lab) -> VendorContact:
    """A contact of another vendor of the same network."""
    return add_contact(SYSTEM, lab.cast["Y"], details=ContactDetails("Yves Yield", "yves@yield.example"))


class Phone:
    """A contact's browser."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.client = Client()

    def sign_in(self, contact: VendorContact) -> str:
        """By link and code, as a person does; returns the path of the link."""
        with bound(self.cast.network.pk):
            path = link_path(contact)
        assert self.client.post(path).status_code == 302
        relay_due_events()
        answer = self.client.post(path + "code/", {"code": last_code(contact.email)})
        assert answer.status_code == 302, answer.content
        return path

    def get(self, name: str, *args, **query):
        return self.client.get(reverse(name, args=args), query)

    def post(self, name: str, *args, **data):
        """A form of the portal, from a page opened just before."""
        return self.client.post(reverse(name, args=args), {"_network": str(self.cast.network.pk)} | data)


def link_path(contact: VendorContact) -> str:
    """The path of a new link of a contact."""
    _, address = issue_link(SYSTEM, contact)
    return address[address.index("/portal/") :]


def last_code(email: str) -> str:
    """The code in the newest mail to an address."""
    mail = Mail.objects.filter(to=email, subject__contains="your code").order_by("-pk").first()
    found = re.search(r"(\d{4} \d{4})", mail.body)
    return found.group(1)


@pytest.fixture
def phone(placed: Lab) -> Phone:
    return Phone(placed.cast)


def opened_with_session(lab: Lab, idle: timedelta, age: timedelta) -> int:
    """What the portal answers to a session of that age that was last used so long ago."""
    token = uuid4().hex
    with bound(lab.cast.network.pk):
        link, _ = issue_link(SYSTEM, lab.contact)
        with as_contact(lab.contact):
            PortalSession.objects.create(
                contact=lab.contact,
                link=link,
                token_sha256=secret_hash(token),
                created_at=Now() - age,
                seen_at=Now() - idle,
            )
    client = Client()
    client.cookies[COOKIE] = token
    return client.get(reverse("portal")).status_code


def decide(cast: Cast, code: str, setting: Setting, value: object) -> None:
    """Give a setting a value at an organization, as its people would; the network need not be bound."""
    with bound(cast.network.pk):
        assign_setting(SYSTEM, cast[code], setting=setting, new=NewValue(value, Mode.DEFAULT, "Decided."))
