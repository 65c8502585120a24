"""Whether business is done at an organization at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
