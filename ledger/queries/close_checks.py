"""What stands before closing a month: proofs of the books that don't hold, and what was posted late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse

from core import locale
from core.money import Money
from core.registries import CloseFinding, close_checks
from ledger.models import LedgerEvent, PeriodClosing
from ledger.queries.figures import balances_by_book, rows_of
from ledger.queries.report_prepaid import roll_forward
from ledger.queries.revaluation import revaluations
from ledger.queries.statement import TURNOVER, day_parameters
from ledger.rules.report import month_of
from orgs.queries.organization import organization_codes, organization_names, organizations_by_id


def checklist(organization_ids: Sequence[int], through: date) -> list[CloseFinding]:
    """What every app has to say, what blocks first."""
    found = [one for check in close_checks for one in check(organization_ids, through)]
    return sorted(found, key=lambda one: not one.blocks)


def findings_of(organization_ids: Sequence[int], through: date) -> list[CloseFinding]:
    """The ledger's own: books out of balance, the mirror, the prepaid proof, foreign balances that are not revalued,
    postings after a soft close."""
    return [
        *_out_of_balance(organization_ids, through),
        *_not_mirrored(organization_ids, through),
        *_unproven(organization_ids, through),
        *_not_revalued(organization_ids, through),
        *_late(organization_ids),
    ]


def _out_of_balance(books: Sequence[int], through: date) -> list[CloseFinding]:
    found = []
    for pk, figures in balances_by_book(books, through).items():
        for currency in sorted({currency for _, currency in figures}):
            off = sum(minor for (_, unit), minor in figures.items() if unit == currency)
            if off:
                text = f"The trial balance is off by {Money(off, currency)}."
                found.append(CloseFinding(pk, text, _report("trial-balance", pk, through), blocks=True))
    return found


def _not_mirrored(books: Sequence[int], through: date) -> list[CloseFinding]:
    """What is due from another is what that one has due to, and the other way round."""
    codes = "IN ('due_from', 'due_to')"
    sql = f"""
        WITH named AS MATERIALIZED (
            SELECT unnest(%(books)s::bigint[]) AS id
             UNION SELECT counterparty_id FROM ledger_account
             WHERE network_id = %(network)s AND organization_id = ANY(%(books)s) AND code {codes}),
        inside AS MATERIALIZED (SELECT DISTINCT id FROM named),
        {TURNOVER.format(codes=f"AND a.code {codes}")}
        SELECT CASE code WHEN 'due_from' THEN organization_id ELSE counterparty_id END,
               CASE code WHEN 'due_from' THEN counterparty_id ELSE organization_id END, currency, sum(minor)::bigint
          FROM turnover
         WHERE organization_id = ANY(%(books)s) OR counterparty_id = ANY(%(books)s)
         GROUP BY 1, 2, 3 HAVING sum(minor) <> 0
    """
    rows = rows_of(sql, {"books": list(books)} | day_parameters(through))
    names = organization_names({pk for row in rows for pk in row[:2]})
    return [
        CloseFinding(
            creditor if creditor in books else debtor,
            f"{names[creditor]} and {names[debtor]} differ by {Money(minor, currency)} in what is due.",
            blocks=True,
        )
        for creditor, debtor, currency, minor in rows
    ]


def _unproven(books: Sequence[int], through: date) -> list[CloseFinding]:
    return [
        CloseFinding(
            pk,
            f"The prepaid proof differs by {Money(one.difference or one.unexplained, currency)}.",
            _report("prepaid-proof", pk, through),
            blocks=True,
        )
        for (pk, currency), one in roll_forward(books, month_of(through)).items()
        if not one.holds
    ]


def _not_revalued(books: Sequence[int], through: date) -> list[CloseFinding]:
    """Foreign balances whose worth in the books is not that of the last day's rates."""
    found = []
    for one in revaluations(organizations_by_id(books), through):
        if one.missing or one.step:
            text = one.missing or f"{one.step} of difference on balances in {one.currency} is not booked."
            query = urlencode({"organization": one.organization.code, "on": through.isoformat()})
            found.append(CloseFinding(one.organization.pk, text, f"{reverse('revaluation')}?{query}"))
    return found


def _late(books: Sequence[int]) -> list[CloseFinding]:
    """What was posted on a soft closed day after it was marked."""
    marks = PeriodClosing.objects.filter(organization__in=books, what="soft_closed")
    found = []
    for pk, month, at in marks.values_list("organization").annotate(Max("month"), Max("closed_at")):
        last = month_of(month).until
        late = LedgerEvent.objects.filter(organization=pk, effective_on__lte=last, posted_at__gt=at)
        if count := late.aggregate(count=Count("pk"))["count"]:
            text = f"{locale.counted(count, 'posting', 'postings')} after the soft close of {locale.month(month)}."
            query = {"organization": organization_codes([pk])[pk], "until": last.isoformat()}
            found.append(CloseFinding(pk, text, f"{reverse('journal')}?{urlencode(query)}"))
    return found


def _report(kind: str, organization_id: int, through: date) -> str:
    code = organization_codes([organization_id])[organization_id]
    query = {"kind": kind, "organization": code, "scope": "alone", "until": through.isoformat()}
    return f"{reverse('report')}?{urlencode(query)}"
