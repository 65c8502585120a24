"""Who owes whom, as a matrix of the largest organizations, and pair by pair by how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from core import locale
from core.clock import today_in
from core.money import Money
from core.views.base import ConsoleView
from core.views.download import csv_response
from ledger.forms.statement import DueFilter
from ledger.permissions import JOURNAL_VIEW, STATEMENT_VIEW
from ledger.queries.ageing import AGES, Aged, aged
from ledger.queries.report_due import SETTLES, Pairs
from ledger.queries.statement import books_for
from ledger.rules.accounts import Account
from ledger.views.report import drawn, lines_url
from orgs.queries.organization import organization_codes, organization_names

MATRIX = 20
PAIRS = 50


class DueMatrix(ConsoleView):
    """What organizations owe one another: due from in rows, due to in columns, and every pair by age."""

    permission = STATEMENT_VIEW
    module = "finance"

    def get(self, request: Any) -> Any:
        form = DueFilter(request.GET)
        day = form.cleaned_data["until"] if form.is_valid() else None
        until = day or today_in(request.network.time_zone)
        books = list(books_for(self.actor).values_list("pk", flat=True))
        found = aged(books, until, [Account.DUE_FROM])
        if request.GET.get("format") == "csv":
            return self._csv(found)
        query = request.GET.copy()
        query["format"] = "csv"
        context = {
            "title": "Due to and from",
            "description": f"What organizations owe one another, as of {locale.long_day(until)}.",
            "filter_form": form,
            "export_url": "?" + query.urlencode(),
            "matrices": [
                self._of([one for one in found if one.currency == currency], until)
                for currency in sorted({one.currency for one in found})
            ],
            "notes": [SETTLES],
        }
        return self.page("ledger/due_matrix.html", context, status=200 if form.is_valid() else 422)

    def _of(self, mine: Sequence[Aged], until: date) -> dict[str, Any]:
        """One currency: the largest organizations as a matrix, and the largest pairs by age."""
        weight: dict[int, int] = {}
        for due in mine:
            for one in (due.organization_id, due.counterparty_id):
                weight[one] = weight.get(one, 0) + abs(due.total)
        largest = sorted(weight, key=lambda one: (-weight[one], one))[:MATRIX]
        may = self.may(JOURNAL_VIEW)
        shown = [one for one in mine if one.organization_id in largest and one.counterparty_id in largest]
        pairs = Pairs([*shown, *mine[:PAIRS]], until, PAIRS)
        table = pairs.table(f"By age in {mine[0].currency}", "Due from", mine)
        urls = {
            (one.organization_id, one.counterparty_id): lines_url(pairs.lines(one)) if may else ""
            for one in shown
        }
        return {
            "currency": mine[0].currency,
            "ages": drawn(table, may=may),
            "more": len(weight) - len(largest),
            **_matrix(mine[0].currency, largest, shown, urls),
        }

    def _csv(self, found: Sequence[Aged]) -> Any:
        """Every pair, whatever the page shows of them."""
        codes = organization_codes({pk for one in found for pk in (one.organization_id, one.counterparty_id)})
        header = ["creditor", "debtor", "currency", *(words for _, words in AGES), "Total"]

        def rows() -> Iterator[list[str]]:
            for one in found:
                amounts = [Money(minor, one.currency).decimal() for minor in (*one.parts, one.total)]
                yield [codes[one.organization_id], codes[one.counterparty_id], one.currency, *amounts]

        return csv_response(self.request.network.pk, "due-by-age", header, rows)


def _matrix(
    currency: str, largest: list[int], shown: Sequence[Aged], urls: dict[tuple[int, int], str]
) -> dict[str, Any]:
    """Heads, lines and totals of the organizations that are shown, by name."""
    names = organization_names(largest)
    order = sorted(largest, key=lambda one: (names[one], one))
    amounts = {(one.organization_id, one.counterparty_id): Money(one.total, currency) for one in shown}
    zero = Money(0, currency)
    lines = [
        {
            "label": names[creditor],
            "cells": [
                {
                    "own": creditor == debtor,
                    "amount": amounts.get((creditor, debtor)),
                    "url": urls.get((creditor, debtor), ""),
                }
                for debtor in order
            ],
            "total": sum((amounts.get((creditor, debtor), zero) for debtor in order), zero),
        }
        for creditor in order
    ]
    totals = [sum((amounts.get((creditor, debtor), zero) for creditor in order), zero) for debtor in order]
    heads = [names[one] for one in order]
    return {"heads": heads, "lines": lines, "totals": totals, "grand_total": sum(totals, zero)}
