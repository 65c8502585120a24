"""The counter of the front desk: find a patient, sell, redeem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit.trail import record_patient_read
from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from ledger.actions.sale import sell_package
from ledger.actions.upgrade import upgrade_entitlement
from ledger.forms.counter import LookupForm, SellForm, SellSoFarForm
from ledger.forms.live_price import ask_price
from ledger.models import Entitlement, Package, Sale
from ledger.permissions import CHARGE_CREATE, ENTITLEMENT_REDEEM, SALE_CREATE
from ledger.queries.counter import find_at_counter, looks_up_nobody
from ledger.queries.entitlement import replaceable_by
from ledger.queries.exchange import Rates
from ledger.queries.offer import packages_on_sale_at
from ledger.queries.place import charges_nothing, redeems_nothing, sells_nothing
from ledger.queries.usable import usable_here
from ledger.rules.settings import PAYMENT_METHODS_TAKEN
from ledger.views.sell_price import price_of
from orgs.queries.access import organizations_for
from patients.permissions import PATIENT_REGISTER
from patients.queries.listed import listed_birth_date, search_hint
from patients.queries.patient import by_name, patients_for, search_patients
from patients.rules.modules import REGISTRATION

if TYPE_CHECKING:
    from orgs.models import Organization

HITS = 8


class CounterStart(ConsoleView):
    """To the counter one works at: the only one, or the last one, or the first."""

    permission = ENTITLEMENT_REDEEM

    def get(self, request: Any) -> HttpResponse:
        counters = (
            organizations_for(self.actor, ENTITLEMENT_REDEEM)
            .exclude(kind="third_party")
            .filter(status="active")
        )
        last = counters.filter(pk=request.session.get("counter")).first()
        here = last or counters.order_by("lft").first()
        if here is None:
            raise Http404("No active organization has a counter for you.")
        return HttpResponseRedirect(reverse("counter", args=[here.pk]))


class AtCounter(ConsoleView, abstract=True):
    """A page at one organization's counter."""

    permission = ENTITLEMENT_REDEEM
    subject: Organization

    def get_subject(self) -> Organization:
        rows = organizations_for(self.actor, ENTITLEMENT_REDEEM).exclude(kind="third_party")
        return found(rows, pk=self.kwargs["organization"])  # type: ignore[no-any-return]

    def record_version(self) -> None:
        """A counter changes no record of its organization."""

    def patient(self) -> Any:
        return found(patients_for(self.actor), pk=self.kwargs["patient"])

    def patient_url(self, patient_id: int) -> str:
        return reverse("counter-patient", args=[self.subject.pk, patient_id])

    def lookup_limit(self) -> str:
        """Why a look-up finds nobody here, or not everybody."""
        return redeems_nothing(self.subject) or looks_up_nobody(self.subject)

    def here(self) -> dict[str, Any]:
        others = (
            organizations_for(self.actor, ENTITLEMENT_REDEEM)
            .exclude(kind="third_party")
            .filter(status="active")
        )
        return {
            "organization": self.subject,
            "may_quote": self.may(SALE_CREATE, self.subject) and not sells_nothing(self.subject),
            "counters": list(others.order_by("lft")[:100]),
            "crumbs": [{"label": "Counter", "url": reverse("counter", args=[self.subject.pk])}],
        }


class Counter(AtCounter):
    """Find the patient: by name, phone, identifier or the code on a receipt."""

    def get(self, request: Any, organization: int) -> HttpResponse:
        request.session["counter"] = self.subject.pk
        typed = request.GET.get("q", "").strip()[:100]
        patients = []
        if typed:
            patients = list(by_name(search_patients(patients_for(self.actor), typed))[:HITS])
            record_patient_read(
                self.actor,
                "list",
                [one.pk for one in patients],
                organization_id=self.subject.pk,
                detail="counter",
            )
        context = {
            "title": "Counter",
            "description": self.subject.name,
            "typed": typed,
            "hits": [(one, listed_birth_date(one.birth_date)) for one in patients],
            "search_hint": search_hint(),
        }
        if request.htmx:
            return self.page("ledger/counter_hits.html", context | {"organization": self.subject})
        context |= {
            "lookup_form": LookupForm(),
            "lookup_limit": self.lookup_limit(),
            "may_register": self.may(PATIENT_REGISTER, self.subject)
            and not REGISTRATION.off_at(self.subject),
        }
        return self.page("ledger/counter.html", self.here() | context | {"crumbs": []})


