"""Reads of what expires soon and whose patient is to be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, QuerySet

from core.clock import now, today_in
from ledger.models import Entitlement, EntitlementLine, ExpiryReminder, PackageRedeemer
from ledger.rules.settings import EXPIRY_REMINDER_DAYS
from orgs.queries.organization import organizations_with_books
from patients.queries.consent import patients_to_write_to

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

CHUNK = 2_000


@dataclass(frozen=True)
class Due:
    """What of one holder's a patient is to be told of in one mail."""

    holder: Organization
    patient: Patient
    entitlements: tuple[Entitlement, ...]


def untold(on: date, until: date) -> QuerySet[Entitlement]:
    """Entitlements with a last day between two days, of which something is left and nobody was told, whose patient
    consents to be told."""
    told = ExpiryReminder.objects.filter(entitlement=OuterRef("pk"), expires_on=OuterRef("expires_on"))
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    return Entitlement.objects.filter(
        ~Exists(told),
        Exists(left),
        status=Entitlement.Status.ACTIVE,
        expires_on__range=(on, until),
        patient__in=patients_to_write_to(),
    )


def reminders_due(on: date | None = None) -> Iterator[Due]:
    """What is to be told by a day, or by today at each holder: so many days before the last one as the holder says, or
    later where that day was missed."""
    day = on or now().date()
    around = timedelta(days=0 if on else 1)  # the date may be ahead of UTC's by one, or behind
    for days, holders in _holders_by_days().items():
        rows = (
            untold(day - around, day + around + timedelta(days=days))
            .filter(holder__in=holders)
            .select_related("holder", "package", "patient")
            .prefetch_related("lines")
            .order_by("holder_id", "patient_id", "expires_on", "pk")
        )
        soon = (
            one for one in rows.iterator(CHUNK) if is_soon(one, on or today_in(one.holder.time_zone), days)
        )
        for _, group in groupby(soon, key=lambda one: (one.holder_id, one.patient_id)):
            found = tuple(group)
            yield Due(found[0].holder, found[0].patient, found)


def is_soon(entitlement: Entitlement, on: date, days: int) -> bool:
    """Whether it can be used now and only so many days more; what is frozen ends later than it says."""
    last = entitlement.expires_on
    return last is not None and on <= last <= on + timedelta(days=days) and not entitlement.is_frozen(on)


def _holders_by_days() -> dict[int, list[int]]:
    """The organizations that remind, by how many days before."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in organizations_with_books():
        if days := EXPIRY_REMINDER_DAYS.at(place):
            found[days].append(place.pk)
    return found


def places_of(entitlements: Iterable[Entitlement]) -> Mapping[int, Sequence[str]]:
    """By package, the names of the organizations that it is redeemed at, where it is not everywhere."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = PackageRedeemer.objects.filter(
        package__in={one.package_id for one in entitlements}, organization__status="active"
    )
    for package_id, name in rows.order_by("organization__lft").values_list(
        "package_id", F("organization__name")
    ):
        found[package_id].append(name)
    return found


def last_reminder(entitlement: Entitlement) -> ExpiryReminder | None:
    """The last mail about it."""
    return ExpiryReminder.objects.filter(entitlement=entitlement.pk).order_by("-pk").first()
