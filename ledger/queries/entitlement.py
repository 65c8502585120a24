"""Reads of entitlements: who may see which, what happened to one, and its line by a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from core.actors import Actor
from core.clock import today_in
from core.money import Money
from ledger.models import Entitlement, EntitlementLine, EntitlementMovement, LedgerEvent, Sale
from ledger.permissions import ENTITLEMENT_VIEW
from ledger.rules.expiry import expiry_notice
from ledger.rules.settings import EXPIRY_NOTICE_DAYS
from orgs.queries.access import where
from patients.queries.patient import patients_for

if TYPE_CHECKING:
    from patients.models import Patient


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
    return entitlement.lines.select_related("service", "entitlement").order_by("pk")


def redeemed_units(entitlement: Entitlement) -> dict[int, int]:
    """Units redeemed by entitlement line, voids undone."""
    rows = (
        EntitlementMovement.objects.filter(entitlement_line__entitlement=entitlement)
        .annotate(what=Coalesce("event__voids__kind", "event__kind"))
        .filter(what=LedgerEvent.Kind.REDEMPTION)
        .values_list("entitlement_line")
        .annotate(units=Sum("units"))
    )
    return {line_id: -units for line_id, units in rows}


@dataclass(frozen=True)
class Bought:
    """An entitlement of a patient; `notice` says that what is left of it expires soon."""

    entitlement: Entitlement
    notice: str


def bought_by(actor: Actor, patient: Patient, most: int = 100) -> list[Bought]:
    """The last entitlements of a patient that the actor may see, with the notice that the patient's home gives."""
    home = patient.home_organization
    today, within = today_in(home.time_zone), EXPIRY_NOTICE_DAYS.at(home)
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    rows = entitlements_for(actor).filter(patient=patient.pk).annotate(is_left=Exists(left))
    return [
        Bought(one, expiry_notice(one.expires_on, today, within) if one.is_left else "")
        for one in rows[:most]
    ]


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
            service=row.entitlement_line.what,
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