class CounterLookup(AtCounter):
    """Find a live entitlement of somebody who isn't known here, by exact knowledge of it. Every look-up is logged."""

    def post(self, request: Any, organization: int) -> HttpResponse:
        form = LookupForm(request.POST)
        results = None
        if form.is_valid():
            results = find_at_counter(self.actor, self.subject, **form.cleaned_data)
        context = {
            "title": "Counter",
            "description": self.subject.name,
            "search_hint": search_hint(),
            "lookup_form": form,
            "lookup_limit": self.lookup_limit(),
            "results": results,
            "may_register": self.may(PATIENT_REGISTER, self.subject)
            and not REGISTRATION.off_at(self.subject),
        }
        return self.page("ledger/counter.html", context | self.here(), status=200 if form.is_valid() else 422)

    def get(self, request: Any, organization: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("counter", args=[self.subject.pk]))


class CounterPatient(AtCounter):
    """What can this patient use here, and what can they buy?"""

    def get(self, request: Any, organization: int, patient: int) -> HttpResponse:
        person = self.patient()
        record_patient_read(
            self.actor, "open", [person.pk], organization_id=self.subject.pk, detail="counter"
        )
        no_sale = sells_nothing(self.subject)
        context = {
            "title": person.full_name,
            "description": f"Born {locale.long_day(person.birth_date)} · at {self.subject.name}",
            "patient": person,
            "usable": [
                line for line in usable_here(self.actor, person, self.subject) if line.usable or line.left
            ],
            "may_charge": self.may(CHARGE_CREATE, self.subject) and not charges_nothing(self.subject),
            "packages": list(packages_on_sale_at(self.subject))
            if self.may(SALE_CREATE, self.subject) and not no_sale
            else [],
            "no_sale": no_sale,
            "nothing_to_use": redeems_nothing(self.subject)
            or ("" if no_sale else "Sell a package, and what is left of it appears here."),
        }
        return self.page("ledger/counter_patient.html", context | self.here())


class CounterForm(AtCounter, FormPage, abstract=True):
    """A form at the counter; it carries its own key."""

    keyed: ClassVar[bool] = True


class SellsPackage(AtCounter, abstract=True):
    """What sells one package at the counter, or says what it comes to."""

    permission = SALE_CREATE
    module = "packages"

    def package(self) -> Package:
        return found(packages_on_sale_at(self.subject), pk=self.kwargs["package"])  # type: ignore[no-any-return]

    def replaceable(self) -> list[Entitlement]:
        today = today_in(self.subject.time_zone)
        return replaceable_by(self.actor, self.patient(), self.package(), self.subject, today)

    def price(self, typed: Any) -> dict[str, Any]:
        """What the sale comes to that is typed so far; nothing where a quantity or an amount can't be read."""
        package = self.package()
        form = SellSoFarForm(typed, currency=package.currency)
        if not form.is_valid():
            return {}
        said = form.cleaned_data
        given = next((one for one in self.replaceable() if str(one.pk) == said["replaces"]), None)
        return price_of(self.subject, package, said["quantity"], said["discount"], given)


class CounterSellPrice(SellsPackage):
    """The price of what is typed into the form of a sale."""

    permission = SALE_CREATE

    def get(self, request: Any, organization: int, patient: int, package: int) -> HttpResponse:
        self.patient()
        return self.page("ledger/sell_price.html", self.price(request.GET))


class CounterSell(SellsPackage, CounterForm):
    """Sell a package to a patient."""

    permission = SALE_CREATE
    form_class = SellForm
    template = "ledger/counter_sell.html"
    submit_label = "Sell"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Sell {self.package().name}"

    def get_form(self, data: Any = None, files: Any = None) -> SellForm:
        today = today_in(self.subject.time_zone)
        form = SellForm(
            data,
            package=self.package(),
            seller=self.subject,
            on=today,
            methods=PAYMENT_METHODS_TAKEN.at(self.subject),
            currency=self.subject.currency,
            rates=Rates(today),
            replaceable=self.replaceable(),
        )
        ask_price(
            form, ("quantity", "discount", "replaces"), reverse("counter-sell-price", kwargs=self.kwargs)
        )
        return form

    def get_context(self) -> dict[str, Any]:
        person = self.patient()
        return (
            self.here()
            | {
                "package": self.package(),
                "patient": person,
                "description": f"To {person.full_name} at {self.subject.name}",
                "cancel_url": self.patient_url(person.pk),
            }
            | self.price(self.request.POST or {"quantity": 1})
        )

    def perform(self, form: Any) -> Sale:
        if given := form.given():
            return upgrade_entitlement(
                self.actor,
                self.subject,
                entitlement=given,
                package=self.package(),
                payments=form.payments(),
                key=self.idempotency_key(),
            )
        return sell_package(
            self.actor,
            self.subject,
            patient=self.patient(),
            package=self.package(),
            quantity=form.cleaned_data["quantity"],
            discount=form.discount_given(),
            payments=form.payments(),
            payer=form.payer(),
            key=self.idempotency_key(),
        )

    def success_url(self, result: Sale) -> str:
        return reverse("sale-receipt", args=[result.pk])

    def success_message(self, result: Sale) -> str:
        return f"{result.package.name} was sold."
