"""Pages of remittance statements: what a settlement comes to for one organization, line by line."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.money import Money
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from core.views.download import attachment, csv_response
from core.views.list import LenientPaginator, ListPage
from orgs.queries.branding import paper_head
from settlement.models import Remittance, SettlementPair
from settlement.permissions import SETTLEMENT_VIEW
from settlement.queries.remittance import SECTION_LABELS, lines_of, money_moved, sections_of
from settlement.queries.run import pairs_of, payments_of, remittances_for
from settlement.tables.remittance_file import CSV_HEADER, csv_rows, file_name, remittance_pdf
from settlement.tables.run import PartyFilter, RemittanceTable
from work.queries.file import stored_file

PER_PAGE = 50


class RemittanceList(ListPage):
    """The statements of organizations where the person may see settlements."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    title = "Remittance statements"
    table_class = RemittanceTable
    filter_class = PartyFilter

    def get_rows(self) -> QuerySet[Remittance]:
        return remittances_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        return {"description": "What each settlement came to for an organization, claim by claim."}


class RemittanceSubject(ConsoleView, abstract=True):
    """What is about one statement."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    subject: Remittance

    def get_subject(self) -> Remittance:
        return found(remittances_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class RemittancePdf(RemittanceSubject):
    """The statement as it was sent; before that as it would be."""

    permission = SETTLEMENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        file = stored_file(one.file_id) if one.file_id else None
        if file is not None:
            return attachment(file)
        return pdf_response(file_name(one), remittance_pdf(one, paper_head(one.organization)))


class RemittancePage(RemittanceSubject):
    """One statement: what was carried forward, what is new, what was taken back, and the payments."""

    permission = SETTLEMENT_VIEW

    def get(self, request: Any, pk: int) -> Any:
        one = self.subject
        if request.GET.get("format") == "csv":
            return self._csv(one)
        lines = LenientPaginator(lines_of(one), PER_PAGE).page(request.GET.get("page", 1))
        for line in lines:
            line.section_label = SECTION_LABELS[line.section]
        run = one.run
        context = {
            "title": one.organization.name,
            "description": f"Remittance statement of settlement {run.number}, until {locale.long_day(run.cutoff_on)}",
            "status": run.status,
            "status_label": run.get_status_display(),
            "crumbs": [{"label": "Remittance statements", "url": reverse("remittance-list")}],
            "actions": [
                {"label": "CSV", "url": "?format=csv", "icon": "download"},
                {"label": "PDF", "url": reverse("remittance-pdf", args=[pk]), "icon": "file-down"},
            ],
            "stats": [
                {"label": "Claims", "value": locale.number(one.item_count)},
                {"label": "Is owed", "amount": one.owed},
                {"label": "Owes", "amount": one.owes},
                {"label": "Receives" if one.net.minor >= 0 else "Pays", "amount": abs(one.net)},
            ],
            "sections": sections_of(one),
            "pairs": [_seen_from(pair, one) for pair in pairs_of(one)[:PER_PAGE]],
            "moved": money_moved(one)[:PER_PAGE],
            "payments": list(payments_of(one)[:PER_PAGE]),
            "more": f"The {PER_PAGE} largest are shown; the file has all."
            if pairs_of(one).count() > PER_PAGE
            else "",
            "lines": lines,
            "currency": run.currency,
            "one": one,
        }
        return self.page("settlement/remittance.html", context)

    def _csv(self, one: Remittance) -> HttpResponse:
        return csv_response(  # type: ignore[return-value]
            self.request.network.pk, file_name(one), CSV_HEADER, lambda: csv_rows(one)
        )


def _seen_from(pair: SettlementPair, one: Remittance) -> dict[str, Any]:
    """What an organization and another owed one another, from its own side."""
    is_first = pair.first_id == one.organization_id
    owes, owed = pair.first_owes_minor, pair.second_owes_minor
    if not is_first:
        owes, owed = owed, owes
    currency = one.run.currency
    return {
        "other": pair.second if is_first else pair.first,
        "owed": Money(owed, currency),
        "owes": Money(owes, currency),
        "net": Money(owed - owes, currency),
        "claims": pair.item_count,
        "agreement": pair.agreement,
    }
