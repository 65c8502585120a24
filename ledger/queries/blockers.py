"""What of the ledger stands in the way of archiving an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.urls import reverse

from core.registries import Blocker
from ledger.models import Entitlement, EntitlementLine
from ledger.queries.owed import open_accounts

if TYPE_CHECKING:
    from orgs.models import Organization


def archive_blockers_of(organization: Organization) -> list[Blocker]:
    """Live entitlements that it owes, and what it owes and is owed."""
    blockers = []
    left = EntitlementLine.objects.filter(entitlement=OuterRef("pk"), left_units__gt=0)
    live = Entitlement.objects.filter(
        Exists(left), holder=organization.pk, status=Entitlement.Status.ACTIVE
    ).count()
    if live:
        url = reverse("entitlement-list") + "?status=active"
        blockers.append(Blocker(f"{live} live entitlement{'s' if live > 1 else ''} that it owes", url))
    is_vendor = organization.kind == "third_party"  # which keeps no books here
    own = [organization.pk]
    unsettled = len(open_accounts([], among=own) if is_vendor else open_accounts(own))
    if unsettled:
        side = "counterparty" if is_vendor else "organization"
        url = reverse("journal-lines") + "?" + urlencode({side: organization.code})
        text = f"{unsettled} open balance{'s' if unsettled > 1 else ''} with other organizations"
        blockers.append(Blocker(text, url))
    return blockers
