"""Reads of entitlements: who may see which, what happened to one, and its line by a service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from core import locale
from core.actors import Actor
from core.clock import today_in
from core.money import Money
from ledger.models import Entitlement, EntitlementLine, EntitlementMovement, LedgerEvent, Package, Sale
from ledger.models.entitlement import units_text
from ledger.permissions import ENTITLEMENT_VIEW
from ledger.queries.beneficiary import shared_with, shared_with_known
from ledger.queries.tax_back import tax_left
from ledger.rules.expiry import expiry_notice
from ledger.rules.settings import EXPIRY_NOTICE_DAYS
from orgs.queries.access import where
from patients.queries.patient import patients_for

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

MOST_REPLACEABLE = 20


def entitlements_for(actor: Actor) -> QuerySet[Entitlement]:
    """The entitlements an actor may see, the last sold first: those held or sold by organizations whose entitlements
    they see, and those of patients registered at one, or shared with such a patient.

    Whoever shows them with a patient logs the read.
    """
    own = _own(actor)
    rows = Entitlement.objects.select_related("package", "holder", "patient").order_by("-pk")
    return rows.filter(own | shared_with_known(actor)) if own else rows


def _own(actor: Actor) -> Q:
    """The condition that an actor sees an entitlement, whoever else it is shared with."""
    held = where(actor, ENTITLEMENT_VIEW, "holder")
    if not held:
        return held
    sold = Sale.objects.filter(where(actor, ENTITLEMENT_VIEW, "seller"), entitlement=OuterRef("pk"))
    known = patients_for(actor, ENTITLEMENT_VIEW).filter(pk=OuterRef("patient_id"))
    return held | Exists(sold) | Exists(known)


def bearers_seen(actor: Actor, entitlement_ids: Iterable[int]) -> set[int]:
    """Those of some entitlements of which the actor may know whose they are, not only that they are shared."""
    return set(
        Entitlement.objects.filter(_own(actor), pk__in=list(entitlement_ids)).values_list("pk", flat=True)
    )


def usable_by(patients: Iterable[int]) -> Q:
    """The condition that an entitlement is one of some patients', or shared with one of them."""
    ids = list(patients)
    return Q(patient__in=ids) | Q(pk__in=shared_with(ids))


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


def replaceable_by(
    actor: Actor, patient: Patient, package: Package, seller: Organization, on: date
) -> list[Entitlement]:
    """Entitlements of a patient that could be given for a package on a day, with what is open of each and the tax that
    its sale took on it (`worth_minor`)."""
    usable = Q(expires_on=None) | Q(expires_on__gte=on)
    frozen = Q(frozen_on__lte=on, frozen_until__gte=on)
    rows = (
        entitlements_for(actor)
        .filter(
            usable,
            patient=patient.pk,
            status=Entitlement.Status.ACTIVE,
            holder=package.holder_id or seller.pk,
            currency=package.currency,
            lines__left_units__gt=0,
        )
        .exclude(frozen)
        .annotate(worth_minor=Sum("lines__open_minor"))
        .filter(worth_minor__lte=package.price_minor)
    )
    found: list[Any] = list(rows[:MOST_REPLACEABLE])
    lines = EntitlementLine.objects.filter(entitlement__in=found).select_related("entitlement")
    tax = tax_left(lines)
    for one in found:
        one.worth_minor += tax.get(one.pk, 0)
    return found


def transfers_of(entitlement: Entitlement) -> int:
    """How often it was given to another patient."""
    return entitlement.changes.filter(event__kind=LedgerEvent.Kind.TRANSFER).count()


def days_frozen(entitlement: Entitlement) -> int:
    """Days of all its freezes, as they ended or will end: each change either begins a freeze or ends the one before."""
    freezes: dict[date | None, int] = {}
    begun: date | None = None
    for start, end in (
        entitlement.changes.filter(event__kind=LedgerEvent.Kind.FREEZE)
        .order_by("event_id")
        .values_list("frozen_on", "frozen_until")
    ):
        if start is None or end is None:
            freezes.pop(begun, None)
        else:
            freezes[start] = (end - start).days + 1
        begun = start
    return sum(freezes.values())


@dataclass(frozen=True)
class Bought:
    """An entitlement that a patient may use; `notice` says that what is left of it expires soon, `is_shared` that it is
    somebody else's.
    """

    entitlement: Entitlement
    notice: str
    is_shared: bool


def bought_by(actor: Actor, patient: Patient, most: int = 100) -> list[Bought]:
    """The last entitlements that a patient may use and the actor may see, with the notice that the patient's home gives."""
    home = patient.home_organization
    today, within = today_in(home.time_zone), EXPIRY_NOTICE_DAYS.at(home)
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    rows = entitlements_for(actor).filter(usable_by([patient.pk])).annotate(is_left=Exists(left))
    return [
        Bought(
            one,
            expiry_notice(one.expires_on, today, within) if one.is_left else "",
            is_shared=one.patient_id != patient.pk,
        )
        for one in rows[:most]
    ]


@dataclass(frozen=True)
class Happening:
    """One thing that happened to an entitlement: to one of its lines, or to all of it, which moves no units."""

    event: LedgerEvent
    what: str
    units: str
    amount: Money | None
    on: date
    posted_at: datetime
    at: str
    by: str
    voided: bool


def history_of(entitlement: Entitlement) -> list[Happening]:
    """Everything that happened to an entitlement, oldest first: sold, redeemed, frozen, voided ..., where, by whom."""
    found = [*_movements(entitlement), *_changes(entitlement)]
    return sorted(found, key=lambda one: one.event.pk)


def _movements(entitlement: Entitlement) -> Iterator[Happening]:
    voids = LedgerEvent.objects.filter(voids=OuterRef("event_id"))
    rows = (
        EntitlementMovement.objects.filter(entitlement_line__entitlement=entitlement)
        .select_related("event__organization", "entitlement_line__service")
        .annotate(voided=Exists(voids))
        .order_by("event_id", "movement_no")
    )
    for row in rows:
        line, currency = row.entitlement_line, entitlement.currency
        yield _happening(
            row.event,
            line.what,
            units=units_text(row.units, currency if line.is_credit else ""),
            amount=Money(row.amount_minor, currency),
            voided=row.voided,
        )


def _changes(entitlement: Entitlement) -> Iterator[Happening]:
    for change in entitlement.changes.select_related("event__organization").order_by("event_id"):
        said = [
            f"until {locale.day(change.expires_on)}" if change.expires_on else "",
            f"frozen {locale.day(change.frozen_on)} – {locale.day(change.frozen_until)}"
            if change.frozen_on and change.frozen_until
            else "",
        ]
        yield _happening(change.event, ", ".join(filter(None, said)))


def _happening(
    event: LedgerEvent, what: str, *, units: str = "", amount: Money | None = None, voided: bool = False
) -> Happening:
    return Happening(
        event=event,
        what=what,
        units=units,
        amount=amount,
        on=event.effective_on,
        posted_at=event.posted_at,
        at=event.organization.name,
        by=event.actor_label,
        voided=voided,
    )
