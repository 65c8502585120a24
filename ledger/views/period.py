"""Closing periods, what stands before it, opening them again, and what was reported of what is closed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django_tables2 import RequestConfig

from core import locale
from core.clock import now
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from core.views.export import XLSX_TYPE
from core.views.form import FormPage
from core.views.list import LenientPaginator
from ledger.actions import period as actions
from ledger.forms.period import CloseForm, DecideForm, MonthForm, ReopenForm
from ledger.models import ClosedStatement, PeriodReopening
from ledger.permissions import PERIOD_CLOSE, PERIOD_REOPEN, STATEMENT_VIEW
from ledger.queries.close_checks import checklist
from ledger.queries.closed_statement import (
    KINDS,
    as_it_was,
    closed_report,
    closed_statements_for,
    digest,
    head_of,
    is_in_force,
)
from ledger.queries.period import books_with_close, closings_for, reopenings_for
from ledger.rules.report import Proof, Report, Scope, month_end, month_of, months_before
from ledger.tables.period import BooksTable
from ledger.tables.report_file import CSV_TYPE, csv_of, pdf_of, xlsx_of
from ledger.views.report import FILES, download, drawn
from orgs.queries.access import organizations_for
from orgs.queries.organization import organization_names
from orgs.queries.tree import subtree

SHOWN = 30


class Periods(ConsoleView):
    """How far every organization's books are closed, who closed and reopened them, and what was reported then."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any) -> HttpResponse:
        table = BooksTable(books_with_close(self.actor), request=request)
        RequestConfig(request, paginate={"per_page": 25, "paginator_class": LenientPaginator}).configure(
            table
        )
        if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
            return self.page("components/results.html", {"table": table})
        context = {
            "table": table,
            "title": "Periods",
            "description": "A closed period's reports never change; corrections go to the open one.",
            "actions": self._buttons(),
            "closings": closings_for(self.actor)[:SHOWN],
            "reopenings": reopenings_for(self.actor)[:SHOWN],
            "statements": closed_statements_for(self.actor).defer("content")[:SHOWN],
            "may_reopen": self.may(PERIOD_REOPEN),
        }
        return self.page("ledger/periods.html", context)

    def _buttons(self) -> list[dict[str, Any]]:
        check = {"label": "Checklist", "url": reverse("period-checklist"), "icon": "list-checks"}
        if not self.may(PERIOD_CLOSE):
            return [check]
        reopen = {
            "label": "Reopen a month",
            "url": reverse("period-reopen"),
            "icon": "lock-open",
            "dialog": True,
        }
        close = {"label": "Close a month", "url": reverse("period-close"), "icon": "lock", "dialog": True}
        return [check, reopen, close | {"style": "primary"}]


class Checklist(ConsoleView):
    """What stands before closing a month of an organization and everything below it."""

    permission = STATEMENT_VIEW
    module = "finance"
    nav = "period-list"

    def get(self, request: Any) -> HttpResponse:
        books = books_with_close(self.actor)
        last_month = months_before(now().date(), 1)
        usual = {"month": last_month.isoformat()[:7], "below": "on"}
        first = books.values_list("pk", flat=True).first()
        form = MonthForm(request.GET if request.GET else usual | {"organization": first or ""}, books=books)
        about = {
            "title": "Before closing",
            "crumbs": [{"label": "Periods", "url": reverse("period-list")}],
            "filter_form": form,
        }
        if not form.is_valid():
            return self.page("ledger/period_checklist.html", about, status=422)
        data = form.cleaned_data
        place, month = data["organization"], data["month"]
        nodes = subtree(place) if data["below"] else [place]
        readable = set(books.values_list("pk", flat=True))
        ids = [node.pk for node in nodes if node.pk in readable]
        findings = checklist(ids, month_end(month))
        names = organization_names({one.organization_id for one in findings})
        said = f"{place.name}, {locale.month(month)}: {locale.counted(len(ids), 'organization')} looked at."
        rows = [(names[one.organization_id], one) for one in findings]
        return self.page("ledger/period_checklist.html", about | {"description": said, "findings": rows})


class OfMonth(FormPage, abstract=True):
    """A form about a month of some books."""

    permission = PERIOD_CLOSE
    module = "finance"

    def books(self) -> Any:
        return organizations_for(self.actor, PERIOD_CLOSE).exclude(kind="third_party").order_by("lft")

    def success_url(self, result: Any) -> str:
        return reverse("period-list")


class PeriodCloseForm(OfMonth):
    """Close a month and every earlier one."""

    title = "Close a month"
    submit_label = "Close"

    def get_form(self, data: Any = None, files: Any = None) -> CloseForm:
        return CloseForm(data, books=self.books())

    def get_context(self) -> dict[str, Any]:
        told = [
            "Closed for good, nothing can be posted there on or before the month's last day.",
            "It opens again only if somebody else approves it.",
        ]
        return {"consequences": told, "danger": True, "cancel_url": reverse("period-list")}

    def perform(self, form: Any) -> int:
        data = form.cleaned_data
        close = actions.soft_close_period if data["how"] == "soft" else actions.close_period
        return close(self.actor, data["organization"], month=data["month"], below=data["below"])

    def success_message(self, result: int) -> str:
        return (
            f"The month was closed for {locale.counted(result, 'organization')}."
            if result
            else "It was closed already."
        )


