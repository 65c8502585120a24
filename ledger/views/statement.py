"""Statements: trial balance, consolidated statement with eliminations that show their work, and who owes whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.money import Money
from core.views.base import ConsoleView
from core.views.download import csv_response
from ledger.forms.statement import DueFilter, StatementFilter
from ledger.permissions import JOURNAL_VIEW, STATEMENT_VIEW
from ledger.queries.statement import Due, books_for, dues, may_consolidate, statement
from ledger.queries.statement import Statement as Books
from orgs.queries.logo import logos
from orgs.queries.organization import organization_codes, organization_names
from orgs.views.organization import OrganizationSubject

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

MATRIX = 20


class Statement(ConsoleView):
    """An organization's trial balance, or aggregate | eliminations | consolidated of its perimeter."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any) -> Any:
        books = books_for(self.actor)
        form = StatementFilter(self._data(request, books), books=books)
        if not form.is_valid():
            return self.page("ledger/statement.html", {"title": "Statement", "filter_form": form}, status=422)
        data = form.cleaned_data
        place = data["organization"]
        until = data["until"] or today_in(place.time_zone)
        whole = data["scope"] != "alone" and may_consolidate(self.actor, place, until)
        found = statement(place, until, since=data["since"], consolidated=whole)
        if request.GET.get("format") == "csv":
            return self._csv(place, found)
        return self.page("ledger/statement.html", self._context(form, place, found, until, whole=whole))

    def _data(self, request: Any, books: QuerySet[Organization]) -> dict[str, str]:
        first = "" if request.GET.get("organization") else books.values_list("code", flat=True).first()
        data = {"organization": first or "", "scope": "consolidated"}
        return data | {key: value for key, value in request.GET.items() if value}

    def _context(
        self, form: Any, place: Organization, found: list[Books], until: date, *, whole: bool
    ) -> dict[str, Any]:
        since = form.cleaned_data["since"]
        period = f"from {locale.long_day(since)} to" if since else "as of"
        query = self.request.GET.copy()
        query["format"] = "csv"
        wrong = [one.currency for one in found if not one.balances]
        notes = ["Signed amounts: debit positive, credit negative."]
        if form.cleaned_data["scope"] != "alone" and not whole:
            notes.append(
                f"Not consolidated: on {locale.long_day(until)} an organization stood below {place.name} whose statements "
                "you may not read."
            )
        return {
            "title": "Consolidated statement" if whole else "Trial balance",
            "description": f"{place.name}, {period} {locale.long_day(until)}",
            "paper_logo": logos(place),
            "filter_form": form,
            "actions": [self._in_one(place, until, whole=whole)] if len(found) > 1 else [],
            "export_url": "?" + query.urlencode(),
            "statements": [figures(self, one, place, since, until, whole=whole) for one in found],
            "whole": whole,
            "proof": {
                "ok": not wrong,
                "text": f"Out of balance in {', '.join(wrong)}."
                if wrong
                else "Debits equal credits in every column.",
            },
            "notes": notes,
        }

    def _in_one(self, place: Organization, until: date, *, whole: bool) -> dict[str, str]:
        """The same books as a report in the organization's own currency."""
        query = {
            "kind": "trial-balance",
            "organization": place.code,
            "scope": "consolidated" if whole else "alone",
            "until": until.isoformat(),
            "in": place.currency,
        }
        return {
            "label": f"All in {place.currency}",
            "url": f"{reverse('report')}?{urlencode(query)}",
            "icon": "coins",
        }

    def _csv(self, place: Organization, found: list[Books]) -> Any:
        header = ["section", "account", "currency", "aggregate", "eliminations", "consolidated"]
        rows = [
            (
                part.section.value,
                row.type.account.value,
                one.currency,
                row.aggregate.decimal(),
                row.eliminations.decimal(),
                row.consolidated.decimal(),
            )
            for one in found
            for part in one.parts
            for row in part.rows
        ]
        return csv_response(self.request.network.pk, f"statement-{place.code}", header, lambda: rows)


