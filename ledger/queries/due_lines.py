"""What organizations owe one another line by line; as SQL for whoever takes lines by the million."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Exists, Q, QuerySet

from ledger.models import Account, JournalLine

if TYPE_CHECKING:
    from orgs.models import Organization

#: Lines of due_from and due_to between `books` in a `currency`, effective until a day: whose claim on whom a line is,
#: and how much by it. A void's line is negative; what a settlement posted is no claim. Each claim comes twice, once in
#: either organization's books. Organizations that keep no books have no such lines.
DUE_LINES = """
    SELECT l.network_id, l.event_id, l.line_no, l.effective_on,
           CASE a.code WHEN 'due_from' THEN a.organization_id ELSE a.counterparty_id END AS creditor_id,
           CASE a.code WHEN 'due_from' THEN a.counterparty_id ELSE a.organization_id END AS debtor_id,
           CASE a.code WHEN 'due_from' THEN l.amount_minor ELSE -l.amount_minor END AS owed_minor,
           a.code = 'due_from' AS is_claim
      FROM unnest(%(books)s::bigint[]) one (id)
      JOIN ledger_account a ON a.network_id = app.network_id() AND a.organization_id = one.id
       AND a.code IN ('due_from', 'due_to') AND a.currency = %(currency)s
      JOIN unnest(%(books)s::bigint[]) other (id) ON other.id = a.counterparty_id
      JOIN ledger_journalline l ON l.network_id = a.network_id AND l.account_id = a.id
       AND l.effective_on <= %(until)s
      JOIN ledger_ledgerevent e ON e.id = l.event_id AND e.kind <> 'settlement'
"""


def currencies_due(organizations: Collection[Organization]) -> set[str]:
    """The currencies in which some organizations ever owed one another."""
    ids = [one.pk for one in organizations]
    rows = Account.objects.filter(organization__in=ids, counterparty__in=ids, code__in=["due_from", "due_to"])
    return set(rows.values_list("currency", flat=True))


def due_lines_of(organization_id: int, *conditions: Q | Exists) -> QuerySet[JournalLine]:
    """Lines of what is due in an organization's books, with their events, oldest first: + it is owed, - it owes."""
    return (
        JournalLine.objects.filter(
            *conditions, organization=organization_id, account__code__in=["due_from", "due_to"]
        )
        .select_related("event", "counterparty")
        .order_by("effective_on", "event_id", "line_no")
    )