class PeriodReopen(OfMonth):
    """Ask that a closed month be opened again."""

    title = "Reopen a month"
    submit_label = "Ask for it"
    success = "Somebody else has to approve it before it opens."

    def get_form(self, data: Any = None, files: Any = None) -> ReopenForm:
        return ReopenForm(data, books=self.books())

    def get_context(self) -> dict[str, Any]:
        told = ["The month and every later one open, once somebody else has approved it."]
        return {"consequences": told, "cancel_url": reverse("period-list")}

    def perform(self, form: Any) -> PeriodReopening:
        data = form.cleaned_data
        return actions.request_reopening(
            self.actor,
            data["organization"],
            month=data["month"],
            below=data["below"],
            reason=data["reason"],
        )


class PeriodReopeningDecide(FormPage):
    """Approve or decline that a closed month be opened again."""

    permission = PERIOD_REOPEN
    module = "finance"
    title = "Decide on reopening"
    submit_label = "Decide"
    form_class = DecideForm
    subject: PeriodReopening

    def get_subject(self) -> PeriodReopening:
        return found(reopenings_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        where = f"{one.organization.name}{' and everything below it' if one.below else ''}"
        told = [
            f"{one.requested_label} asks to open {locale.month(one.month)} and every later month of {where}.",
            f"Why: {one.reason}",
        ]
        return {"consequences": told, "cancel_url": reverse("period-list")}

    def perform(self, form: Any) -> None:
        data = form.cleaned_data
        if data["decision"] == "approve":
            actions.approve_reopening(self.actor, self.subject, note=data["note"])
        else:
            actions.decline_reopening(self.actor, self.subject, note=data["note"])

    def success_url(self, result: Any) -> str:
        return reverse("period-list")

    success = "Decided."


class ClosedStatementPage(ConsoleView):
    """What was reported of a month when it was closed, as a page, CSV, XLSX or PDF."""

    permission = STATEMENT_VIEW
    module = "finance"
    nav = "period-list"
    subject: ClosedStatement

    def get_subject(self) -> ClosedStatement:
        return found(closed_statements_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get(self, request: Any, pk: int) -> HttpResponse:
        kind = request.GET.get("kind", "")
        kind = kind if kind in KINDS else "trial-balance"
        with as_it_was(self.subject):
            report = closed_report(self.subject, kind)
            name = (
                f"{kind}-{self.subject.content['organization']['code']}-{self.subject.month.isoformat()[:7]}"
            )
            match request.GET.get("export"):
                case "pdf":
                    return pdf_response(name, pdf_of(report, head_of(self.subject), self.subject.closed_at))
                case "xlsx":
                    return download(f"{name}.xlsx", xlsx_of(report, self.subject.closed_at), XLSX_TYPE)
                case "csv":
                    return download(f"{name}.csv", csv_of(report), CSV_TYPE)
            in_force = is_in_force(self.subject)
            is_whole = digest(self.subject.content) == self.subject.sha256
            context = {
                "title": report.title,
                "description": report.description,
                "status": "closed" if in_force else "ended",
                "status_label": "In force" if in_force else "Reopened since",
                "crumbs": [{"label": "Periods", "url": reverse("period-list")}],
                "tabs": [
                    {"label": words, "url": f"?kind={code}", "current": code == kind}
                    for code, words in KINDS.items()
                ],
                "actions": [*self._translated(kind, report), *_files(kind)],
                "tables": [
                    drawn(table, may=False)  # the lines of today are not what was kept
                    for table in report.tables
                ],
                "notes": report.notes,
                "sha256": self.subject.sha256,
                "proof": Proof(is_whole, "As it was kept." if is_whole else "It is not what was kept."),
            }
            return self.page("ledger/closed_statement.html", context).render()  # type: ignore[attr-defined,no-any-return]

    def _translated(self, kind: str, report: Report) -> list[dict[str, str]]:
        """The month in one currency, where it was in several: at the rates on record when it closed."""
        place, month = self.subject.organization, month_of(self.subject.month)
        if {table.currency for table in report.tables} <= {place.currency}:
            return []
        query = {
            "kind": kind,
            "organization": place.code,
            "scope": (Scope.CONSOLIDATED if self.subject.content["consolidated"] else Scope.ALONE).value,
            "since": month.since.isoformat(),
            "until": month.until.isoformat(),
            "in": place.currency,
        }
        url = f"{reverse('report')}?{urlencode(query)}"
        return [{"label": f"All in {place.currency}", "url": url, "icon": "coins"}]


def _files(kind: str) -> list[dict[str, str]]:
    return [
        {"label": words, "url": f"?kind={kind}&export={code}", "icon": "download"}
        for code, words in FILES.items()
    ]
