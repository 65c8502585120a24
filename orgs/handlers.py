"""What the worker does after events of this app, in the event's network."""

from __future__ import annotations

from orgs.actions.import_file import run_import
from orgs.models import OrganizationImport


def import_started(ids: dict[str, int]) -> None:
    """`organization_import.started`: import it, unless it was cancelled or done."""
    waiting = OrganizationImport.objects.filter(pk=ids["import_id"], status=OrganizationImport.Status.WAITING)
    imported = waiting.select_related("organization").first()
    if imported is not None:
        run_import(imported)
