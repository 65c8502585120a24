"""Topping up at the counter: more units of what a patient bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core import locale
from core.views.base import found
from ledger.actions.top_up import top_up_entitlement
from ledger.forms.live_price import ask_price
from ledger.forms.top_up import TopUpForm, TopUpSoFarForm
from ledger.permissions import SALE_CREATE
from ledger.queries.entitlement import entitlements_for
from ledger.queries.place import sells_nothing
from ledger.queries.top_up import first_of, package_lines
from ledger.rules.settings import PAYMENT_METHODS_TAKEN, TOP_UP_ANEW
from ledger.views.counter import AtCounter, CounterForm
from ledger.views.entitlement import EntitlementSubject
from ledger.views.sell_price import top_up_price_of
from orgs.queries.access import organizations_for

if TYPE_CHECKING:
    from ledger.models import Entitlement, Sale


class TopUpStart(EntitlementSubject):
    """To the top-up at the counter that one works at: the last one, or the first where one sells."""

    permission = SALE_CREATE

    def permission_target(self) -> None:
        """The counter asks at its own organization."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        counters = (
            organizations_for(self.actor, SALE_CREATE).exclude(kind="third_party").filter(status="active")
        )
        last = counters.filter(pk=request.session.get("counter")).first()
        here = last or counters.order_by("lft").first()
        if here is None:
            raise Http404("No active organization has a counter for you.")
        return HttpResponseRedirect(reverse("counter-top-up", args=[here.pk, pk]))


class TopsUp(AtCounter, abstract=True):
    """What tops up an entitlement at the counter, or says what it comes to."""

    permission = SALE_CREATE
    module = "packages"

    def entitlement(self) -> Entitlement:
        return first_of(found(entitlements_for(self.actor), pk=self.kwargs["entitlement"]))

    def price(self, first: Entitlement, typed: Any) -> dict[str, Any]:
        """What the top-up comes to that is typed so far; nothing where it can't be read, or nothing is typed."""
        form = TopUpSoFarForm(typed, seller=self.subject, entitlement=first, lines=package_lines(first))
        if not form.is_valid() or not form.units():
            return {}
        return top_up_price_of(form.order())


class CounterTopUpPrice(TopsUp):
    """The price of what is typed into the form of a top-up."""

    permission = SALE_CREATE

    def get(self, request: Any, organization: int, entitlement: int) -> HttpResponse:
        return self.page("ledger/sell_price.html", self.price(self.entitlement(), request.GET))


class CounterTopUp(TopsUp, CounterForm):
    """Sell more units of what a patient bought."""

    permission = SALE_CREATE
    template = "ledger/counter_priced.html"
    title = "Top up"
    submit_label = "Sell"

    def get_form(self, data: Any = None, files: Any = None) -> TopUpForm:
        first = self.entitlement()
        methods = PAYMENT_METHODS_TAKEN.at(self.subject)
        form = TopUpForm(
            data, seller=self.subject, entitlement=first, lines=package_lines(first), methods=methods
        )
        priced = [name for name in form.fields if name != "method"]
        ask_price(form, priced, reverse("counter-top-up-price", kwargs=self.kwargs))
        return form

    def get_context(self) -> dict[str, Any]:
        first = self.entitlement()
        blocked = sells_nothing(self.subject)
        price = self.price(first, self.request.POST)
        return (
            self.here()
            | price
            | {
                "description": f"{first.package.name} · {first.code} · at {self.subject.name}",
                "blockers": [{"text": blocked}] if blocked else [],
                "consequences": [self.consequence(first)],
                "cancel_url": reverse("entitlement", args=[first.pk]),
            }
        )

    def consequence(self, first: Entitlement) -> str:
        if TOP_UP_ANEW.at(first.holder):
            return "It is usable as long as the package is, from today on."
        until = first.expires_on
        return (
            f"It is usable until {locale.long_day(until)}, as what it tops up." if until else "It has no end."
        )

    def perform(self, form: Any) -> Sale:
        return top_up_entitlement(
            self.actor,
            self.subject,
            entitlement=self.entitlement(),
            units=form.units(),
            discount=form.discount_given(),
            payments=form.payments(),
            key=self.idempotency_key(),
        )

    def success_url(self, result: Sale) -> str:
        return reverse("sale-receipt", args=[result.pk])

    def success_message(self, result: Sale) -> str:
        return f"{result.package.name} was topped up."
