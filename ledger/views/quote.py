"""Pages of quotes: writing one at the counter, looking at it, printing, mailing, withdrawing, and selling it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import slugify

from audit.trail import record_patient_read
from core import locale
from core.clock import today_in
from core.paper import pdf_response
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from ledger.actions.quote import (
    mail_quote,
    make_quote,
    sell_quote,
    what_changed,
    why_not_sold,
    withdraw_quote,
)
from ledger.forms.quote import QuoteForm, QuoteSellForm
from ledger.models import Package, Quote
from ledger.permissions import SALE_CREATE, SALE_VIEW
from ledger.queries.offer import packages_on_sale_at
from ledger.queries.quote import lines_of_quote, quotes_for, tax_on_top, total_of
from ledger.rules.settings import PAYMENT_METHODS_TAKEN
from ledger.tables.quote import QuoteFilter, QuoteTable, quote_pdf, set_states
from ledger.views.counter import CounterForm
from ledger.views.entitlement import LoggedPrepaid
from orgs.queries.branding import paper_head
from orgs.rules.settings import LOCALE
from patients.queries.patient import patients_for
from patients.views.choice import PatientChoice

if TYPE_CHECKING:
    from patients.models import Patient

GOOD_FOR = timedelta(days=30)
CRUMBS = ({"label": "Quotes", "url": "/console/quotes/"},)


class QuoteList(LoggedPrepaid):
    """Quotes of the organizations one may see."""

    permission = SALE_VIEW
    title = "Quotes"
    shows = "quotes"
    table_class = QuoteTable
    filter_class = QuoteFilter

    def get_rows(self) -> Any:
        return quotes_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        set_states(records)

    def on_page(self, records: Any) -> None:
        record_patient_read(
            self.actor, "list", [one.patient_id for one in records if one.patient_id], detail=self.shows
        )

    def on_export(self, table: Any, patient_ids: Sequence[int]) -> None:
        super().on_export(table, [one for one in patient_ids if one])

    def get_context(self) -> dict[str, Any]:
        return {"description": "What was offered in writing, to patients and to those who asked."}


class QuoteAdd(CounterForm):
    """Write a quote at the counter, for the patient that the address names or for somebody by name."""

    permission = SALE_CREATE
    module = "packages"
    title = "Write a quote"
    submit_label = "Write"
    keyed: ClassVar[bool] = False

    def patient(self) -> Patient | None:
        named = self.request.GET.get("patient", "")
        return found(patients_for(self.actor), pk=named) if named else None

    def get_form(self, data: Any = None, files: Any = None) -> QuoteForm:
        here = self.subject
        return QuoteForm(
            data,
            packages=packages_on_sale_at(here),
            currency=here.currency,
            is_for_patient=self.patient() is not None,
            initial={"valid_until": today_in(here.time_zone) + GOOD_FOR},
        )

    def get_context(self) -> dict[str, Any]:
        patient = self.patient()
        told = f"For {patient.full_name} at {self.subject.name}" if patient else self.subject.name
        cancel = self.patient_url(patient.pk) if patient else reverse("counter", args=[self.subject.pk])
        return self.here() | {"description": told, "cancel_url": cancel}

    def perform(self, form: Any) -> Quote:
        return make_quote(
            self.actor,
            self.subject,
            lines=form.quoted(),
            valid_until=form.cleaned_data["valid_until"],
            patient=self.patient(),
            name=form.cleaned_data.get("name", ""),
        )

    def success_url(self, result: Quote) -> str:
        return reverse("quote", args=[result.pk])

    def success_message(self, result: Quote) -> str:
        return "The quote was written."


class QuoteSubject(ConsoleView, abstract=True):
    """What is about one quote."""

    permission = SALE_VIEW
    subject: Quote

    def get_subject(self) -> Quote:
        return found(quotes_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def log(self, how: str) -> None:
        one = self.subject
        ids = [one.patient_id] if one.patient_id else []
        record_patient_read(self.actor, how, ids, organization_id=one.organization_id, detail="quote")


class QuotePage(QuoteSubject):
    """What is offered, what of it no longer holds, and what can be done with it."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        self.log("open")
        set_states([one])
        lines = lines_of_quote(one)
        is_open = not why_not_sold(one)
        return self.page(
            "ledger/quote.html",
            {
                "title": one.label,
                "description": f"For {one.who} at {one.organization.name}",
                "status": one.state,  # type: ignore[attr-defined]
                "status_label": one.state_label,  # type: ignore[attr-defined]
                "crumbs": CRUMBS,
                "actions": self.actions(is_open),
                "quote": one,
                "lines": lines,
                "tax": tax_on_top(one, lines),
                "total": total_of(one, lines),
                "changed": what_changed(one, lines) if is_open else [],
            },
        )

    def actions(self, is_open: bool) -> list[dict[str, Any]]:
        one = self.subject
        pdf = {"label": "PDF", "url": reverse("quote-pdf", args=[one.pk]), "icon": "file-down"}
        if not is_open or not self.may(SALE_CREATE, one):
            return [pdf]
        sell = ("quote-sell-to", [one.pk, one.patient_id]) if one.patient_id else ("quote-sell", [one.pk])
        return [
            {
                "label": "Withdraw",
                "url": reverse("quote-withdraw", args=[one.pk]),
                "icon": "x",
                "dialog": True,
            },
            *(
                [
                    {
                        "label": "Mail",
                        "url": reverse("quote-mail", args=[one.pk]),
                        "icon": "mail",
                        "dialog": True,
                    }
                ]
                if one.patient and one.patient.email
                else []
            ),
            pdf,
            {
                "label": "Sell",
                "url": reverse(sell[0], args=sell[1]),
                "icon": "receipt",
                "style": "primary",
                "dialog": bool(one.patient_id),
            },
        ]


