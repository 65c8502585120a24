"""The auditor's export of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from core import locale
from core.tenancy import bound
from core.views.base import ConsoleView
from ledger.forms.journal import ExportForm
from ledger.permissions import JOURNAL_VIEW
from ledger.queries.journal_export import beancount_of
from ledger.rules.report import Period, month_of
from orgs.queries.access import organizations_for
from orgs.queries.tree import root, subtree


class JournalExport(ConsoleView):
    """The journal of some books and days as a file that public tools read."""

    permission = JOURNAL_VIEW
    module = "finance"
    nav = "journal"

    def get(self, request: Any) -> HttpResponseBase:
        form = ExportForm(self._data(), actor=self.actor)
        context: dict[str, Any] = {
            "title": "Export for auditors",
            "crumbs": [{"label": "Journal", "url": reverse("journal")}],
            "filter_form": form,
            "actions": [{"label": "Seals", "url": reverse("seal-list"), "icon": "stamp"}]
            if self.may(JOURNAL_VIEW, root())
            else [],
        }
        if not form.is_valid():
            return self.page("ledger/journal_export.html", context, status=422)
        data = form.cleaned_data
        books = self._books(data["organization"], below=data["below"])
        if request.GET.get("export") == "beancount":
            return self._file(books, Period(data["since"], data["until"]), data["organization"].code)
        query = self.request.GET.copy() if self.request.GET else self._query()
        query["export"] = "beancount"
        context["exports"] = [{"label": "Beancount", "url": "?" + query.urlencode()}]
        context["description"] = (
            f"{locale.counted(len(books), 'organization')}, {locale.day(data['since'])} to {locale.day(data['until'])}."
        )
        return self.page("ledger/journal_export.html", context)

    def _data(self) -> Any:
        return self.request.GET or self._query()

    def _query(self) -> Any:
        """Last month of the first books that one may read."""
        books = organizations_for(self.actor, JOURNAL_VIEW).exclude(kind="third_party").order_by("lft")
        last = month_of(timezone.localdate().replace(day=1) - timedelta(days=1))
        query = self.request.GET.copy()
        query.update(
            {
                "organization": books.values_list("code", flat=True).first() or "",
                "since": last.since.isoformat(),
                "until": last.until.isoformat(),
            }
        )
        return query

    def _books(self, place: Any, *, below: bool) -> list[Any]:
        """The organization and, of what is below it, the books whose journal one may read."""
        rows = organizations_for(self.actor, JOURNAL_VIEW).exclude(kind="third_party")
        chosen = subtree(place) if below else subtree(place).filter(pk=place.pk)
        return list(rows.filter(pk__in=chosen.order_by().values("pk")).order_by("lft"))

    def _file(self, books: list[Any], period: Period, code: str) -> StreamingHttpResponse:
        network_id = self.request.network.pk

        def lines() -> Iterator[bytes]:
            with bound(network_id):
                for line in beancount_of(books, period):
                    yield f"{line}\n".encode()

        response = StreamingHttpResponse(lines(), content_type="text/plain; charset=utf-8")
        name = f"journal-{code}-{period.since}-{period.until}.beancount"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
