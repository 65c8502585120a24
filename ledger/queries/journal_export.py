"""The auditor's export: the journal of some books and days in an open format, read in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from core.clock import now
from core.money import Money
from ledger.models import JournalLine, LedgerEvent
from ledger.queries.statement import AccountBalance, balances_of
from ledger.rules import beancount
from ledger.rules.accounts import account_type
from ledger.rules.beancount import Party, Posting
from ledger.rules.report import Period
from orgs.queries.organization import organization_codes, organization_names

if TYPE_CHECKING:
    from orgs.models import Organization

_CHUNK = 5000
_FIELDS = (
    "effective_on",
    "event_id",
    "organization_id",
    "counterparty_id",
    "account__code",
    "currency",
    "amount_minor",
    "event__kind",
    "event__key",
    "event__organization_id",
    "event__posted_at",
    "event__actor_label",
    "event__voids_id",
    "event__rule_version__rule__code",
    "event__rule_version__number",
)


def beancount_of(organizations: Sequence[Organization], period: Period) -> Iterator[str]:
    """Lines of a Beancount file: accounts, opening balances, one transaction an event, and closing balances to prove.

    Each organization's books balance by themselves, so that any choice of them does.
    """
    ids = [one.pk for one in organizations]
    before = period.since - timedelta(days=1)
    opening, closing = balances_of(ids, before), balances_of(ids, period.until)
    known = _parties(ids, closing)
    names = {(one.organization_id, one.account, one.counterparty_id): _name(known, one) for one in closing}
    title = f"{', '.join(one.name for one in organizations[:3])}{' and others' if len(ids) > 3 else ''}"
    yield from beancount.header(
        f"{title}, {period.since} to {period.until}", {one.balance.currency for one in closing}
    )
    yield f"; Written on {now().date()}. Debit is positive, credit negative."
    yield from _opened(before, closing, names, known)
    yield from _carried(before, opening, names)
    yield from _events(ids, period, names, known)
    for one in closing:
        name = names[one.organization_id, one.account, one.counterparty_id]
        yield beancount.balance(period.until + timedelta(days=1), name, one.balance)


def _parties(ids: Sequence[int], closing: Iterable[AccountBalance]) -> dict[int, Party]:
    everybody = {*ids, *(one.counterparty_id for one in closing if one.counterparty_id)}
    everybody |= set(
        JournalLine.objects.filter(organization__in=ids)
        .order_by()
        .values_list("event__organization", flat=True)
        .distinct()
    )
    codes, names = organization_codes(everybody), organization_names(everybody)
    return beancount.parties((pk, codes[pk], names[pk]) for pk in sorted(codes))


def _name(known: dict[int, Party], one: AccountBalance) -> str:
    other = known[one.counterparty_id] if one.counterparty_id else None
    return beancount.account_name(one.account, known[one.organization_id], other)


def _opened(
    on: date, closing: Sequence[AccountBalance], names: dict[Any, str], known: dict[int, Party]
) -> Iterator[str]:
    found: dict[tuple[Any, ...], set[str]] = {}
    for one in closing:
        key = (one.organization_id, one.account, one.counterparty_id)
        found.setdefault(key, set()).add(one.balance.currency)
    for (own, code, other), currencies in found.items():
        meta = {"organization": known[own].name, "account": account_type(code).label}
        yield from beancount.opened(
            on,
            names[own, code, other],
            currencies,
            meta | ({"counterparty": known[other].name} if other else {}),
        )
    yield ""


def _carried(on: date, opening: Sequence[AccountBalance], names: dict[Any, str]) -> Iterator[str]:
    postings = [
        Posting(names[one.organization_id, one.account, one.counterparty_id], one.balance)
        for one in opening
        if one.balance
    ]
    if postings:
        yield from beancount.transaction(on, "", "Opening balances", {}, postings)


def _events(
    ids: Sequence[int], period: Period, names: dict[Any, str], known: dict[int, Party]
) -> Iterator[str]:
    kinds = dict(LedgerEvent.Kind.choices)
    rows = (
        JournalLine.objects.filter(
            organization__in=list(ids), effective_on__range=(period.since, period.until)
        )
        .order_by("effective_on", "event_id", "line_no")
        .values_list(*_FIELDS)
    )
    for _, lines in groupby(rows.iterator(chunk_size=_CHUNK), key=lambda row: row[1]):
        found = list(lines)
        on, event, *_, kind, key, place, posted_at, actor, voids, rule, version = found[0]
        meta = {
            "event": str(event),
            "document": key,
            "kind": kind,
            "at": known[place].code,
            "posted": posted_at.isoformat(),
            "by": actor,
            "rule": f"{rule}, version {version}" if rule else "",
            "voids": str(voids or ""),
        }
        postings = [Posting(names[row[2], row[4], row[3]], Money(row[6], row[5])) for row in found]
        yield from beancount.transaction(on, known[place].name, kinds[kind], meta, postings)
