"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from core.actors import SystemActor
from orgs.actions.import_file import run_import
from orgs.actions.own_records import erase_records, run_records
from orgs.models import OrganizationImport, OwnRecords

_WORKER = SystemActor.of("own records are kept for some days")


def import_started(ids: dict[str, int]) -> None:
    """`organization_import.started`: import it, unless it was cancelled or done."""
    waiting = OrganizationImport.objects.filter(pk=ids["import_id"], status=OrganizationImport.Status.WAITING)
    imported = waiting.select_related("organization").first()
    if imported is not None:
        run_import(imported)


def records_asked(ids: dict[str, int]) -> None:
    """`own_records.asked`: make the file, unless it is made."""
    waiting = OwnRecords.objects.filter(pk=ids["records_id"], status=OwnRecords.Status.WAITING)
    records = waiting.select_related("organization").first()
    if records is not None:
        run_records(records)


def records_over(ids: dict[str, int]) -> None:
    """`own_records.over`: erase what is in the file."""
    erase_records(_WORKER, OwnRecords.objects.defer("content").get(pk=ids["records_id"]))
