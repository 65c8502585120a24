"""Reports of the books, as a page, CSV, XLSX, PDF or print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.ports import ListView, socket
from core.views.base import ConsoleView
from core.views.list import query_to_keep
from ledger.forms.report import ReportFilter
from ledger.permissions import JOURNAL_VIEW, REPORT_SCHEDULE, STATEMENT_VIEW
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS, USUAL_KIND, USUAL_PERIOD, Kind
from ledger.queries.statement import books_for
from ledger.rules.report import Compare, Report, Scope, Table
from ledger.tables.report_file import file_of
from orgs.queries.logo import logos
from patients.permissions import PATIENT_EXPORT, PATIENT_VIEW

FILES = {"csv": "CSV", "xlsx": "XLSX", "pdf": "PDF"}


class ReportPage(ConsoleView):
    """One report of any kind, and the ways to see it that one has saved."""

    permission = STATEMENT_VIEW
    module = "finance"
    keeps_views = True

    def get(self, request: Any) -> HttpResponse:
        views = socket.views.of_list(self.actor, "report")
        opens = next((view for view in views if view.is_default and view.is_mine and view.query), None)
        if opens and not request.GET:
            return HttpResponseRedirect(f"{request.path}?{opens.query}")
        data = self._data()
        self.kind = KINDS.get(data["kind"], KINDS[USUAL_KIND])
        form = ReportFilter(data, books=books_for(self.actor), kind=self.kind)
        about = {"title": self.kind.title, "description": self.kind.text, "filter_form": form}
        if not form.is_valid():
            return self.page("ledger/report.html", about, status=422)
        ask, told = self._ask(form)
        file = request.GET.get("export")
        is_file = file in FILES
        found = self.kind.build(replace(ask, naming=PATIENT_EXPORT if is_file else PATIENT_VIEW))
        if found.patient_ids:
            how = "export" if is_file else "list"
            record_patient_read(self.actor, how, list(found.patient_ids), detail=self.kind.title)
        if is_file:
            return report_file(found, ask, self.kind, file)
        saved = {
            "saved_views": views,
            "may_share_views": bool(views) and self.may("view:share"),
            "list_query": query_to_keep(request.GET),
        }
        return self.page("ledger/report.html", about | saved | self._context(ask, found, told, views))

    def _data(self) -> dict[str, str]:
        """What is asked, filled up with what is usual."""
        typed = {key: str(value) for key, value in self.request.GET.items() if value}
        kind = KINDS.get(typed.get("kind", ""), KINDS[USUAL_KIND])
        if typed.get("scope", "") in ("", Scope.CONSOLIDATED):
            typed["scope"] = kind.fitting("")
        data = {"kind": USUAL_KIND, "period": USUAL_PERIOD}
        if "organization" not in typed:
            data["organization"] = books_for(self.actor).values_list("code", flat=True).first() or ""
        return data | typed

    def _ask(self, form: ReportFilter) -> tuple[Ask, list[str]]:
        """What is asked for, of one organization alone where the person may not read all the books below it."""
        data, period = form.cleaned_data, form.days()
        place, scope = data["organization"], Scope(data["scope"])
        ask = Ask(self.actor, place, scope, period, Compare(data.get("compare") or ""), data.get("in") or "")
        if ask.is_allowed():
            return ask, []
        told = f"Of {place.name} alone: on {locale.long_day(period.until)} an organization stood below it whose statements you may not read."
        return replace(ask, scope=Scope.ALONE), [told]

    def _context(self, ask: Ask, found: Report, told: list[str], views: Sequence[ListView]) -> dict[str, Any]:
        may = self.may(JOURNAL_VIEW, ask.organization)
        return {
            "title": found.title,
            "description": found.description,
            "paper_logo": logos(ask.organization),
            "actions": self._buttons(ask, views),
            "exports": [{"label": words, "url": self._with_format(code)} for code, words in FILES.items()],
            "tables": [drawn(table, may=may) for table in found.tables],
            "chart": found.chart,
            "notes": [*told, *found.notes],
            "proof": found.proof,
        }

    def _buttons(self, ask: Ask, views: Sequence[ListView]) -> list[dict[str, str]]:
        """What goes out by mail, and this report, or the saved view that it is, to go out from now on."""
        scheduled = {"label": "Scheduled", "url": reverse("report-schedule-list"), "icon": "calendar-clock"}
        if not self.may(REPORT_SCHEDULE, ask.organization):
            return [scheduled]
        this = {"kind": self.kind.code, "scope": ask.scope.value, "organization": ask.organization.pk}
        if view := next((one for one in views if one.query == query_to_keep(self.request.GET)), None):
            this["view"] = view.pk
        url = f"{reverse('report-schedule-add')}?{urlencode(this)}"
        return [scheduled, {"label": "Send by mail", "url": url, "icon": "send"}]

    def _with_format(self, code: str) -> str:
        query = self.request.GET.copy()
        query["export"] = code
        return "?" + query.urlencode()


def drawn(table: Table, *, may: bool) -> dict[str, Any]:
    """A table as its template draws it: with addresses of what is behind its figures, for those who may read that."""
    figures = table.are_figures
    return {
        "table": table,
        "heads": list(zip(table.heads, [False, *figures], strict=True)),
        "lines": [
            (
                line,
                [
                    (cell.value, lines_url(cell.lines) if may else "", is_figure)
                    for cell, is_figure in zip(line.cells, figures, strict=False)
                ],
            )
            for line in table.lines
        ],
    }


def lines_url(lines: Any) -> str:
    """Where the lines behind a figure are; empty where it has none."""
    page = "figure-lines" if "figure" in lines else "journal-lines"
    return f"{reverse(page)}?{urlencode(lines)}" if lines else ""


def report_file(found: Report, ask: Ask, kind: Kind, file: str) -> HttpResponse:
    """A report as a download."""
    content, content_type = file_of(file, found, ask)
    return download(f"{kind.code}-{ask.organization.code}-{ask.period.until}.{file}", content, content_type)


def download(name: str, content: bytes, content_type: str) -> HttpResponse:
    """A file that was made."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
