"""What organizations owe one another, account by account and entry by entry: what they reconcile."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.actors import Actor
from core.money import Money
from core.tenancy import bound_network_id
from ledger.models import Account, Balance, BalanceDelta, JournalLine, LedgerEvent
from ledger.queries.statement import balances_of
from ledger.rules.accounts import Account as Code
from orgs.queries.access import where

MUTUAL = (Code.DUE_FROM.value, Code.DUE_TO.value)
KINDS = dict(LedgerEvent.Kind.choices)


def claims_for(actor: Actor, permission: str) -> QuerySet[Account]:
    """Due-from accounts, one for each creditor, debtor and currency, of which the actor holds a side."""
    rows = Account.objects.filter(code=Code.DUE_FROM).select_related("organization", "counterparty")
    creditor, debtor = (where(actor, permission, side) for side in ("organization", "counterparty"))
    return rows.filter(creditor | debtor) if creditor and debtor else rows


def with_balance(rows: QuerySet[Account]) -> QuerySet[Account]:
    """Annotate `balance_minor`, what stands on each account now."""

    def total(model: type[Balance] | type[BalanceDelta]) -> Coalesce:
        moved = model.objects.filter(account=OuterRef("pk")).order_by().values("account")
        summed = moved.annotate(minor=Sum(F("debit_minor") - F("credit_minor"))).values("minor")
        return Coalesce(Subquery(summed, output_field=BigIntegerField()), Value(0))

    return rows.annotate(balance_minor=total(Balance) + total(BalanceDelta))


def claims_between(first_id: int, second_id: int) -> list[Account]:
    """The due-from accounts of two organizations with one another, in either direction."""
    either = Q(organization=first_id, counterparty=second_id) | Q(
        organization=second_id, counterparty=first_id
    )
    rows = Account.objects.filter(either, code=Code.DUE_FROM).select_related("organization", "counterparty")
    return list(rows.order_by("pk"))


def claims_among(organization_ids: Collection[int]) -> list[Account]:
    """The due-from accounts of some organizations with one another."""
    inside = {"organization__in": organization_ids, "counterparty__in": organization_ids}
    return list(Account.objects.filter(code=Code.DUE_FROM, **inside).order_by("pk"))


def unsettled_claims(organization_ids: Collection[int]) -> list[Account]:
    """The due-from accounts between some organizations and all others on which something stands now."""
    inside = Q(organization__in=organization_ids), Q(counterparty__in=organization_ids)
    rows = Account.objects.filter(inside[0] | inside[1], code=Code.DUE_FROM).exclude(inside[0] & inside[1])
    balanced: QuerySet[Any] = with_balance(rows.select_related("organization", "counterparty"))
    named = balanced.exclude(balance_minor=0).order_by("organization__name", "counterparty__name", "pk")
    return list(named)


def claims_of(organization_id: int) -> list[int]:
    """Ids of the due-from accounts of which an organization is a side."""
    side = Q(organization=organization_id) | Q(counterparty=organization_id)
    return list(Account.objects.filter(side, code=Code.DUE_FROM).order_by("pk").values_list("pk", flat=True))


def book_accounts(organization_id: int, counterparty_id: int | None, currency: str) -> list[int]:
    """Ids of an organization's own accounts with a counterparty; without one of its cash."""
    codes = [Code.CASH.value] if counterparty_id is None else list(MUTUAL)
    rows = Account.objects.filter(
        organization=organization_id, counterparty=counterparty_id, code__in=codes, currency=currency
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def book_balance(organization_id: int, counterparty_id: int | None, currency: str, until: date) -> Money:
    """What stands on those accounts at the end of a day: positive where it is due to the organization, or its cash."""
    codes = {Code.CASH.value} if counterparty_id is None else set(MUTUAL)
    minor = sum(
        one.balance.minor
        for one in balances_of([organization_id], until)
        if one.account in codes
        and one.counterparty_id == counterparty_id
        and one.balance.currency == currency
    )
    return Money(minor, currency)


@dataclass(frozen=True, slots=True)
class BookLine:
    """The lines of one event on one account, summed."""

    event_id: int
    account_id: int
    on: date
    minor: int
    kind: str


def book_lines(account_ids: Collection[int], since: date, until: date) -> list[BookLine]:
    """What moved on some accounts in a period, by event and account; what sums to zero moved nothing."""
    rows = (
        JournalLine.objects.filter(account__in=account_ids, effective_on__range=(since, until))
        .order_by()
        .values_list("event_id", "account_id", "effective_on", "event__kind")
        .annotate(minor=Sum("amount_minor"))
        .exclude(minor=0)
    )
    found = [BookLine(event, account, on, minor, kind) for event, account, on, kind, minor in rows]
    return sorted(found, key=lambda one: (one.on, one.event_id, one.account_id))


#: What some accounts moved in a period: what stands on its last day less what stood before it, with what waits.
_MOVED = """
    WITH wanted AS (SELECT unnest(%(accounts)s::bigint[]) AS id),
    part (account_id, minor) AS (
        SELECT wanted.id, coalesce(at_end.minor, 0) - coalesce(before.minor, 0) FROM wanted
          LEFT JOIN LATERAL (
               SELECT debit_minor - credit_minor AS minor FROM ledger_standing
                WHERE network_id = %(network)s AND account_id = wanted.id AND effective_on <= %(until)s
                ORDER BY effective_on DESC LIMIT 1) at_end ON true
          LEFT JOIN LATERAL (
               SELECT debit_minor - credit_minor AS minor FROM ledger_standing
                WHERE network_id = %(network)s AND account_id = wanted.id AND effective_on < %(since)s
                ORDER BY effective_on DESC LIMIT 1) before ON true
        UNION ALL
        SELECT account_id, debit_minor - credit_minor FROM ledger_balancedelta
         WHERE network_id = %(network)s AND account_id = ANY(%(accounts)s)
           AND effective_on BETWEEN %(since)s AND %(until)s)
    SELECT account_id, sum(minor)::bigint FROM part GROUP BY 1"""


def moved(account_ids: Collection[int], since: date, until: date) -> dict[int, int]:
    """What each account moved from one day to another, at a cost that its lines before don't raise."""
    named: dict[str, Any] = {"since": since, "until": until}
    named |= {"network": bound_network_id(), "accounts": list(account_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, named)
        return dict(cursor.fetchall())


def parties_of_events(organization_id: int, event_ids: Iterable[int]) -> dict[int, str]:
    """With whom an organization's books have some events: the counterparty's name by event."""
    rows = JournalLine.objects.filter(
        event__in=list(event_ids), organization=organization_id, account__code__in=MUTUAL
    )
    return dict(rows.order_by("-line_no").values_list("event_id", "counterparty__name"))


def corrects(correction_id: int, event_id: int, account_id: int) -> bool:
    """Whether an event voids another, or is a journal entry on the same account that was posted later."""
    voids = Q(voids=event_id)
    on_account = JournalLine.objects.filter(event=correction_id, account=account_id).exists()
    journal = Q(kind=LedgerEvent.Kind.JOURNAL) if on_account else Q(pk__in=[])
    rows = LedgerEvent.objects.filter(voids | journal, pk=correction_id, pk__gt=event_id)
    return rows.exists()


def kind_of_event(event_id: int) -> str:
    """What happened, in words."""
    kind = LedgerEvent.objects.filter(pk=event_id).values_list("kind", flat=True).first()
    return KINDS.get(str(kind), "Entry")


def void_of(event_id: int) -> int | None:
    """The number of the event that voids another; None where it stands."""
    return LedgerEvent.objects.filter(voids=event_id).values_list("pk", flat=True).first()
