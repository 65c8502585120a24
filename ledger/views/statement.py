"""Statements: trial balance, and consolidated statement with eliminations that show their work."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import ConsoleView
from core.views.download import csv_response
from ledger.forms.statement import StatementFilter
from ledger.permissions import JOURNAL_VIEW, STATEMENT_VIEW
from ledger.queries.figures import Ask
from ledger.queries.report import statement_in_one
from ledger.queries.statement import Statement as Books
from ledger.queries.statement import books_for, may_consolidate, statement
from ledger.rules.report import Period, Scope
from ledger.tables.report_file import file_of
from ledger.views.report import download, drawn
from orgs.queries.logo import logos
from orgs.views.organization import OrganizationSubject

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization


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
        if data.get("in"):
            return self._in_one(form, self._ask(data, until, whole=whole))
        found = statement(place, until, since=data["since"], consolidated=whole)
        if request.GET.get("format") == "csv":
            return self._csv(place, found)
        return self.page("ledger/statement.html", self._context(form, place, found, until, whole=whole))

    def _data(self, request: Any, books: QuerySet[Organization]) -> dict[str, str]:
        first = "" if request.GET.get("organization") else books.values_list("code", flat=True).first()
        data = {"organization": first or "", "scope": "consolidated"}
        return data | {key: value for key, value in request.GET.items() if value}

    def _ask(self, data: dict[str, Any], until: date, *, whole: bool) -> Ask:
        scope = Scope.CONSOLIDATED if whole else Scope.ALONE
        period = Period(data["since"] or until.replace(day=1), until)
        return Ask(self.actor, data["organization"], scope, period, currency=data["in"])

    def _in_one(self, form: Any, ask: Ask) -> HttpResponse:
        """The same books in one currency: with the difference that translating leaves, and the rates used."""
        report = statement_in_one(ask, during=bool(form.cleaned_data["since"]))
        if self.request.GET.get("format") == "csv":
            content, content_type = file_of("csv", report, ask)
            return download(f"statement-{ask.organization.code}-{ask.currency}.csv", content, content_type)
        may = self.may(JOURNAL_VIEW, ask.organization)
        about = self._about(form, ask.organization, ask.period.until, whole=ask.scope is Scope.CONSOLIDATED)
        context = {
            "tables": [drawn(table, may=may) for table in report.tables],
            "notes": [*about["notes"], *report.notes[1:]],
            "proof": report.proof,
        }
        return self.page("ledger/statement.html", about | context)

    def _about(self, form: Any, place: Organization, until: date, *, whole: bool) -> dict[str, Any]:
        """What stands around the figures, in whatever currency they are."""
        since = form.cleaned_data["since"]
        period = f"from {locale.long_day(since)} to" if since else "as of"
        query = self.request.GET.copy()
        query["format"] = "csv"
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
            "export_url": "?" + query.urlencode(),
            "notes": notes,
        }

    def _context(
        self, form: Any, place: Organization, found: list[Books], until: date, *, whole: bool
    ) -> dict[str, Any]:
        since = form.cleaned_data["since"]
        wrong = [one.currency for one in found if not one.balances]
        text = f"Out of balance in {', '.join(wrong)}." if wrong else "Debits equal credits in every column."
        return self._about(form, place, until, whole=whole) | {
            "statements": [figures(self, one, place, since, until, whole=whole) for one in found],
            "whole": whole,
            "proof": {"ok": not wrong, "text": text},
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
