"""Files of organizations' own records: asked for, made by the worker, downloaded, erased after some days."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from audit.trail import record_patient_read
from core import locale
from core.access import Denied
from core.actions import Act, action
from core.actors import Actor, SystemActor, UserActor
from core.clock import now, today_in
from core.errors import Refused
from core.models import Network
from core.ports import socket
from core.registries import RecordTable
from core.tenancy import bound_network_id
from orgs.models import Departure, Organization, OwnRecords
from orgs.packing import Cover, pack
from orgs.permissions import ORGANIZATION_RECORDS
from orgs.queries.leaving import check_takes_along, departure_of, leavers_of
from orgs.queries.own_records import every_record
from orgs.rules.structure import PARTNER

log = logging.getLogger(__name__)
KEPT = timedelta(days=14)
MOST_BYTES = 256 * 2**20
Status = OwnRecords.Status


@action(ORGANIZATION_RECORDS, audit="own_records.asked")
def ask_for_records(act: Act, organization: Organization) -> OwnRecords:
    """Have the worker make a file of a partner's own records, with everything below it, as they are then.

    Who may: `organization:records` there and everywhere below, and still when the worker begins. Refusals: another kind than a partner, one
    that is being made already. Audit: until which day. After commit: the worker makes it.
    """
    if organization.kind != PARTNER:
        raise Refused(
            "not_permitted", f"{organization.name} is no partner; only a partner takes its records along."
        )
    check_takes_along(act.actor, organization)
    departure = departure_of(organization)
    last_day = departure.left_on if departure else today_in(organization.time_zone)
    records = OwnRecords.objects.create(
        organization=organization,
        last_day=last_day,
        asked_by_id=act.actor.id,
        asked_by=act.actor.label[:200],
    )
    act.about(records)
    act.changed({}, {"until": last_day})
    act.emit("own_records.asked", records_id=records.pk)
    return records


def ask_at_the_end(act: Act, departure: Departure) -> None:
    """The file that is made because the organization left: part of the action that ends its place.

    One that waits is not made any more: whoever asked for it may lose the permission by just this.
    """
    OwnRecords.objects.filter(organization=departure.organization, status=Status.WAITING).update(
        status=Status.FAILED,
        note="It left the network before this was made. The file of the end has all of it.",
        made_at=Now(),
    )
    records = OwnRecords.objects.create(
        organization=departure.organization,
        departure=departure,
        last_day=departure.left_on,
        asked_by=act.actor.label[:200],
    )
    act.emit("own_records.asked", records_id=records.pk)


def run_records(records: OwnRecords) -> None:
    """Make a file that was asked for, as the person who asked: all of it, or nothing and a reason."""
    try:
        with transaction.atomic():
            make_records(_asker(records), records)
    except Refused as refusal:
        _fail(records, refusal.message)
    except Denied:
        _fail(records, f"{records.asked_by} may no longer take these records along.")
    except Exception:
        log.exception("own records %s failed", records.pk)
        _fail(records, "Something went wrong on our side. Ask for them once more.")


@action(ORGANIZATION_RECORDS, audit="own_records.made")
def make_records(act: Act, records: OwnRecords) -> None:
    """Write the file of what was asked for; it can be downloaded for two weeks, then it is erased.

    Who may: as for asking. Refusals: made already, too large. Audit: digest and files. After commit: erased in time.
    """
    check_takes_along(act.actor, records.organization)
    patients: set[int] = set()
    with tempfile.TemporaryFile() as file:
        leavers = leavers_of(records.organization, records.last_day)
        cover = Cover(
            records.organization.name,
            records.organization.code,
            Network.objects.get(pk=bound_network_id()).name,
            records.last_day,
            now(),
        )
        packed = pack(file, cover, _noting(every_record(leavers), patients))
        if file.tell() > MOST_BYTES:
            raise Refused(
                "file_too_large",
                f"They come to {locale.number(round(file.tell() / 2**20))} MiB; a file holds {MOST_BYTES // 2**20}. Ask an operator.",
            )
        file.seek(0)
        content = file.read()
    digest = hashlib.sha256(content).hexdigest()
    waiting = OwnRecords.objects.filter(pk=records.pk, status=Status.WAITING)
    if not waiting.update(
        status=Status.READY,
        name=f"own-records-{cover.code}-{cover.last_day}.zip",
        content=content,
        size=len(content),
        sha256=digest,
        patient_ids=sorted(patients),
        made_at=Now(),
        expires_at=Now() + KEPT,
    ):
        raise Refused("not_permitted", "This file was made already.")
    act.changed({}, {"sha256": digest, "files": {one.name: one.rows for one in packed}})
    socket.outbox.put("own_records.over", {"records_id": records.pk}, after=KEPT)


@action(ORGANIZATION_RECORDS, audit="own_records.downloaded")
def download_records(act: Act, records: OwnRecords) -> OwnRecords:
    """Give out a file that is ready, with what is in it; whose records it holds is logged as read.

    Who may: as for asking. Refusals: not ready, or its days have passed. Audit: which.
    """
    check_takes_along(act.actor, records.organization)
    ready = OwnRecords.objects.filter(pk=records.pk, status=Status.READY, expires_at__gt=Now())
    found = ready.first()
    if found is None:
        raise Refused(
            "not_permitted", "This file can’t be downloaded any more, or not yet. Ask for a new one."
        )
    if found.patient_ids:
        record_patient_read(
            act.actor, "export", found.patient_ids, organization_id=found.organization_id, detail=found.name
        )
    act.changed({}, {"file": found.name, "sha256": found.sha256})
    return found


@action(ORGANIZATION_RECORDS, audit="own_records.erased")
def erase_records(act: Act, records: OwnRecords) -> None:
    """Erase what is in a file whose days have passed. Does nothing to any other. Audit: which."""
    over = OwnRecords.objects.filter(pk=records.pk, status=Status.READY, expires_at__lte=Now())
    if not over.update(status=Status.ERASED, content=None, patient_ids=[]):
        act.nothing_happened()
    act.changed({}, {"file": records.name, "sha256": records.sha256})


@action(ORGANIZATION_RECORDS, audit="own_records.failed")
def fail_records(act: Act, records: OwnRecords, *, why: str) -> None:
    """Say why no file was made; it can be asked for again. Does nothing to one that was made."""
    waiting = OwnRecords.objects.filter(pk=records.pk, status=Status.WAITING)
    if not waiting.update(status=Status.FAILED, note=why[:500], made_at=Now()):
        act.nothing_happened()
    act.changed({}, {"why": why[:500]})


def _asker(records: OwnRecords) -> Actor:
    """Who asked; the product itself for the file that belongs to the end."""
    if records.departure_id is not None or records.asked_by_id is None:
        return SystemActor.of(f"records asked for by {records.asked_by}"[:200])
    return UserActor.of(records.asked_by_id, records.asked_by)


def _fail(records: OwnRecords, why: str) -> None:
    fail_records(SystemActor.of("own records that were asked for"), records, why=why)


def _noting(tables: Iterable[RecordTable], patients: set[int]) -> Iterator[RecordTable]:
    """The same tables; whose records they hold is noted on the way."""
    for table in tables:
        patients.update(table.patient_ids())
        yield table
