"""Reads of imports: those that were sent, and the lines of a dry run."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from core.actors import Actor
from orgs.models import ImportLine, OrganizationImport
from orgs.permissions import ORGANIZATION_IMPORT
from orgs.queries.access import organizations_for


def imports_for(actor: Actor) -> QuerySet[OrganizationImport]:
    """Every import of the network, for whoever may import at its parent organization; without the files."""
    places = organizations_for(actor, ORGANIZATION_IMPORT).filter(parent=None)
    return OrganizationImport.objects.filter(organization__in=places).defer("content")


def lines_of(imported: OrganizationImport) -> QuerySet[ImportLine]:
    """What the dry run of an import says."""
    return ImportLine.objects.filter(imported=imported)


def files_untouched_since(day: datetime) -> list[OrganizationImport]:
    """The imports of the bound network whose file is still there, and that was sent, or ended, before."""
    rows = OrganizationImport.objects.filter(file_removed_at=None).exclude(status="waiting")
    untouched = rows.annotate(touched_at=Coalesce("ended_at", "made_at")).filter(touched_at__lt=day)
    return list(untouched.defer("content").select_related("organization").order_by("pk"))
