"""Pages of tax codes and their rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions.tax import add_tax_code, add_tax_rate, withdraw_tax_code
from ledger.forms.tax import TaxCodeForm, TaxRateForm
from ledger.models import TaxCode
from ledger.permissions import CATALOG_EDIT, CATALOG_VIEW
from ledger.queries.catalog import services_for
from ledger.queries.tax import tax_codes_for, with_rate
from ledger.rules.tax import percent_text
from ledger.tables.tax import TaxCodeFilter, TaxCodeTable
from orgs.queries import tree

MOST_SERVICES = 50


class TaxCodeList(ListPage):
    """What services are taxed with."""

    permission = CATALOG_VIEW
    title = "Tax codes"
    table_class = TaxCodeTable
    filter_class = TaxCodeFilter

    def get_rows(self) -> Any:
        return with_rate(tax_codes_for(self.actor), today_in(self.request.network.time_zone))

    def get_context(self) -> dict[str, Any]:
        add = {
            "label": "Add tax code",
            "url": reverse("tax-code-add"),
            "icon": "plus",
            "style": "primary",
            "dialog": True,
        }
        return {
            "description": "What services are taxed with; those without a tax code are exempt.",
            "actions": [add] if self.may(CATALOG_EDIT) else [],
        }


class TaxCodeSubject(ConsoleView, abstract=True):
    """A page about one tax code."""

    permission = CATALOG_VIEW
    subject: TaxCode

    def get_subject(self) -> TaxCode:
        return found(tax_codes_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class TaxCodePage(TaxCodeSubject):
    """A tax code, its rates, and the services that have it."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        changes = self.may(CATALOG_EDIT) and one.status == TaxCode.Status.ACTIVE
        rated = one.method != TaxCode.Method.EXEMPT
        buttons = (
            (changes, "Withdraw", reverse("tax-code-withdraw", args=[pk]), "archive", ""),
            (changes and rated, "Add rate", reverse("tax-rate-add", args=[pk]), "percent", "primary"),
        )
        context = {
            "title": one.name,
            "description": f"{one.code} \u00b7 {one.get_method_display().lower()}",
            "status": one.status,
            "status_label": one.get_status_display(),
            "crumbs": [{"label": "Tax codes", "url": reverse("tax-code-list")}],
            "actions": [
                {"label": label, "url": url, "icon": icon, "style": style, "dialog": True}
                for shown, label, url, icon, style in buttons
                if shown
            ],
            "is_rated": rated,
            "rates": [
                (rate.starts_on, percent_text(rate.percent)) for rate in one.rates.order_by("-starts_on")
            ],
            "services": list(services_for(self.actor).filter(tax_code=one)[: MOST_SERVICES + 1]),
            "most": MOST_SERVICES,
        }
        return self.page("ledger/tax_code.html", context)


class TaxCodeAdd(FormPage):
    """Add a tax code to the network."""

    permission = CATALOG_EDIT
    title = "Add tax code"
    submit_label = "Add tax code"

    def get_form(self, data: Any = None, files: Any = None) -> TaxCodeForm:
        return TaxCodeForm(data, initial={"starts_on": today_in(self.request.network.time_zone)})

    def get_context(self) -> dict[str, Any]:
        return {"cancel_url": reverse("tax-code-list")}

    def perform(self, form: Any) -> TaxCode:
        return add_tax_code(self.actor, tree.root(), **form.cleaned_data)

    def success_url(self, result: TaxCode) -> str:
        return reverse("tax-code", args=[result.pk])

    def success_message(self, result: TaxCode) -> str:
        return f"{result.name} was added. Give it to the services that are taxed with it."


class TaxCodeChange(TaxCodeSubject, FormPage, abstract=True):
    """A form about one tax code; afterwards its page."""

    permission = CATALOG_EDIT

    def get_context(self) -> dict[str, Any]:
        return {"description": self.subject.name, "cancel_url": self.success_url(None)}

    def success_url(self, result: Any) -> str:
        return reverse("tax-code", args=[self.subject.pk])


class TaxRateAdd(TaxCodeChange):
    """Change the rate of a tax code from a day on."""

    title = "Add rate"
    submit_label = "Add rate"

    def get_form(self, data: Any = None, files: Any = None) -> TaxRateForm:
        return TaxRateForm(data, initial={"starts_on": today_in(self.request.network.time_zone)})

    def get_context(self) -> dict[str, Any]:
        told = "What takes place from that day on is taxed with it. What was posted before keeps its rate."
        return super().get_context() | {"consequences": [told]}

    def perform(self, form: Any) -> Any:
        return add_tax_rate(self.actor, self.subject, **form.cleaned_data, version=self.subject.version)

    def success_message(self, result: Any) -> str:
        return "The rate was added."


class TaxCodeWithdraw(TaxCodeChange):
    """Withdraw a tax code."""

    title = "Withdraw tax code"
    submit_label = "Withdraw"

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {
            "consequences": ["No service takes it any more. What was sold with it keeps it."]
        }

    def perform(self, form: Any) -> TaxCode:
        return withdraw_tax_code(self.actor, self.subject, version=self.subject.version)

    def success_message(self, result: TaxCode) -> str:
        return f"{result.name} is withdrawn."
