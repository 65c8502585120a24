"""Changing many list prices at once: what would change, applying it, taking it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from core.clock import today_in
from core.errors import Refused
from core.views.base import ConsoleView, found
from core.views.download import csv_response
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions.price_change import change_prices, undo_price_change
from ledger.forms.price_change import PriceChangeForm
from ledger.models import PriceChange
from ledger.permissions import CATALOG_VIEW, PRICE_EDIT
from ledger.queries.price_change import (
    Outcome,
    PlannedPrice,
    PriceTerms,
    fingerprint,
    plan,
    price_changes_for,
)
from ledger.tables.catalog import PriceChangeTable
from orgs.queries.access import organizations_for

if TYPE_CHECKING:
    from orgs.models import Organization

OUTCOMES = {
    Outcome.CHANGES: ("would change", "info"),
    Outcome.SAME: ("stay as they are", ""),
    Outcome.SET: ("are set anew on that day already", "warn"),
    Outcome.NEGATIVE: ("would fall below zero", "bad"),
    Outcome.CURRENCY: ("are in another currency", "warn"),
}
SHOWN = 200
CSV_HEADER = ("organization", "service", "name", "old", "new", "currency", "from", "until", "outcome")


class PriceChangeList(ListPage):
    """Changes of many prices, and taking them back."""

    permission = CATALOG_VIEW
    title = "Changes of prices"
    table_class = PriceChangeTable

    def get_rows(self) -> QuerySet[PriceChange]:
        return price_changes_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        for one in records:
            ahead = one.starts_on > today_in(one.organization.time_zone)
            one.may_undo = ahead and not one.undone_at and self.may(PRICE_EDIT, one)

    def get_context(self) -> dict[str, Any]:
        add = {
            "label": "Change prices",
            "url": reverse("price-change-add"),
            "icon": "plus",
            "style": "primary",
        }
        return {
            "crumbs": [{"label": "Services", "url": reverse("service-list")}],
            "description": "Each can be taken back until it is in force.",
            "actions": [add] if self.may(PRICE_EDIT) else [],
        }


class PriceChangeAdd(ConsoleView):
    """Change the prices at an organization and below it: choose, see every price old and new, apply."""

    permission = PRICE_EDIT

    def get(self, request: Any) -> HttpResponseBase:
        if not request.GET:
            return self._show({"form": self._form()})
        form = self._form(request.GET)
        if not form.is_valid():
            return self._show({"form": form}, status=422)
        terms = form.terms()
        if request.GET.get("format") == "csv":
            return self._csv(terms)
        return self._show({"form": form} | self._preview(terms))

    def post(self, request: Any) -> HttpResponse:
        form = self._form(request.GET)
        if not form.is_valid():
            return self._show({"form": form}, status=422)
        terms = form.terms()
        try:
            change = change_prices(
                self.actor, terms.organization, terms=terms, seen=request.POST.get("_expected", "")
            )
        except Refused as refusal:
            status = 409 if refusal.code == "stale" else 422
            return self._show({"form": form, "note": refusal.message} | self._preview(terms), status=status)
        messages.success(request, f"{change.prices} prices change.")
        return HttpResponseRedirect(reverse("price-change-list"))

    def places(self) -> QuerySet[Organization]:
        return organizations_for(self.actor, PRICE_EDIT).exclude(kind="third_party")

    def _form(self, data: Any = None) -> PriceChangeForm:
        network = self.request.network
        initial = {"starts_on": today_in(network.time_zone) + timedelta(days=1)}
        return PriceChangeForm(data, places=self.places(), currency=network.currency, initial=initial)

    def _preview(self, terms: PriceTerms) -> dict[str, Any]:
        planned = plan(self.actor, terms)
        counts = Counter(one.outcome for one in planned)
        query = self.request.GET.copy()
        query["format"] = "csv"
        return {
            "rows": [(one, *OUTCOMES[one.outcome]) for one in planned[:SHOWN]],
            "counts": [(counts[one], *OUTCOMES[one]) for one in Outcome if counts[one]],
            "total": len(planned),
            "changing": counts[Outcome.CHANGES],
            "expected": fingerprint(terms, planned),
            "hidden": max(0, len(planned) - SHOWN),
            "csv_url": "?" + query.urlencode(),
            "is_at_once": terms.starts_on <= today_in(terms.organization.time_zone),
        }

    def _csv(self, terms: PriceTerms) -> HttpResponseBase:
        planned = plan(self.actor, terms)
        rows = [self._row(one, terms) for one in planned]
        return csv_response(self.request.network.pk, "prices", CSV_HEADER, lambda: iter(rows))

    def _row(self, one: PlannedPrice, terms: PriceTerms) -> tuple[Any, ...]:
        return (
            one.organization.code,
            one.service.code,
            one.service.name,
            one.old.decimal(),
            one.new.decimal(),
            one.new.currency,
            terms.starts_on,
            one.ends_on,
            OUTCOMES[one.outcome][0],
        )

    def _show(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        about = {
            "title": "Change prices",
            "description": "Every list price at an organization and below it, from a day on, with a preview.",
            "crumbs": [{"label": "Changes of prices", "url": reverse("price-change-list")}],
        }
        return self.page("ledger/price_change.html", about | context, status=status)


class PriceChangeUndo(FormPage):
    """Take a change of prices back before it is in force."""

    permission = PRICE_EDIT
    form_class = forms.Form
    title = "Take these prices back"
    submit_label = "Undo"
    subject: PriceChange

    def get_subject(self) -> PriceChange:
        return found(price_changes_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": self.subject.what,
            "consequences": ["The prices that stood before go on."],
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> int:
        return undo_price_change(self.actor, self.subject)

    def success_url(self, result: Any) -> str:
        return reverse("price-change-list")

    def success_message(self, result: int) -> str:
        return f"{result} prices were taken back."
