"""Redeeming at the counter: units of a line, or credit for a service with what the patient pays beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from core.views.base import found
from ledger.actions.redemption import redeem
from ledger.forms.live_price import ask_price
from ledger.forms.redeem import RedeemForm, RedeemSoFarForm
from ledger.models import EntitlementLine, LedgerEvent
from ledger.permissions import CHARGE_CREATE, ENTITLEMENT_REDEEM, SALE_VIEW
from ledger.queries.beneficiary import beneficiaries_of, user_of
from ledger.queries.charge_receipt import charge_receipt_of
from ledger.queries.counter import looked_up_for
from ledger.queries.place import charges_nothing
from ledger.queries.usable import UsableLine, usable_here
from ledger.rules.settings import MOST_UNITS_AT_ONCE, PAYMENT_METHODS_TAKEN
from ledger.views.counter import AtCounter, CounterForm
from ledger.views.sell_price import part_price_of
from patients.queries.patient import patients_for

if TYPE_CHECKING:
    from patients.models import Patient


class RedeemsLine(AtCounter, abstract=True):
    """What redeems one line at the counter, or says what it comes to."""

    permission = ENTITLEMENT_REDEEM
    module = "packages"

    def line(self) -> EntitlementLine:
        rows = EntitlementLine.objects.select_related(
            "service", "entitlement__package", "entitlement__patient"
        )
        line: EntitlementLine = found(rows, pk=self.kwargs["line"])
        user = self.user_of(line).pk
        if self._looked_up_for(line) == user or patients_for(self.actor).filter(pk=user).exists():
            return line
        raise Http404("There is no such page, or it isn't yours to see.")

    def user_of(self, line: EntitlementLine) -> Patient:
        """Who uses it: whom the address names or the look-up found, of those who may, else whose it is."""
        named = self.sent("patient")
        if not named.isdecimal():
            return user_of(line.entitlement, self._looked_up_for(line))
        if named == str(line.entitlement.patient_id):
            return line.entitlement.patient
        return found(beneficiaries_of(line.entitlement), patient=named).patient  # type: ignore[no-any-return]

    def _looked_up_for(self, line: EntitlementLine) -> int | None:
        return looked_up_for(self.sent("looked_up"), self.actor, self.subject, line.entitlement)

    def sent(self, name: str) -> str:
        return self.request.POST.get(name) or self.request.GET.get(name, "")

    def price(self, line: EntitlementLine, typed: Any) -> dict[str, Any]:
        """What the use of credit comes to that is typed so far; nothing where it can't be read."""
        form = RedeemSoFarForm(typed, line=line)
        if not line.is_credit or not form.is_valid():
            return {}
        said = form.cleaned_data
        return part_price_of(
            self.subject,
            line,
            said["service"],
            said["quantity"],
            said["credit"],
            may_charge=self.may_charge(),
        )

    def may_charge(self) -> bool:
        """Whether what credit leaves of a price may be paid here."""
        return self.may(CHARGE_CREATE, self.subject) and not charges_nothing(self.subject)


class CounterRedeemPrice(RedeemsLine):
    """What credit pays, and what is left to pay, of what is typed into the form."""

    permission = ENTITLEMENT_REDEEM

    def get(self, request: Any, organization: int, line: int) -> HttpResponse:
        return self.page("ledger/sell_price.html", self.price(self.line(), request.GET))


class CounterRedeem(RedeemsLine, CounterForm):
    """Redeem units of one entitlement line."""

    permission = ENTITLEMENT_REDEEM
    form_class = RedeemForm
    template = "ledger/counter_redeem.html"
    title = "Redeem"
    submit_label = "Redeem"

    def get_form(self, data: Any = None, files: Any = None) -> RedeemForm:
        form = RedeemForm(
            data,
            line=self.line(),
            most=MOST_UNITS_AT_ONCE.at(self.subject),
            methods=PAYMENT_METHODS_TAKEN.at(self.subject) if self.may_charge() else (),
            currency=self.subject.currency,
        )
        if "service" in form.fields:
            url = reverse("counter-redeem-price", kwargs=self.kwargs)
            ask_price(form, ("service", "quantity", "credit"), url)
        return form

    def get_context(self) -> dict[str, Any]:
        line = self.line()
        user = self.user_of(line)
        context = {
            "line": line,
            "user": user,
            "usable": self._usable(line, user),
            "looked_up": self.sent("looked_up"),
            "cancel_url": reverse("counter", args=[self.subject.pk]),
            "description": f"{line.what} · {line.entitlement.package.name} · {user.full_name}",
        }
        return self.here() | context | self.price(line, self.request.POST)

    def _usable(self, line: EntitlementLine, user: Patient) -> UsableLine | None:
        if self.sent("looked_up"):
            return None
        lines = usable_here(self.actor, user, self.subject)
        return next((one for one in lines if one.line.pk == line.pk), None)

    def perform(self, form: Any) -> LedgerEvent:
        line = self.line()
        return redeem(
            self.actor,
            self.subject,
            line=line,
            service=form.cleaned_data.get("service"),
            patient=self.user_of(line),
            quantity=form.cleaned_data["quantity"],
            rest=form.rest(),
            looked_up=self.sent("looked_up"),
            key=self.idempotency_key(),
        )

    def success_url(self, result: LedgerEvent) -> str:
        receipt = charge_receipt_of(result)
        if receipt is not None and self.may(SALE_VIEW, self.subject):
            return reverse("charge-receipt", args=[receipt.pk])
        return self.patient_url(result.inputs["patient"])

    def success_message(self, result: LedgerEvent) -> str:
        line = EntitlementLine.objects.select_related("entitlement", "service").get(pk=self.kwargs["line"])
        return f"{line.what} was redeemed at {self.subject.name}; {line.left_text} left."
