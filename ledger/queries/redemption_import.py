"""Reads of imports of redemptions: those that were sent, and what became of their lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from core.actors import Actor
from ledger.models import RedemptionImport, RedemptionImportLine
from ledger.permissions import REDEMPTION_IMPORT
from ledger.queries.entitlement import entitlements_for
from orgs.queries.access import organizations_for

Outcome = RedemptionImportLine.Outcome


def imports_for(actor: Actor) -> QuerySet[RedemptionImport]:
    """Every import of the network, for whoever may import at its parent organization; without the files."""
    places = organizations_for(actor, REDEMPTION_IMPORT).filter(parent=None)
    return RedemptionImport.objects.filter(organization__in=places).defer("content")


def lines_of(imported: RedemptionImport) -> QuerySet[RedemptionImportLine]:
    """The lines of an import, those that can't be read first."""
    return RedemptionImportLine.objects.filter(imported=imported)


def lines_ahead(imported: RedemptionImport, position: int) -> QuerySet[RedemptionImportLine]:
    """The lines behind a position that can be read and aren't in the ledger, in the order of their days."""
    waiting = lines_of(imported).filter(outcome__in=(Outcome.OPEN, Outcome.REFUSED), on__isnull=False)
    return waiting.filter(position__gt=position).order_by("position")


def settled_before(day: datetime) -> list[RedemptionImport]:
    """The imports of the bound network whose lines are still there, and that was sent, or ended, before."""
    rows = RedemptionImport.objects.filter(lines_removed_at=None).exclude(status__in=("sent", "waiting"))
    settled = rows.annotate(touched_at=Coalesce("ended_at", "sent_at")).filter(touched_at__lt=day)
    return list(settled.select_related("organization").order_by("pk"))


def entitlements_named(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Ids by code of those of some entitlements that the actor may see."""
    return dict(entitlements_for(actor).filter(code__in=set(codes)).values_list("code", "pk"))


def networks_with_imports() -> list[int]:
    """Ids of the networks whose imports may be old: asked before one after the other is bound."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_with_redemption_imports()")
        return [row[0] for row in cursor.fetchall()]
