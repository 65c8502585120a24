"""Reads of the journal: entries, their lines, and why an amount is what it is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from core.actors import Actor
from ledger.models import Account, JournalLine, LedgerEvent
from ledger.permissions import ENTITLEMENT_VOID, JOURNAL_VIEW
from ledger.queries.statement import perimeter_of
from orgs.queries.access import where
from orgs.queries.tree import as_of

if TYPE_CHECKING:
    from orgs.models import Organization


def lines_for(actor: Actor) -> QuerySet[JournalLine]:
    """Lines in the books of organizations whose journal the actor may read."""
    return JournalLine.objects.filter(where(actor, JOURNAL_VIEW, "organization")).select_related(
        "organization", "counterparty", "account"
    )


def events_for(actor: Actor) -> QuerySet[LedgerEvent]:
    """Events with a line in books that the actor may read, or that happened where they may."""
    rows = LedgerEvent.objects.select_related(
        "organization", "rule_version__rule", "voids__organization", "voids__rule_version__rule"
    )
    covered = where(actor, JOURNAL_VIEW, "organization")
    if not covered:
        return rows
    named = JournalLine.objects.filter(covered, event=OuterRef("pk"))
    return rows.filter(covered | Exists(named))


def with_amount(actor: Actor, rows: QuerySet[LedgerEvent]) -> QuerySet[LedgerEvent]:
    """Annotate the debits that the actor may read, in the currency of the books, and whether it was voided."""
    seen = JournalLine.objects.filter(where(actor, JOURNAL_VIEW, "organization"), event=OuterRef("pk"))
    debits = seen.filter(amount_minor__gt=0).order_by().values("event").annotate(total=Sum("amount_minor"))
    return rows.annotate(
        debit_minor=Subquery(debits.values("total"), output_field=BigIntegerField()),
        currency=Subquery(seen.order_by("line_no").values("currency")[:1]),
        # Not Exists: PostgreSQL would hash every event of the network to answer for a page of them.
        is_voided=Subquery(LedgerEvent.objects.filter(voids=OuterRef("pk")).values("pk")[:1]),
    )


def lines_of_event(actor: Actor, event: LedgerEvent) -> QuerySet[JournalLine]:
    """The lines of an event that the actor may read, in order."""
    return lines_for(actor).filter(event=event).order_by("organization__lft", "line_no")


def lines_by_date(rows: QuerySet[JournalLine]) -> QuerySet[JournalLine]:
    """Lines with their event, for lists that are paged by date and event, the event's: its index gives their order."""
    with_event = rows.select_related("event", "event__organization")
    return with_event.annotate(on=F("event__effective_on"), number=F("event__id"))


def of_account(rows: QuerySet[JournalLine], code: str, books: Q) -> QuerySet[JournalLine]:
    """Lines on the accounts of a code in some books: a condition on organization and counterparty.

    The accounts are looked up first, so that PostgreSQL knows how many lines they have. In one statement it expects a
    hundredth of them, and sorts a quarter of a million wide rows to show fifty.
    """
    accounts = Account.objects.filter(books, code=code).order_by().values_list("pk", flat=True)
    return rows.filter(account__in=list(accounts))


def books_of(place: Organization, scope: str, until: date) -> Q:
    """The lines that a figure of an organization is made of: whose books, and against whom."""
    if scope not in ("consolidated", "eliminated", "remaining", "subtree", "outside"):
        return Q(organization=place)
    inside = perimeter_of(place, until)
    if scope == "consolidated":
        return Q(organization__in=inside)
    if scope == "eliminated":
        return Q(organization__in=inside, counterparty__in=inside)
    if scope == "remaining":
        return Q(organization__in=inside) & (Q(counterparty=None) | ~Q(counterparty__in=inside))
    below = Q(organization__in=list(as_of(until).subtree(place).values_list("pk", flat=True)))
    return below if scope == "subtree" else below & ~Q(organization__in=inside)


def voidable_events_for(actor: Actor) -> QuerySet[LedgerEvent]:
    """Events at organizations where the actor may void or read."""
    readable = where(actor, JOURNAL_VIEW, "organization")
    voidable = where(actor, ENTITLEMENT_VOID, "organization")
    rows = LedgerEvent.objects.select_related("organization")
    return rows.filter(readable | voidable) if readable and voidable else rows
