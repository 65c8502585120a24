"""Until when an entitlement is refunded, and why not: the terms of whoever owes the care."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from core import locale
from core.settings import why
from ledger.models import Package
from ledger.rules.settings import REFUND_WINDOW_DAYS

if TYPE_CHECKING:
    from ledger.models import Entitlement


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
        f"This was sold {locale.number(passed)} {'day' if passed == 1 else 'days'} before, on {locale.day(entitlement.starts_on)}; "
        f"that is too long ago to be refunded. {why(REFUND_WINDOW_DAYS, entitlement.holder)}"
    )
