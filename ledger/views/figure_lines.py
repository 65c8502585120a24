"""What a figure of a report is made of, where journal lines don't tell."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core import locale
from core.views.base import ConsoleView
from core.views.cursor import CursorPage, page_of
from core.views.download import csv_response
from ledger.forms.figure_lines import FigureForm
from ledger.permissions import JOURNAL_VIEW
from ledger.queries.figure_lines import BEGINNING, FIGURES, Asked, figure_lines, figure_sum
from ledger.rules.report import Proof

_HEADER = ["date", "event", "kind", "organization", "with", "what", "currency", "amount_minor"]


class FigureLines(ConsoleView):
    """The parts of one figure, newest first, and what they add up to."""

    permission = JOURNAL_VIEW
    module = "finance"
    nav = "report"

    def get(self, request: Any) -> Any:
        form = FigureForm(request.GET, actor=self.actor)
        about = {"title": "Lines of a figure", "crumbs": [{"label": "Reports", "url": reverse("report")}]}
        if not form.is_valid():
            wrong = [
                f"{form.fields[name].label}: {texts[0]}"
                for name, texts in form.errors.items()
                if name in request.GET
            ]
            told = {"wrong": wrong, "page": CursorPage([], "", "")}
            return self.page("ledger/figure_lines.html", about | told, status=422 if request.GET else 200)
        asked = form.asked()
        if request.GET.get("format") == "csv":
            return csv_response(
                request.network.pk, f"figure-{asked.figure}", _HEADER, lambda: self._rows(asked)
            )
        names = ("on", "event_id", "no")
        page = page_of(
            lambda start, most: figure_lines(self.actor, asked, start, most), request.GET, names=names
        )
        query = request.GET.copy()
        query["format"] = "csv"
        whole = figure_sum(self.actor, asked)
        return self.page(
            "ledger/figure_lines.html",
            about
            | {
                "title": FIGURES[asked.figure],
                "description": _about(asked),
                "actions": [{"label": "CSV", "url": "?" + query.urlencode(), "icon": "download"}],
                "page": page,
                "currency": asked.currency,
                "proof": Proof(ok=True, text=f"Together {asked.currency} {whole.format()}."),
            },
        )

    def _rows(self, asked: Asked) -> Any:
        for one in figure_lines(self.actor, asked, size=None):
            texts = (one.on, one.event_id, one.kind, one.organization, one.other, one.what)
            yield (*texts, one.amount.currency, one.amount.minor)


def _about(asked: Asked) -> str:
    """Whose, with whom, and of which days."""
    whose = asked.organization.name
    if asked.counterparty:
        whose = f"{whose} and {asked.counterparty.name}"
    if asked.since == BEGINNING:
        return f"{whose}, until {locale.long_day(asked.until)}, in {asked.currency}"
    return f"{whose}, {locale.day(asked.since)} to {locale.day(asked.until)}, in {asked.currency}"
