"""Reads of breakage: what was sold and recognized of a package, and what is booked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from audit.queries.history import events
from core.money import Money
from ledger.models import (
    BreakageMovement,
    BreakagePool,
    Entitlement,
    EntitlementLine,
    EntitlementMovement,
    LedgerEvent,
    Package,
)
from ledger.rules.breakage import breakage_target
from orgs.queries import tree

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class Pattern:
    """What a holder sold of a package, less what was given back or expired, and what redemption recognized of it."""

    sold_minor: int
    recognized_minor: int


def pattern_of(holder_id: int, package_id: int, until: date) -> Pattern:
    """The sales and redemptions of one package."""
    return patterns_of(holder_id, [package_id], until)[package_id]


def patterns_of(holder_id: int, package_ids: Sequence[int], until: date) -> dict[int, Pattern]:
    """The sales and redemptions effective by a day, by package; a void counts as what it voids."""
    redeemed = Q(what=LedgerEvent.Kind.REDEMPTION)
    rows = (
        EntitlementMovement.objects.filter(
            entitlement_line__entitlement__holder=holder_id,
            entitlement_line__entitlement__package__in=package_ids,
            event__effective_on__lte=until,
        )
        .annotate(what=Coalesce("event__voids__kind", "event__kind"))
        .values_list("entitlement_line__entitlement__package")
        .annotate(
            sold=Sum("amount_minor", filter=~redeemed, default=0),
            recognized=Sum("amount_minor", filter=redeemed, default=0),
        )
    )
    found = {package: Pattern(sold, -recognized) for package, sold, recognized in rows}
    return {package: found.get(package, Pattern(0, 0)) for package in package_ids}


@dataclass(frozen=True)
class Plan:
    """What a run would make of the booked breakage of a holder's sales of a package, and from what."""

    package: Package
    pattern: Pattern
    percent: Fraction
    open_minor: int
    booked_minor: int

    @property
    def target_minor(self) -> int:
        return target_of(self.pattern, self.percent, self.open_minor)

    @property
    def step(self) -> Money:
        return Money(self.target_minor - self.booked_minor, self.package.currency)

    @property
    def sold(self) -> Money:
        return Money(self.pattern.sold_minor, self.package.currency)

    @property
    def recognized(self) -> Money:
        return Money(self.pattern.recognized_minor, self.package.currency)

    @property
    def target(self) -> Money:
        return Money(self.target_minor, self.package.currency)

    @property
    def booked(self) -> Money:
        return Money(self.booked_minor, self.package.currency)


def target_of(pattern: Pattern, percent: Fraction, open_minor: int) -> int:
    """What should be booked by a pattern of use, never more than what is open."""
    return min(breakage_target(pattern.sold_minor, pattern.recognized_minor, percent), open_minor)


def plans_of(holder: Organization, until: date) -> list[Plan]:
    """What a run as of a day would do, for every package of which some of the holder's sales is expected never to be used.

    Four statements, however many packages there are.
    """
    sales = Entitlement.objects.filter(holder=holder.pk, package=OuterRef("pk"))
    packages = list(
        Package.objects.filter(Exists(sales), breakage_percent__isnull=False).order_by("name", "pk")
    )
    ids = [one.pk for one in packages]
    patterns = patterns_of(holder.pk, ids, until)
    booked = dict(
        BreakagePool.objects.filter(holder=holder.pk, package__in=ids).values_list("package", "booked_minor")
    )
    rows = EntitlementLine.objects.filter(entitlement__holder=holder.pk, entitlement__package__in=ids)
    still_open = dict(rows.values_list("entitlement__package").annotate(minor=Sum("open_minor")))
    return [
        Plan(
            one,
            patterns[one.pk],
            Fraction(one.breakage_percent or 0),
            still_open.get(one.pk, 0),
            booked.get(one.pk, 0),
        )
        for one in packages
    ]


def percents_set(packages: Iterable[Package]) -> dict[int, tuple[str, datetime]]:
    """Who set the expected percentage of some packages last, and when, by package."""
    rows = events().filter(
        subject_type=Package._meta.label_lower,
        subject_id__in=[one.pk for one in packages],
        new__has_key="breakage_percent",
    )
    latest = rows.order_by("subject_id", "-id").distinct("subject_id")
    return {one.subject_id or 0: (one.actor_label, one.at) for one in latest}


@dataclass(frozen=True)
class Run:
    """A run that booked something: its event, and the booked breakage before and after it."""

    event: LedgerEvent
    package: str
    percent: str
    before: Money
    after: Money


def runs_of(holder: Organization, most: int = 20) -> list[Run]:
    """The last runs that booked something in a holder's books, the newest first."""
    moved = BreakageMovement.objects.filter(
        pool__holder=holder.pk,
        event__kind=LedgerEvent.Kind.BREAKAGE,
        event__inputs__has_key="target_minor",
    )
    rows = moved.select_related("event", "pool__package").order_by("-event_id")[:most]
    return [
        Run(
            one.event,
            one.pool.package.name,
            one.event.inputs["expected_percent"],
            Money(one.event.inputs["booked_minor"], one.pool.currency),
            Money(one.event.inputs["target_minor"], one.pool.currency),
        )
        for one in rows
    ]


def holders_expecting_breakage() -> QuerySet[Organization]:
    """Everybody who owes care of packages of which some is expected never to be used."""
    sold = Entitlement.objects.filter(holder=OuterRef("pk"), package__breakage_percent__isnull=False)
    return tree.subtree(tree.root()).filter(Exists(sold)).order_by("lft")


def pool_of(entitlement: Entitlement) -> BreakagePool | None:
    """The pool that an entitlement belongs to; None before the first breakage run of its package."""
    return BreakagePool.objects.filter(holder=entitlement.holder_id, package=entitlement.package_id).first()


def booked_of(holder: Organization, package: Package) -> Money:
    """What is booked as breakage of a holder's sales of a package."""
    found = BreakagePool.objects.filter(holder=holder, package=package).values_list("booked_minor", flat=True)
    return Money(found.first() or 0, package.currency)


def expecting_breakage() -> list[tuple[Package, Organization]]:
    """Packages of which some is expected never to be used, with everybody who owes care that was sold with them."""
    sold = (
        Entitlement.objects.exclude(package__breakage_percent=None)
        .select_related("package", "holder")
        .order_by("package__code", "package", "holder__code", "holder")
        .distinct("package__code", "package", "holder__code", "holder")
    )
    return [(one.package, one.holder) for one in sold]
