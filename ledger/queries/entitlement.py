"""Reads of entitlements: who may see which, what happened to one, and its line by a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet

from core.actors import Actor
from core.money import Money
from ledger.models import Entitlement, EntitlementLine, EntitlementMovement, LedgerEvent, Sale
from ledger.permissions import ENTITLEMENT_VIEW
from orgs.queries.access import where
from patients.queries.patient import patients_for


def entitlements_for(actor: Actor) -> QuerySet[Entitlement]:
    """The entitlements an actor may see, the last sold first: those held or sold by organizations whose entitlements
    they see, and those of patients registered at one.

    Whoever shows them with a patient logs the read.
    """
    held = where(actor, ENTITLEMENT_VIEW, "holder")
    rows = Entitlement.objects.select_related("package", "holder", "patient").order_by("-pk")
    if not held:
        return rows
    sold = Sale.objects.filter(where(actor, ENTITLEMENT_VIEW, "seller"), entitlement=OuterRef("pk"))
    known = patients_for(actor, ENTITLEMENT_VIEW).filter(pk=OuterRef("patient_id"))
    return rows.filter(held | Exists(sold) | Exists(known))


def lines_of(entitlement: Entitlement) -> QuerySet[EntitlementLine]:
    """The lines of an entitlement with their services, in the order of the package."""
    return entitlement.lines.select_related("service").order_by("pk")


@dataclass(frozen=True)
class Happening:
    """One thing that happened to an entitlement line."""

    event: LedgerEvent
    service: str
    units: int
    amount: Money
    on: date
    posted_at: datetime
    at: str
    by: str
    voided: bool


def history_of(entitlement: Entitlement) -> list[Happening]:
    """Everything that happened to an entitlement, oldest first: sold, redeemed, refunded, voided, where, by whom."""
    voids = LedgerEvent.objects.filter(voids=OuterRef("event_id"))
    movements = (
        EntitlementMovement.objects.filter(entitlement_line__entitlement=entitlement)
        .select_related("event__organization", "entitlement_line__service")
        .annotate(voided=Exists(voids))
        .order_by("event_id", "movement_no")
    )
    return [
        Happening(
            event=row.event,
            service=row.entitlement_line.service.name,
            units=row.units,
            amount=Money(row.amount_minor, entitlement.currency),
            on=row.event.effective_on,
            posted_at=row.event.posted_at,
            at=row.event.organization.name,
            by=row.event.actor_label,
            voided=row.voided,
        )
        for row in movements
    ]
