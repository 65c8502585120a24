"""Requests to third parties, answered and open, with the bills of those that were completed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from core.actors import SystemActor
from core.clock import now
from core.models import Network
from ledger import posting
from ledger.models import LedgerEvent, Service
from ledger.posting import Record
from ledger.queries.answer import party_facts
from ledger.queries.party import parties_of
from ledger.rules import events
from ledger.rules.lines import Organization as Party
from orgs.models import Organization
from orgs.rules.structure import THIRD_PARTY
from vendors.models import ServiceRequest, VendorPrice, VendorService

CHUNK = 2000
DAYS = 180
BUY_MINOR, SELL_MINOR = 350_00, 600_00
MINUTES = 48 * 60


def fill_requests(
    network: Network,
    actor: SystemActor,
    number: int,
    patients: dict[int, list[int]],
    services: list[Service],
    chance: random.Random,
) -> None:
    """So many requests over half a year in the bound network: four of five completed and billed, some late."""
    settings = _settings(network, services)
    names = dict(Organization.objects.filter(pk__in=patients).values_list("pk", "name"))
    places = [place for place, ids in patients.items() if ids]
    rows = []
    for each in range(number):
        setting, place = chance.choice(settings), chance.choice(places)
        row = _request(network, setting, each, chance)
        row.organization_id, row.organization_name = place, names[place]
        row.patient_id = chance.choice(patients[place])
        rows.append(row)
    ServiceRequest.objects.bulk_create(rows, batch_size=CHUNK)
    _bill(actor, [row for row in rows if row.billed_minor])


def _settings(network: Network, services: list[Service]) -> list[VendorService]:
    """Every third party performs two services, bought at one price and sold at another."""
    vendors = Organization.objects.filter(kind=THIRD_PARTY).order_by("pk")
    settings = VendorService.objects.bulk_create(
        VendorService(vendor=vendor, service=service, code=f"V-{service.code}", turnaround_minutes=MINUTES)
        for number, vendor in enumerate(vendors)
        for service in {services[number % len(services)], services[(number + 3) % len(services)]}
    )
    since = (now() - timedelta(days=DAYS + 1)).date()
    VendorPrice.objects.bulk_create(
        VendorPrice(
            vendor_service=setting,
            starts_on=since,
            buy_minor=BUY_MINOR,
            sell_minor=SELL_MINOR,
            currency=network.currency,
        )
        for setting in settings
    )
    return settings


def _request(network: Network, setting: VendorService, number: int, chance: random.Random) -> ServiceRequest:
    sent = now() - timedelta(minutes=chance.randrange(DAYS * 24 * 60))
    row = ServiceRequest(
        network_id=network.pk,
        number=f"BR-{number:07}",
        key=f"bench-request-{number}",
        vendor_id=setting.vendor_id,
        service_id=setting.service_id,
        vendor_service=setting,
        service_name=setting.service.name,
        vendor_code=setting.code,
        buy_minor=BUY_MINOR,
        sell_minor=SELL_MINOR,
        currency=network.currency,
        turnaround_minutes=MINUTES,
        status="requested",
        created_at=sent,
        requested_at=sent,
        target_at=sent + timedelta(minutes=MINUTES),
        due_at=sent + timedelta(minutes=MINUTES),
    )
    done = sent + timedelta(minutes=chance.randrange(60, 3 * MINUTES // 2))
    if done < now() and chance.random() < 0.8:
        _complete(row, sent, done)
    return row


def _complete(row: ServiceRequest, sent: datetime, done: datetime) -> None:
    row.status = "completed"
    row.accepted_at = row.started_at = sent + timedelta(minutes=30)
    row.completed_at = row.billed_at = done
    row.billed_minor = row.buy_minor


def _bill(actor: SystemActor, rows: list[ServiceRequest]) -> None:
    parties = parties_of({row.organization_id for row in rows} | {row.vendor_id for row in rows})
    rows.sort(key=lambda row: row.completed_at or now())
    for start in range(0, len(rows), CHUNK):
        posting.post_many([_record(actor, row, parties) for row in rows[start : start + CHUNK]])


def _record(actor: SystemActor, row: ServiceRequest, parties: dict[int, Party]) -> Record:
    ordering, vendor = parties[row.organization_id], parties[row.vendor_id]
    billed = row.billed_minor or 0
    return Record(
        key=f"bench-bill-{row.number}",
        kind=LedgerEvent.Kind.VENDOR_BILL,
        effective_on=(row.completed_at or now()).date(),
        organization_id=row.organization_id,
        actor=actor,
        command={"request": row.number},
        lines=events.vendor_bill(ordering, vendor, billed),
        inputs={
            "parties": party_facts((ordering, vendor)),
            "vendor": vendor.code,
            "service": row.service_name,
            "billed_minor": billed,
        },
    )
