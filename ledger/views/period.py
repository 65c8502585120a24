"""Closing periods."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django_tables2 import RequestConfig

from core.views.base import ConsoleView
from core.views.form import FormPage
from core.views.list import LenientPaginator
from ledger.actions.period import close_period
from ledger.forms.rule import CloseForm
from ledger.permissions import PERIOD_CLOSE, STATEMENT_VIEW
from ledger.queries.period import books_with_close, closings_for
from ledger.tables.period import BooksTable
from orgs.queries.access import organizations_for


class Periods(ConsoleView):
    """How far every organization's books are closed, and who closed them."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any) -> HttpResponse:
        button = {
            "label": "Close a month",
            "url": reverse("period-close"),
            "icon": "lock",
            "style": "primary",
            "dialog": True,
        }
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
            "actions": [button] if self.may(PERIOD_CLOSE) else [],
            "closings": closings_for(self.actor)[:30],
        }
        return self.page("ledger/periods.html", context)


class PeriodCloseForm(FormPage):
    """Close a month and every earlier one."""

    permission = PERIOD_CLOSE
    module = "finance"
    title = "Close a month"
    submit_label = "Close"

    def get_form(self, data: Any = None, files: Any = None) -> CloseForm:
        books = organizations_for(self.actor, PERIOD_CLOSE).exclude(kind="third_party").order_by("lft")
        return CloseForm(data, books=books)

    def get_context(self) -> dict[str, Any]:
        told = [
            "Nothing can be posted there on or before the month's last day any more.",
            "It can't be reopened.",
        ]
        return {"consequences": told, "danger": True, "cancel_url": reverse("period-list")}

    def perform(self, form: Any) -> int:
        data = form.cleaned_data
        return close_period(self.actor, data["organization"], month=data["month"], below=data["below"])

    def success_url(self, result: Any) -> str:
        return reverse("period-list")

    def success_message(self, result: int) -> str:
        return (
            f"The month was closed for {result} organization{'' if result == 1 else 's'}."
            if result
            else "It was closed already."
        )
