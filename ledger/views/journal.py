"""Pages of the journal: entries, one entry with its reasons, and the lines behind any figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.cursor import cursor_page
from core.views.download import csv_response
from ledger.forms.journal import JournalFilter, LineFilter
from ledger.models import JournalLine, LedgerEvent
from ledger.permissions import ENTITLEMENT_VOID, JOURNAL_VIEW
from ledger.queries.beneficiary import shared_users_of
from ledger.queries.charge_receipt import charge_receipts_for
from ledger.queries.explain import LineWhy, explain, explain_line
from ledger.queries.journal import (
    books_of,
    events_for,
    lines_by_date,
    lines_for,
    lines_of_event,
    of_account,
    with_amount,
)
from ledger.views.entitlement import used_by


class NamesUsers(ConsoleView, abstract=True):
    """A page that says who used what several people share, where one sees the patient; the read is logged."""

    def users(self, events: Sequence[LedgerEvent], how: str) -> dict[int, str]:
        found = shared_users_of(self.actor, events)
        if seen := [one.pk for one in found.values() if one]:
            record_patient_read(self.actor, how, seen, detail="journal")
        return {event_id: used_by(found, event_id) for event_id in found}


class Journal(NamesUsers):
    """Entries, newest first."""

    permission = JOURNAL_VIEW
    module = "finance"

    def get(self, request: Any) -> HttpResponse:
        form = JournalFilter(request.GET, actor=self.actor)
        rows = events_for(self.actor) if form.is_valid() else LedgerEvent.objects.none()
        data = form.cleaned_data
        if data.get("organization"):
            rows = rows.filter(organization=data["organization"])
        if data.get("kind"):
            rows = rows.filter(kind=data["kind"])
        if data.get("since"):
            rows = rows.filter(effective_on__gte=data["since"])
        if data.get("until"):
            rows = rows.filter(effective_on__lte=data["until"])
        page = cursor_page(with_amount(self.actor, rows), request.GET, on="effective_on", key="pk")
        users = self.users(page.rows, "list")
        for event in page.rows:
            event.used_by = users.get(event.pk, "")
        context = {
            "title": "Journal",
            "description": "Every business event with its entry, newest first.",
            "filter_form": form,
            "page": page,
            "actions": [
                {"label": "Export for auditors", "url": reverse("journal-export"), "icon": "file-down"}
            ],
        }
        return self.page("ledger/journal.html", context)


class Event(NamesUsers):
    """One event: its lines in the books one may read, and why each amount is what it is."""

    permission = JOURNAL_VIEW
    subject: LedgerEvent

    def get_subject(self) -> LedgerEvent:
        return found(events_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get(self, request: Any, pk: int) -> HttpResponse:
        event = self.subject
        lines = list(lines_of_event(self.actor, event))
        voided_by = LedgerEvent.objects.filter(voids=event).first()
        context = {
            "title": f"{event.get_kind_display()} of {locale.long_day(event.effective_on)}",
            "description": event.organization.name,
            "status": "voided" if voided_by else "posted",
            "crumbs": [{"label": "Journal", "url": reverse("journal")}],
            "event": event,
            "lines": lines,
            "several_currencies": len({line.currency for line in lines}) > 1,
            "why": explain(event),
            "chosen": self._chosen(lines),
            "used_by": self.users([event], "open").get(event.pk, ""),
            "voided_by": voided_by,
            "receipt": charge_receipts_for(self.actor).filter(event=event).first(),
            "may_void": voided_by is None and event.kind != "void" and self.may(ENTITLEMENT_VOID, event),
        }
        return self.page("ledger/event.html", context)

    def _chosen(self, lines: list[JournalLine]) -> LineWhy | None:
        """The line that was asked for, if it is one of those that one may read."""
        asked = self.request.GET.get("line", "")
        line = next((one for one in lines if str(one.line_no) == asked), None)
        if line is None:
            return None
        line.event = self.subject
        return explain_line(line)


class Lines(ConsoleView):
    """The journal lines behind a figure, newest first."""

    permission = JOURNAL_VIEW
    module = "finance"

    def get(self, request: Any) -> Any:
        form = LineFilter(request.GET, actor=self.actor)
        rows = self._filtered(form.cleaned_data) if form.is_valid() else lines_for(self.actor).none()
        if request.GET.get("format") == "csv":
            return self._csv(rows)
        page = cursor_page(lines_by_date(rows), request.GET, on="on", key="number", within="line_no")
        query = request.GET.copy()
        query["format"] = "csv"
        context = {
            "title": "Journal lines",
            "description": "Debit and credit of every line; an entry balances in each organization's books.",
            "crumbs": [{"label": "Journal", "url": reverse("journal")}],
            "filter_form": form,
            "page": page,
            "export_url": "?" + query.urlencode(),
        }
        return self.page("ledger/lines.html", context)

    def _filtered(self, data: dict[str, Any]) -> Any:
        rows = lines_for(self.actor)
        place, scope = data.get("organization"), data.get("scope")
        books = Q()
        if place:
            books = books_of(place, scope or "alone", data.get("until") or today_in(place.time_zone))
        if data.get("counterparty"):
            books &= Q(counterparty=data["counterparty"])
        rows = of_account(rows, data["account"], books) if data.get("account") else rows.filter(books)
        if data.get("kind"):
            rows = rows.filter(event__kind=data["kind"])
        if data.get("currency"):
            rows = rows.filter(currency=data["currency"])
        if data.get("since"):
            rows = rows.filter(effective_on__gte=data["since"])
        if data.get("until"):
            rows = rows.filter(effective_on__lte=data["until"])
        return rows

    def _csv(self, rows: Any) -> Any:
        header = [
            "date",
            "event",
            "line",
            "organization",
            "account",
            "counterparty",
            "currency",
            "amount_minor",
        ]
        query = rows.order_by("-effective_on", "-event_id", "line_no").values_list(
            "effective_on",
            "event_id",
            "line_no",
            "organization__code",
            "account__code",
            "counterparty__code",
            "currency",
            "amount_minor",
        )

        def lines() -> Iterator[Any]:
            return iter(query.iterator(chunk_size=5000))

        return csv_response(self.request.network.pk, "journal-lines", header, lines)
