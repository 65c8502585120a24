"""Whether business is done at an organization at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import why
from ledger.rules.modules import CHARGES, PACKAGES
from ledger.rules.settings import MAY_CHARGE, MAY_REDEEM, MAY_SELL

if TYPE_CHECKING:
    from orgs.models import Organization


def closed_to_business(organization: Organization) -> str:
    """Why nothing is sold or redeemed there, for the person at the counter; '' where it is."""
    if not organization.keeps_books:
        return (
            f"{organization.name} is a third party: it keeps no books, sells nothing and redeems nothing. "
            "Choose the organization that ordered from it."
        )
    if organization.status != "active":
        return (
            f"{organization.name} is {organization.status}: nothing is sold, redeemed or ordered there. "
            "Reactivate it, or choose another organization."
        )
    return ""


def sells_nothing(organization: Organization) -> str:
    """Why no package is sold there; '' where they are."""
    closed = closed_to_business(organization) or PACKAGES.why_off(organization)
    if closed or MAY_SELL.at(organization):
        return closed
    return f"{organization.name} sells no packages. {why(MAY_SELL, organization)}"


def redeems_nothing(organization: Organization) -> str:
    """Why nothing is redeemed there; '' where it is."""
    closed = closed_to_business(organization)
    if closed:
        return closed
    off = PACKAGES.why_off(organization)
    if off:
        return f"{off} What patients bought stays good wherever packages are on."
    if MAY_REDEEM.at(organization):
        return ""
    return f"{organization.name} redeems nothing. {why(MAY_REDEEM, organization)}"


def charges_nothing(organization: Organization) -> str:
    """Why no single service is charged there; '' where it is."""
    closed = closed_to_business(organization) or CHARGES.why_off(organization)
    if closed or MAY_CHARGE.at(organization):
        return closed
    return f"{organization.name} charges no single services. {why(MAY_CHARGE, organization)}"