class QuotePdf(QuoteSubject):
    """The quote on paper, in the locale of whoever wrote it."""

    permission = SALE_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        self.log("export")
        with locale.using(LOCALE.at(one.organization)):
            content = quote_pdf(one, lines_of_quote(one), paper_head(one.organization))
        return pdf_response(f"quote-{slugify(one.label)}", content)


class QuoteForms(QuoteSubject, FormPage, abstract=True):
    """A dialog about one quote."""

    permission = SALE_CREATE
    form_class = forms.Form

    def get_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.subject.label} · {self.subject.who}",
            "consequences": self.consequences(),
            "cancel_url": reverse("quote", args=[self.subject.pk]),
        }

    def consequences(self) -> list[str]:
        raise NotImplementedError

    def success_url(self, result: Any) -> str:
        return reverse("quote", args=[self.subject.pk])


class QuoteWithdraw(QuoteForms):
    """Withdraw a quote."""

    title = "Withdraw the quote"
    submit_label = "Withdraw"
    success = "The quote was withdrawn."

    def consequences(self) -> list[str]:
        return ["It is not sold any more."]

    def perform(self, form: Any) -> Quote:
        return withdraw_quote(self.actor, self.subject, version=self.subject.version)


class QuoteMail(QuoteForms):
    """Mail a quote to its patient."""

    title = "Mail the quote"
    submit_label = "Mail"

    def consequences(self) -> list[str]:
        address = self.subject.patient.email if self.subject.patient else ""
        return [f"It goes to {address}." if address else "There is no address to write to."]

    def perform(self, form: Any) -> str:
        return mail_quote(self.actor, self.subject)

    def success_message(self, result: str) -> str:
        return f"The quote goes to {result}."


class QuoteSell(QuoteSubject, PatientChoice):
    """Sell a quote that was made for somebody by name: find the patient first."""

    permission = SALE_CREATE
    title = "Sell the quote"
    description = "Find the patient who buys it, or register them first."

    def url_of(self, patient: Patient) -> str:
        return reverse("quote-sell-to", args=[self.subject.pk, patient.pk])

    def get_context(self) -> dict[str, Any]:
        return {"crumbs": CRUMBS}


class QuoteSellTo(QuoteForms):
    """Sell everything that a quote offers to a patient."""

    title = "Sell the quote"
    submit_label = "Sell"
    success = "Everything offered was sold."
    keyed: ClassVar[bool] = True

    def get_subject(self) -> Quote:
        self.patient()  # whom one doesn't see is not found, whatever one may do with the quote
        return super().get_subject()

    def patient(self) -> Patient:
        return found(patients_for(self.actor), pk=self.kwargs["patient"])  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> QuoteSellForm:
        lines = lines_of_quote(self.subject)
        return QuoteSellForm(
            data,
            methods=PAYMENT_METHODS_TAKEN.at(self.subject.organization),
            is_for_company=any(line.package.use == Package.Use.COMPANY for line in lines),
        )

    def get_context(self) -> dict[str, Any]:
        lines = lines_of_quote(self.subject)
        no = why_not_sold(self.subject)
        blockers = [no] if no else what_changed(self.subject, lines)
        return super().get_context() | {"blockers": [{"text": one} for one in blockers]}

    def consequences(self) -> list[str]:
        total = total_of(self.subject, lines_of_quote(self.subject))
        return [f"{self.patient().full_name} pays {total}, and gets an entitlement for each package."]

    def perform(self, form: Any) -> Any:
        return sell_quote(
            self.actor,
            self.subject,
            patient=self.patient(),
            method=form.cleaned_data["method"],
            payer=form.payer(),
            version=int(self.request.POST.get("_version") or 0),
            key=self.idempotency_key(),
        )
