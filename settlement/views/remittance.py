"""Pages of remittance statements: what a settlement comes to for one organization, line by line."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.download import csv_response
from core.views.list import LenientPaginator, ListPage
from settlement.models import Remittance, SettlementPair
from settlement.permissions import SETTLEMENT_VIEW
from settlement.queries.remittance import SECTION_LABELS, lines_of, sections_of
from settlement.queries.run import pairs_of, payments_of, remittances_for
from settlement.tables.run import PartyFilter, RemittanceTable

PER_PAGE = 50
HEADER = ("part", "day", "event", "what", "with", "amount", "currency")


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


class RemittancePage(ConsoleView):
    """One statement: what was carried forward, what is new, what was taken back, and the payments."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    subject: Remittance

    def get_subject(self) -> Remittance:
        return found(remittances_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

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
            "actions": [{"label": "CSV", "url": "?format=csv", "icon": "download"}],
            "stats": [
                {"label": "Is owed", "amount": one.owed},
                {"label": "Owes", "amount": one.owes},
                {"label": "Receives" if one.net.minor >= 0 else "Pays", "amount": abs(one.net)},
            ],
            "sections": sections_of(one),
            "pairs": [_seen_from(pair, one) for pair in pairs_of(one)[:PER_PAGE]],
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
        name = f"remittance-{one.run.number}-{one.organization.code}"
        return csv_response(  # type: ignore[return-value]
            self.request.network.pk, name, HEADER, lambda: statement_rows(one)
        )


def statement_rows(one: Remittance) -> Any:
    """The statement as rows of a file: every line, then the net and its payments."""
    currency = one.run.currency
    for line in lines_of(one).iterator(2000):
        yield (
            SECTION_LABELS[line.section],
            line.effective_on,
            line.event_id,
            line.event.get_kind_display(),
            line.counterparty.name,
            line.amount.decimal(),
            currency,
        )
    yield ("Net", one.run.cutoff_on, "", "", "", one.net.decimal(), currency)
    for payment in payments_of(one):
        gets = payment.receiver_id == one.organization_id
        other = payment.payer if gets else payment.receiver
        signed = payment.amount if gets else -payment.amount
        yield ("Payment", one.run.pay_on or "", payment.reference, "", other.name, signed.decimal(), currency)


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
