"""Pages of payments: what is outstanding, what arrived, and what came back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from settlement.actions import payment as actions
from settlement.forms.run import BounceForm, ConfirmForm
from settlement.models import PaymentConfirmation, SettlementPayment, SettlementRun
from settlement.permissions import SETTLEMENT_PAY, SETTLEMENT_VIEW
from settlement.queries.run import confirmations_for, payments_for
from settlement.tables.run import PaymentFilter, PaymentTable
from settlement.views.run import RunSubject

Status = SettlementRun.Status


class RunPayments(RunSubject, ListPage):
    """Who pays whom in a run, and what of it arrived."""

    permission = SETTLEMENT_VIEW
    template = "settlement/run.html"
    table_class = PaymentTable
    filter_class = PaymentFilter
    shipped_views = (("Outstanding", "state=outstanding"),)

    def get_rows(self) -> QuerySet[SettlementPayment]:
        return payments_for(self.actor).filter(run=self.subject)

    def get_context(self) -> dict[str, Any]:
        return self.run_context() | {"list_title": "Who pays whom"}


class PaymentSubject(ConsoleView, abstract=True):
    """A page about one payment."""

    permission = SETTLEMENT_VIEW
    module = "finance"
    subject: SettlementPayment

    def get_subject(self) -> SettlementPayment:
        return found(payments_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class PaymentPage(PaymentSubject):
    """One payment with everything that arrived for it."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        may = self.may(SETTLEMENT_PAY, one)
        due = one.run.status in (Status.APPROVED, Status.PAYING) and bool(one.outstanding)
        confirm = {
            "label": "Confirm",
            "url": reverse("settlement-payment-confirm", args=[pk]),
            "icon": "circle-check",
            "style": "primary",
            "dialog": True,
        }
        context = {
            "title": one.reference,
            "description": f"{one.payer.name} pays {one.receiver.name}",
            "crumbs": [
                {"label": "Settlements", "url": reverse("settlement-list")},
                {"label": str(one.run), "url": reverse("settlement-payments", args=[one.run_id])},
            ],
            "actions": [confirm] if may and due else [],
            "stats": [
                {"label": "To be paid", "amount": one.amount},
                {"label": "Confirmed", "amount": one.confirmed},
                {"label": "Outstanding", "amount": one.outstanding},
            ],
            "confirmations": list(confirmations_for(self.actor).filter(payment=one)),
            "may_bounce": may,
        }
        return self.page("settlement/payment.html", context)


class PaymentConfirm(PaymentSubject, FormPage):
    """Record what arrived."""

    permission = SETTLEMENT_PAY
    title = "Confirm payment"
    submit_label = "Confirm"
    success = "The payment is confirmed."
    keyed = True

    def get_form(self, data: Any = None, files: Any = None) -> ConfirmForm:
        one = self.subject
        return ConfirmForm(data, payment=one, today=today_in(one.run.organization.time_zone))

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "description": f"{one.reference}: {one.payer.name} pays {one.receiver.name}",
            "intro": "Less than the whole is possible; the rest stays outstanding.",
            "cancel_url": reverse("settlement-payment", args=[one.pk]),
        }

    def perform(self, form: Any) -> PaymentConfirmation:
        data = form.cleaned_data
        return actions.confirm_payment(
            self.actor,
            self.subject,
            amount=data["amount"],
            on=data["on"],
            reference=data["reference"],
            key=self.idempotency_key(),
        )

    def success_url(self, result: Any) -> str:
        return reverse("settlement-payment", args=[self.subject.pk])


class PaymentBounce(FormPage):
    """Record that the bank sent a payment back."""

    permission = SETTLEMENT_PAY
    module = "finance"
    title = "Payment came back"
    submit_label = "Take back"
    success = "The amount is outstanding again."
    keyed = True
    subject: PaymentConfirmation

    def get_subject(self) -> PaymentConfirmation:
        return found(confirmations_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def permission_target(self) -> SettlementPayment:
        return self.subject.payment

    def get_form(self, data: Any = None, files: Any = None) -> BounceForm:
        return BounceForm(data, today=today_in(self.subject.payment.run.organization.time_zone))

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "description": f"{one.payment.reference}: {one.amount.format()} {one.payment.run.currency}, confirmed for "
            f"{locale.long_day(one.paid_on)}",
            "consequences": ["The entry of this payment is reversed, and its amount is outstanding again."],
            "cancel_url": reverse("settlement-payment", args=[one.payment_id]),
        }

    def perform(self, form: Any) -> PaymentConfirmation:
        data = form.cleaned_data
        return actions.bounce_payment(
            self.actor,
            self.subject.payment,
            confirmation=self.subject,
            on=data["on"],
            reason=data["reason"],
            key=self.idempotency_key(),
        )

    def success_url(self, result: Any) -> str:
        return reverse("settlement-payment", args=[self.subject.payment_id])
