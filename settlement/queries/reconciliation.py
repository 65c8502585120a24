"""Reads of statements, reconciliations and what they found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
)

from core.actors import Actor
from core.money import Money
from ledger.queries.mutual import book_balance
from orgs.queries.access import where
from settlement.models import (
    Finding,
    OurLine,
    Reconciliation,
    StatementImport,
    StatementLine,
    StatementMapping,
)
from settlement.permissions import RECONCILIATION_VIEW
from settlement.rules.findings import NAMES


def reconciliations_for(actor: Actor) -> QuerySet[Reconciliation]:
    """The reconciliations of organizations whose the actor may see."""
    rows = Reconciliation.objects.filter(where(actor, RECONCILIATION_VIEW, "organization"))
    rows = rows.select_related("organization", "counterparty", "statement")
    return rows.defer("statement__content")


def with_progress(rows: QuerySet[Reconciliation]) -> QuerySet[Reconciliation]:
    """Annotate how many findings there are, and how many wait for an answer."""
    waiting = Count("findings", filter=Q(findings__answer=""))
    return rows.annotate(finding_count=Count("findings"), waiting_count=waiting)


def statements_for(actor: Actor) -> QuerySet[StatementImport]:
    """The statements of organizations whose the actor may see."""
    rows = StatementImport.objects.filter(where(actor, RECONCILIATION_VIEW, "organization"))
    return rows.select_related("organization", "counterparty").defer("content")


def unfinished_statements_for(actor: Actor) -> QuerySet[StatementImport]:
    """Statements that nobody has matched yet, newest first."""
    rows = statements_for(actor).defer("content", "problems", "asked")
    return rows.exclude(status=StatementImport.Status.MATCHED).order_by("-pk")


def findings_for(actor: Actor) -> QuerySet[Finding]:
    """What was found in reconciliations that the actor may see."""
    rows = Finding.objects.filter(where(actor, RECONCILIATION_VIEW, "reconciliation__organization"))
    return rows.select_related("reconciliation__organization", "reconciliation__counterparty")


def with_lines(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """Findings with their lines on both sides, in order."""
    ours = Prefetch("our_lines", OurLine.objects.order_by("on", "event_id"))
    theirs = Prefetch("theirs", StatementLine.objects.order_by("number"))
    return rows.prefetch_related(ours, theirs)


def with_pairs(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """Annotate whether a finding has lines on both sides."""
    ours, theirs = (
        OurLine.objects.filter(finding=OuterRef("pk")),
        StatementLine.objects.filter(finding=OuterRef("pk")),
    )
    return rows.annotate(
        is_pair=ExpressionWrapper(Exists(ours) & Exists(theirs), output_field=BooleanField())
    )


def reconciliation_of(statement: StatementImport) -> Reconciliation:
    """The reconciliation of a statement that was read."""
    return Reconciliation.objects.get(statement=statement)


def mapping_of(organization_id: int, counterparty_id: int | None) -> dict[str, Any] | None:
    """How the last file of this counterparty was read."""
    rows = StatementMapping.objects.filter(organization=organization_id, counterparty=counterparty_id)
    return rows.values_list("mapping", flat=True).first()


def statements_older_than(moment: datetime) -> QuerySet[StatementImport]:
    """Statements whose file is there still, and was sent before."""
    rows = StatementImport.objects.filter(file_removed_at=None, sent_at__lt=moment)
    return rows.select_related("organization")


def matched_elsewhere(
    reconciliation: Reconciliation, keys: Collection[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Those of our lines, by event and account, that stand with a line of another statement.

    An open reconciliation of days that this one has, too, holds nothing: a corrected statement takes its place.
    """
    one = reconciliation
    apart = Q(reconciliation__since__gt=one.until) | Q(reconciliation__until__lt=one.since)
    events = {event for event, _ in keys}
    rows = OurLine.objects.filter(event__in=events, finding__theirs__isnull=False).exclude(reconciliation=one)
    found = rows.filter(apart | Q(reconciliation__is_signed=True)).values_list("event_id", "account_id")
    return set(found) & set(keys)


@dataclass(frozen=True)
class Part:
    """One reason for the difference between the books and the statement, with what it comes to and how much waits."""

    label: str
    count: int
    waiting: int
    amount: Money
    name: str = ""


@dataclass(frozen=True)
class Explanation:
    """The difference of the closing balances, part by part; nothing is left unexplained when `rest` is zero."""

    parts: list[Part]
    difference: Money

    @property
    def rest(self) -> Money:
        return self.difference - sum((part.amount for part in self.parts), Money(0, self.difference.currency))

    @property
    def waiting(self) -> int:
        return sum(part.waiting for part in self.parts)


def explained(reconciliation: Reconciliation) -> Explanation:
    """Why the closing balances differ: what was brought forward, each kind of finding, and entries of other periods."""
    one, currency = reconciliation, reconciliation.currency
    opening = Money(one.opening_minor - one.their_opening_minor, currency)
    parts = [Part("Brought forward from before", 0, 0, opening)] if opening else []
    sums = one.findings.order_by().values("name").annotate(
        count=Count("pk"), waiting=Count("pk", filter=Q(answer="")), here=Sum("ours_minor"), there=Sum("theirs_minor")
    )  # fmt: skip
    by_name = {row["name"]: row for row in sums}
    for name, label in NAMES.items():
        if name in by_name:
            row = by_name[name]
            parts.append(
                Part(label, row["count"], row["waiting"], Money(row["here"] - row["there"], currency), name)
            )
    lines = OurLine.objects.filter(reconciliation=one)
    outside = lines.exclude(on__range=(one.since, one.until)).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    if outside:
        parts.append(Part("Entries of another period here", 0, 0, Money(-outside, currency)))
    if one.elsewhere_minor:
        parts.append(Part("Entries that another statement has", 0, 0, Money(one.elsewhere_minor, currency)))
    return Explanation(parts, one.difference)


def books_now(reconciliation: Reconciliation) -> Money:
    """What stands in the books at the end of the period by now: another balance than was matched, if posted since."""
    one = reconciliation
    return book_balance(one.organization_id, one.counterparty_id, one.currency, one.until)


def content_hash(reconciliation: Reconciliation) -> str:
    """SHA-256 of everything that is signed: balances, and every finding with its lines and its answer."""
    one = reconciliation
    head = [one.pk, one.currency, one.since, one.until, one.opening_minor, one.closing_minor]
    findings = one.findings.order_by("pk").values_list(
        "pk", "name", "ours_minor", "theirs_minor", "answer", "note", "answered_by"
    )
    ours = OurLine.objects.filter(reconciliation=one).order_by("pk")
    theirs = StatementLine.objects.filter(statement=one.statement_id).order_by("pk")
    digest = hashlib.sha256()
    parts: tuple[Iterable[Any], ...] = (
        [head, [one.their_opening_minor, one.their_closing_minor]],
        findings.iterator(chunk_size=5000),
        ours.values_list("finding_id", "event_id", "account_id", "amount_minor").iterator(chunk_size=5000),
        theirs.values_list("finding_id", "number", "on", "amount_minor", "reference").iterator(
            chunk_size=5000
        ),
    )
    for part in parts:
        for row in part:
            digest.update(json.dumps(list(row), default=str, ensure_ascii=False).encode())
    return digest.hexdigest()
