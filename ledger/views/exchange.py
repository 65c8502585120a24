"""Pages of exchange rates and of balances in foreign currencies."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.errors import Refused
from core.views.base import ConsoleView
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions.exchange import Entered, check_lines, enter_rates
from ledger.actions.revaluation import revalue_all
from ledger.forms.exchange import RateForm, RatesImportForm, RevaluationForm
from ledger.permissions import RATE_ENTER, RATE_VIEW, REVALUE, STATEMENT_VIEW
from ledger.queries.exchange import rates_for, told_of
from ledger.queries.revaluation import Revaluation, revaluations
from ledger.queries.statement import books_for
from ledger.rules.quoted import read_rates
from ledger.rules.report import month_end, months_before
from ledger.tables.exchange import RateFilter, RateTable
from orgs.queries import tree
from orgs.queries.access import organizations_for

if TYPE_CHECKING:
    from orgs.models import Organization

LINES_SHOWN = 200


class RateList(ListPage):
    """Exchange rates as they were put on record."""

    permission = RATE_VIEW
    module = "finance"
    title = "Exchange rates"
    table_class = RateTable
    filter_class = RateFilter

    def get_rows(self) -> Any:
        return rates_for(self.actor)

    def get_context(self) -> dict[str, Any]:
        buttons = [
            {"label": "Import", "url": reverse("rate-import"), "icon": "upload"},
            {
                "label": "Add rate",
                "url": reverse("rate-add"),
                "icon": "plus",
                "style": "primary",
                "dialog": True,
            },
        ]
        return {
            "description": "A rate holds from its day until the next of its pair. What was posted keeps the one it used.",
            "actions": buttons if self.may(RATE_ENTER) else [],
        }


class RateChange(FormPage, abstract=True):
    """Rates are put on record for the whole network."""

    permission = RATE_ENTER
    module = "finance"
    nav = "rate-list"

    def get_context(self) -> dict[str, Any]:
        crumbs = [{"label": "Exchange rates", "url": reverse("rate-list")}]
        return {"cancel_url": reverse("rate-list"), "crumbs": crumbs}

    def success_url(self, result: Any) -> str:
        return reverse("rate-list")

    def success_message(self, result: Entered) -> str:
        said = (
            [f"{locale.counted(result.new, 'rate was', 'rates were')} put on record."] if result.new else []
        )
        if result.corrected:
            said.append(f"{locale.counted(result.corrected, 'rate was', 'rates were')} corrected.")
        return " ".join(said) or "All of it was on record already."


class RateAdd(RateChange):
    """Enter one rate, or correct the one of its day."""

    form_class = RateForm
    title = "Add exchange rate"
    submit_label = "Add rate"

    def get_initial(self) -> dict[str, Any]:
        return {"on": today_in(self.request.network.time_zone)}

    def perform(self, form: Any) -> Entered:
        return enter_rates(self.actor, tree.root(), quoted=[form.quoted()])


class RateImport(RateChange):
    """Import a CSV: first what each line would do, then, when it was seen, all of them."""

    form_class = RatesImportForm
    template = "ledger/rate_import.html"
    title = "Import exchange rates"

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        self.text: str = form.cleaned_data["text"]
        if request.POST.get("seen") == _digest(self.text):
            return super().post(request, *args, **kwargs)
        checked = RatesImportForm({"text": self.text})
        try:
            check_lines(read_rates(self.text))
        except Refused as refusal:
            checked.add_error(refusal.field, refusal.message)
            return self.show(checked, status=422)
        return self.show(checked)

    def get_context(self) -> dict[str, Any]:
        text = getattr(self, "text", "")
        lines = told_of(read_rates(text)) if text else []
        wrong = [one for one in lines if one[0].problem]
        return super().get_context() | {
            "submit_label": f"Import {locale.counted(len(lines), 'rate')}"
            if lines and not wrong
            else "Check",
            "seen": _digest(text) if lines and not wrong else "",
            "lines": [*wrong, *(one for one in lines if not one[0].problem)][:LINES_SHOWN],
            "left_out": max(len(lines) - LINES_SHOWN, 0),
            "wrong": len(wrong),
        }

    def perform(self, form: Any) -> Entered:
        return enter_rates(self.actor, tree.root(), quoted=check_lines(read_rates(self.text)))


def _digest(text: str) -> str:
    """So that what is imported is what was shown."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


