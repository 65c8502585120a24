"""What organizations owe one another, account by account and entry by entry: what they reconcile."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.actors import Actor
from core.money import Money
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
