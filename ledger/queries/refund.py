"""Until when an entitlement is refunded, where, and why not: the terms of whoever owes the care."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from core import locale
from core.settings import why
from ledger.models import Package
from ledger.permissions import ENTITLEMENT_REFUND
from ledger.rules.settings import REFUND_ELSEWHERE, REFUND_WINDOW_DAYS
from orgs.queries.access import organizations_for
from orgs.rules.structure import THIRD_PARTY

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor
    from ledger.models import Entitlement
    from orgs.models import Organization


def refund_places(actor: Actor, entitlement: Entitlement) -> QuerySet[Organization]:
    """Where the actor may pay out refunds in its currency: the holder, and others as far as `not_elsewhere` is ''."""
    holder = entitlement.holder
    others = Q(status="active", currency=holder.currency) & ~Q(kind=THIRD_PARTY)
    return organizations_for(actor, ENTITLEMENT_REFUND).filter(others | Q(pk=holder.pk))


def not_elsewhere(entitlement: Entitlement) -> str:
    """Why nobody but its holder pays it out; '' where others may."""
    holder = entitlement.holder
    if REFUND_ELSEWHERE.at(holder):
        return ""
    return (
        f"{holder.name} owes this care and pays its refunds out itself. Send the patient there. "
        f"{why(REFUND_ELSEWHERE, holder)}"
    )


def refunded_until(entitlement: Entitlement) -> date | None:
    """The last day of its refund window; None without one."""
    window = REFUND_WINDOW_DAYS.at(entitlement.holder)
    return entitlement.starts_on + timedelta(days=window) if window else None


def never_refunded(entitlement: Entitlement) -> str:
    """Why it is not refunded at all; '' where it is."""
    if entitlement.package.refund == Package.Refund.NONE:
        return f"{entitlement.package.name} is not refunded, as its policy says."
    return ""


def too_late_to_refund(entitlement: Entitlement, on: date) -> str:
    """Why a day lies after the refund window; '' within it."""
    until = refunded_until(entitlement)
    if until is None or on <= until:
        return ""
    passed = (on - entitlement.starts_on).days
    return (
        f"This was sold {locale.counted(passed, 'day')} before, on {locale.day(entitlement.starts_on)}; "
        f"that is too long ago to be refunded. {why(REFUND_WINDOW_DAYS, entitlement.holder)}"
    )
