"""Charging at the counter: a service without a package."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core.money import Money
from ledger.actions.charge import charge
from ledger.forms.counter import ChargeForm, ChargeSoFarForm
from ledger.forms.live_price import ask_price
from ledger.models import LedgerEvent
from ledger.permissions import CHARGE_CREATE, SALE_VIEW
from ledger.queries.charge_receipt import charge_receipt_of
from ledger.rules.settings import PAYMENT_METHODS_TAKEN
from ledger.rules.tax import net_charged, tax_due
from ledger.views.counter import AtCounter, CounterForm
from ledger.views.sell_price import charge_price_of


def paid_for(event: LedgerEvent) -> str:
    """What a patient pays for a charge on which there is tax."""
    tax, currency = tax_due(event.inputs), event.organization.currency
    if not tax:
        return ""
    paid = Money(net_charged(event.inputs) + tax, currency)
    return f"{paid.format()}, of which tax {Money(tax, currency).format()}"


class ChargesService(AtCounter, abstract=True):
    """What charges a service at the counter, or says what it comes to."""

    permission = CHARGE_CREATE
    module = "charges"

    def price(self, typed: Any) -> dict[str, Any]:
        """What the charge comes to that is typed so far; nothing where it can't be read."""
        form = ChargeSoFarForm(typed)
        if not form.is_valid():
            return {}
        return charge_price_of(self.subject, form.cleaned_data["service"], form.cleaned_data["quantity"])


class CounterChargePrice(ChargesService):
    """The price of what is typed into the form of a charge."""

    permission = CHARGE_CREATE

    def get(self, request: Any, organization: int, patient: int) -> HttpResponse:
        self.patient()
        return self.page("ledger/sell_price.html", self.price(request.GET))


class CounterCharge(ChargesService, CounterForm):
    """Charge a patient the list price of a service."""

    permission = CHARGE_CREATE
    form_class = ChargeForm
    template = "ledger/counter_priced.html"
    title = "Charge a service"
    submit_label = "Charge"

    def get_form(self, data: Any = None, files: Any = None) -> ChargeForm:
        form = ChargeForm(data, methods=PAYMENT_METHODS_TAKEN.at(self.subject))
        ask_price(form, ("service", "quantity"), reverse("counter-charge-price", kwargs=self.kwargs))
        return form

    def get_context(self) -> dict[str, Any]:
        person = self.patient()
        told = f"{person.full_name} pays the list price of {self.subject.name}, unless a rule names another payer."
        context = {"description": told, "cancel_url": self.patient_url(person.pk)}
        return self.here() | context | self.price(self.request.POST)

    def perform(self, form: Any) -> LedgerEvent:
        return charge(
            self.actor,
            self.subject,
            patient=self.patient(),
            **form.cleaned_data,
            key=self.idempotency_key(),
        )

    def success_url(self, result: LedgerEvent) -> str:
        receipt = charge_receipt_of(result)
        if receipt is not None and self.may(SALE_VIEW, self.subject):
            return reverse("charge-receipt", args=[receipt.pk])
        return self.patient_url(self.kwargs["patient"])

    def success_message(self, result: LedgerEvent) -> str:
        paid = paid_for(result)
        return f"The service was charged at {self.subject.name}{paid and f': {paid}'}."
