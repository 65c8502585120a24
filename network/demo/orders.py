"""The demo's outside vendors and the requests that they answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from core.actors import ContactActor, UserActor
from core.clock import at, now
from core.money import Money
from core.tenancy.binding import portal_role
from ledger.queries.catalog import services_for
from network.demo.pdf import text_pdf
from network.demo.places import SYSTEM
from orgs.queries.organization import visible_organizations
from orgs.queries.setting import preload
from vendors.actions.contact import ContactDetails, add_contact
from vendors.actions.disclosure import disclose_patient
from vendors.actions.message import propose_time, write_message, write_to_network
from vendors.actions.request import NewRequest, cancel_request, draft_request, send_request
from vendors.actions.service import Price, ServiceSettings, add_vendor_service
from vendors.actions.task import NewResult, accept_task, complete_task, receive_task, reject_task, start_task
from vendors.queries.task import Task, find_task
from vendors.rules.transitions import ACCEPTED
from vendors.rules.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orgs.models import Organization
    from patients.models import Patient
    from vendors.models import VendorContact, VendorService

REQUESTS = 40
RECENT = 12  # the newest, of the last two days: some of them are open
OLDEST = timedelta(days=80)

#: vendor, contact name, e-mail, role
CONTACTS = (
    ("PRE", "Ravi Menon", "ravi@precisionpath.example", "lead"),
    ("PRE", "Anita Pillai", "anita@precisionpath.example", "agent"),
    ("CLE", "Sameer Bhat", "sameer@clearview.example", "lead"),
    ("MED", "Joel Dias", "joel@meditrans.example", "lead"),
)

#: vendor, our service, the vendor's code, buy price, sell price, turnaround in hours
SETTINGS = (
    ("PRE", "BLOOD", "CBC-01", "380.00", "900.00", 24),
    ("PRE", "LIPID", "LIP-04", "290.00", "650.00", 24),
    ("CLE", "USG", "US-OB-2", "1100.00", "1800.00", 48),
    ("MED", "BLOOD", "HC-CBC", "450.00", "950.00", 36),
)

_BLOOD = (
    Value("Haemoglobin", "11.2", "g/dL", "12.0-15.0", "low"),
    Value("Leukocytes", "7.4", "10^9/L", "4.0-11.0", "normal"),
    Value("Platelets", "248", "10^9/L", "150-410", "normal"),
)
_LIPID = (
    Value("Total cholesterol", "214", "mg/dL", "< 200", "high"),
    Value("HDL cholesterol", "46", "mg/dL", "> 40", "normal"),
    Value("LDL cholesterol", "138", "mg/dL", "< 130", "high"),
)
_SCAN = (
    Value("Gestational age", "20 weeks 3 days"),
    Value("Fetal heart rate", "146", "/min", "110-160", "normal"),
)
#: How far the vendor is with the newest, request by request: 0 not seen, 1 seen, 2 accepted, 3 begun, 4 completed.
STEPS = (1, 4, 4, 4, 2, 2, 3, 4, 0)
DONE = 4
VALUES = {"BLOOD": _BLOOD, "LIPID": _LIPID, "USG": _SCAN}


@dataclass(frozen=True)
class NewReport:
    """What a vendor will report."""

    heading: list[str]
    values: tuple[Value, ...]


class Orders:
    """Vendors with their contacts and prices, and requests in every state."""

    def __init__(
        self,
        manager: UserActor,
        orderer: UserActor,
        organizations: dict[str, Organization],
        chance: random.Random,
    ) -> None:
        self.manager = manager
        self.orderer = orderer
        self.organizations = organizations
        self.chance = chance
        self.latest = now()
        self.contacts: dict[str, ContactActor] = {}
        self.settings: list[VendorService] = []

    def build(self, patients: list[Patient], since: date) -> None:
        for code, name, email, role in CONTACTS:
            contact = add_contact(
                self.manager, self.organizations[code], details=ContactDetails(name, email, role)
            )
            self.contacts.setdefault(code, _actor(contact))
        for vendor, service, code, buy, sell, hours in SETTINGS:
            price = Price(since, Money.parse(buy, "INR"), Money.parse(sell, "INR"))
            setting = add_vendor_service(
                self.manager,
                self.organizations[vendor],
                service=services_for(SYSTEM).get(code=service),
                settings=ServiceSettings(code, hours * 60),
                price=price,
            )
            self.settings.append(setting)
        for number in range(REQUESTS):
            with at(self.ordered_at(number)):
                self.order(number, self.chance.choice(patients))

    def ordered_at(self, number: int) -> datetime:
        """One after the other, between nine and five in Pune; the newest of them until an hour ago."""
        if number >= REQUESTS - RECENT:
            return self.latest - timedelta(hours=1 + 4 * (REQUESTS - 1 - number))
        days = OLDEST - (OLDEST - timedelta(days=4)) * number / (REQUESTS - RECENT)
        morning = (self.latest - days).replace(hour=3, minute=30, second=0, microsecond=0)
        return morning + timedelta(minutes=self.chance.randrange(8 * 60))

    def order(self, number: int, patient: Patient) -> None:
        place = visible_organizations(SYSTEM).get(pk=patient.home_organization_id)
        setting = self.settings[number % len(self.settings)]
        priority = "urgent" if number % 7 == 3 else "routine"
        new = NewRequest(
            patient,
            setting,
            f"demo-order-{number}",
            priority,
            "Please call with critical values." if number % 5 == 0 else "",
        )
        request = draft_request(self.orderer, place, new=new)
        request = send_request(
            self.orderer,
            request,
            version=request.version,
            key=f"demo-send-{number}",
            duplicates_accepted=True,
        )
        if number % 10 == 9:
            cancel_request(
                self.orderer,
                request,
                version=request.version,
                key=f"demo-cancel-{number}",
                reason_code="patient_declined",
            )
        else:
            code = next(code for code, one in self.organizations.items() if one.pk == setting.vendor_id)
            values, contact = VALUES[setting.service.code], self.contacts[code]
            heading = [setting.vendor.name, "", setting.service.name, ""]
            steps = STEPS[number % len(STEPS)] if number >= REQUESTS - RECENT else DONE
            assert contact.id is not None
            preload(setting.vendor)  # the portal role may not read settings
            pace = self.pace(setting)
            with portal_role(contact.vendor_id, contact.id), at(next(pace)):
                self.answer(number, request.pk, contact, steps)
            with at(next(pace)):
                disclose_patient(SYSTEM, request.pk)
            with portal_role(contact.vendor_id, contact.id):
                self.work(number, request.pk, contact, steps, NewReport(heading, values), pace)
            if steps == 1:
                text = "The patient travels on Friday. Can it be ready on Thursday evening?"
                write_message(self.orderer, request, text=text, asks=True, key="demo-asked")

    def pace(self, setting: VendorService) -> Iterator[datetime]:
        """When a vendor does one thing after the other: it takes half its target, or now and then more than that."""
        begun = now()
        share = self.chance.choice((0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.1))
        whole = timedelta(minutes=setting.turnaround_minutes) * share
        for part in (0.05, 0.05, 0.3, 1.0):
            yield min(begun + whole * part, self.latest)

    def answer(self, number: int, request_id: int, contact: ContactActor, steps: int) -> None:
        """Look at a request, and accept or reject it."""
        if steps >= 1:
            receive_task(contact, find_task(contact, request_id), key=f"demo-receive-{number}")
        task = find_task(contact, request_id)
        version = task.request.version
        if number % 11 == 7:
            key = f"demo-reject-{number}"
            reject_task(contact, task, reason_code="no_capacity", reason_text="", version=version, key=key)
        elif steps >= 2:
            promised = now() + timedelta(hours=20)
            accept_task(contact, task, promised_at=promised, version=version, key=f"demo-accept-{number}")

    def work(
        self,
        number: int,
        request_id: int,
        contact: ContactActor,
        steps: int,
        report: NewReport,
        pace: Iterator[datetime],
    ) -> None:
        """Begin and complete what was accepted; of the newest, one waits for an answer and one for a decision."""
        task = find_task(contact, request_id)
        if steps >= 3 and task.request.status == ACCEPTED:
            with at(next(pace)):
                start_task(contact, task, version=task.request.version, key=f"demo-start-{number}")
                task = find_task(contact, request_id)
                if steps < DONE:
                    write_to_network(
                        contact,
                        task,
                        text="The second tube is missing. When will it be drawn?",
                        asks=True,
                        version=task.request.version,
                        key="demo-question",
                    )
            if steps >= DONE:
                with at(next(pace)):
                    self.complete(number, find_task(contact, request_id), contact, report)

        elif steps == 2 and task.request.status == ACCEPTED:
            later = now() + timedelta(hours=30)
            propose_time(
                contact,
                task,
                proposed_at=later,
                text="Our analyser is serviced in the morning.",
                version=task.request.version,
                key="demo-time",
            )

    def complete(self, number: int, task: Task, contact: ContactActor, report: NewReport) -> None:
        values = [f"{row.name}: {row.value} {row.unit}  ({row.range}) {row.flag}" for row in report.values]
        content = text_pdf([*report.heading, f"Report {task.request.number}", *values])
        result = NewResult(report.values, f"report-{task.request.number}.pdf", content)
        complete_task(
            contact, task, result=result, version=task.request.version, key=f"demo-complete-{number}"
        )


def _actor(contact: VendorContact) -> ContactActor:
    return ContactActor.of(contact.pk, contact.name, contact.vendor_id)