class OrganizationMoney(OrganizationSubject):
    """The tab of an organization's page: its trial balance today. Third parties keep no books."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get_subject(self) -> Organization:
        place = super().get_subject()
        if not place.keeps_books:
            raise Http404(f"{place.name} keeps no books.")
        return place

    def get(self, request: Any, pk: int) -> HttpResponse:
        place = self.subject
        until = today_in(place.time_zone)
        context = {
            "statement_url": f"{reverse('statement')}?{urlencode({'organization': place.code})}",
            "statements": [
                figures(self, one, place, None, until, whole=False) for one in statement(place, until)
            ],
        }
        return self.page("ledger/organization_money.html", self.about() | context)


class DueMatrix(ConsoleView):
    """What organizations owe one another: due from in rows, due to in columns."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any) -> HttpResponse:
        form = DueFilter(request.GET)
        until = (form.cleaned_data["until"] if form.is_valid() else None) or today_in(
            self.request.network.time_zone
        )
        found = dues(self.actor, until)
        context = {
            "title": "Due to and from",
            "description": f"What organizations owe one another, as of {locale.long_day(until)}.",
            "filter_form": form,
            "matrices": [
                self._matrix(currency, found, until)
                for currency in sorted({due.amount.currency for due in found})
            ],
        }
        return self.page("ledger/due_matrix.html", context, status=200 if form.is_valid() else 422)

    def _matrix(self, currency: str, found: list[Due], until: date) -> dict[str, Any]:
        """The largest organizations as a matrix; the rest is counted, and stands in the journal."""
        mine = [due for due in found if due.amount.currency == currency]
        weight: dict[int, int] = {}
        for due in mine:
            for one in (due.creditor_id, due.debtor_id):
                weight[one] = weight.get(one, 0) + abs(due.amount.minor)
        shown = sorted(weight, key=lambda one: -weight[one])[:MATRIX]
        names, codes = organization_names(shown), organization_codes(shown)
        shown.sort(key=lambda one: names[one])
        amounts = {(due.creditor_id, due.debtor_id): due.amount for due in mine}
        zero = Money(0, currency)
        lines = []
        for creditor in shown:
            cells = [
                {
                    "own": creditor == debtor,
                    "amount": amounts.get((creditor, debtor)),
                    "url": self._url(codes[creditor], codes[debtor], currency, until)
                    if (creditor, debtor) in amounts
                    else "",
                }
                for debtor in shown
            ]
            total = sum((amounts.get((creditor, debtor), zero) for debtor in shown), zero)
            lines.append({"label": names[creditor], "cells": cells, "total": total})
        totals = [
            sum((amounts.get((creditor, debtor), zero) for creditor in shown), zero) for debtor in shown
        ]
        return {
            "currency": currency,
            "heads": [names[one] for one in shown],
            "lines": lines,
            "totals": totals,
            "grand_total": sum(totals, zero),
            "more": len(weight) - len(shown),
        }

    def _url(self, creditor: str, debtor: str, currency: str, until: date) -> str:
        if not self.may(JOURNAL_VIEW):
            return ""
        query = {
            "organization": creditor,
            "account": "due_from",
            "counterparty": debtor,
            "currency": currency,
            "until": until.isoformat(),
            "scope": "alone",
        }
        return reverse("journal-lines") + "?" + urlencode(query)


def figures(
    view: ConsoleView, one: Books, place: Organization, since: date | None, until: date, *, whole: bool
) -> dict[str, Any]:
    """A statement with an address behind every figure, for those who may read the journal."""
    may = view.may(JOURNAL_VIEW, place)
    base = {"organization": place.code, "currency": one.currency, "until": until.isoformat()}
    if since:
        base["since"] = since.isoformat()

    def lines(account: str, scope: str) -> str:
        if not may:
            return ""
        return reverse("journal-lines") + "?" + urlencode(base | {"account": account, "scope": scope})

    parts = [
        {
            "title": part.section.value.capitalize(),
            "rows": [
                {
                    "label": row.type.label,
                    "row": row,
                    "url": lines(row.type.account.value, "consolidated" if whole else "alone"),
                    "eliminated_url": lines(row.type.account.value, "eliminated") if row.eliminations else "",
                    "consolidated_url": lines(row.type.account.value, "remaining") if whole else "",
                }
                for row in part.rows
            ],
            "part": part,
        }
        for part in one.parts
    ]
    return {"currency": one.currency, "parts": parts, "totals": one.totals}