class OfBalances(ConsoleView, abstract=True):
    """Balances in foreign currencies of an organization, or of everything below it."""

    module = "finance"
    nav = "revaluation"

    def usual(self) -> dict[str, str]:
        last_month = months_before(today_in(self.request.network.time_zone), 1)
        first = books_for(self.actor).values_list("code", flat=True).first()
        return {"organization": first or "", "on": month_end(last_month).isoformat(), "below": "on"}

    def places(self, data: dict[str, Any], permission: str) -> list[Organization]:
        """Those that are meant, as far as the person may there."""
        place = data["organization"]
        nodes = tree.subtree(place) if data["below"] else tree.subtree(place).filter(pk=place.pk)
        allowed = organizations_for(self.actor, permission)
        return list(nodes.filter(pk__in=allowed.values("pk")).exclude(kind="third_party").order_by("lft"))


class RevaluationPage(OfBalances):
    """What balances in foreign currencies are worth at a day's rates, and what of it is not booked yet."""

    permission = STATEMENT_VIEW

    def get(self, request: Any) -> HttpResponse:
        form = RevaluationForm(request.GET or self.usual(), books=books_for(self.actor))
        about = {
            "title": "Currency revaluation",
            "description": "What balances in foreign currencies gained or lost, and what of it is in the books.",
            "filter_form": form,
        }
        if not form.is_valid():
            return self.page("ledger/revaluation.html", about, status=422)
        found = revaluations(self.places(form.cleaned_data, STATEMENT_VIEW), form.cleaned_data["on"])
        waits = any(one.step or one.missing for one in found)
        book = {
            "label": "Book differences",
            "url": f"{reverse('revaluation-book')}?{_query(form.cleaned_data)}",
            "icon": "book-open",
            "style": "primary",
            "dialog": True,
        }
        return self.page(
            "ledger/revaluation.html",
            about | {"rows": found, "actions": [book] if waits and self.may(REVALUE) else []},
        )


class RevaluationBook(OfBalances, FormPage):
    """Book what is not booked yet."""

    permission = REVALUE
    title = "Book currency differences"
    submit_label = "Book"
    keyed: ClassVar[bool] = True

    def get_form(self, data: Any = None, files: Any = None) -> RevaluationForm:
        books = organizations_for(self.actor, REVALUE).exclude(kind="third_party").order_by("lft")
        asked = {
            key: self.request.GET[key] for key in ("organization", "on", "below") if key in self.request.GET
        }
        return RevaluationForm(data, books=books, initial=asked or self.usual())

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "In each organization's own books and currency, as of the day.",
            "consequences": [
                "Each difference becomes an entry. It is never taken back; the next one books the rest."
            ],
            "cancel_url": reverse("revaluation"),
        }

    def perform(self, form: Any) -> tuple[dict[str, Any], list[Revaluation]]:
        places = self.places(form.cleaned_data, REVALUE)
        made = revalue_all(self.actor, places, on=form.cleaned_data["on"], key=self.idempotency_key())
        return form.cleaned_data, made

    def success_url(self, result: tuple[dict[str, Any], list[Revaluation]]) -> str:
        return f"{reverse('revaluation')}?{_query(result[0])}"

    def success_message(self, result: tuple[dict[str, Any], list[Revaluation]]) -> str:
        count = len(result[1])
        return (
            f"{locale.counted(count, 'difference was', 'differences were')} booked."
            if count
            else "All was booked already."
        )


def _query(data: dict[str, Any]) -> str:
    on: date = data["on"]
    return (
        f"organization={data['organization'].code}&on={on.isoformat()}{'&below=on' if data['below'] else ''}"
    )
