"""What of the ledger stands in the way of archiving an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Sum
from django.urls import reverse

from core.registries import Blocker
from ledger.models import Entitlement, EntitlementLine, JournalLine
from ledger.rules.accounts import Account

if TYPE_CHECKING:
    from orgs.models import Organization

OWED = (Account.DUE_FROM, Account.DUE_TO, Account.ACCOUNTS_PAYABLE, Account.REFUND_PAYABLE)


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
    named = JournalLine.objects.filter(account__code__in=OWED)
    own = named.filter(organization=organization.pk).values("account").annotate(total=Sum("amount_minor"))
    unsettled = own.exclude(total=0).count()
    if organization.kind == "third_party":
        owed = (
            named.filter(counterparty=organization.pk).values("account").annotate(total=Sum("amount_minor"))
        )
        unsettled = owed.exclude(total=0).count()
    if unsettled:
        side = "counterparty" if organization.kind == "third_party" else "organization"
        url = reverse("journal-lines") + "?" + urlencode({side: organization.code})
        text = f"{unsettled} open balance{'s' if unsettled > 1 else ''} with other organizations"
        blockers.append(Blocker(text, url))
    return blockers
