"""Pages of services and their prices, and of packages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from ledger.actions import catalog, package
from ledger.forms.catalog import NewPackageForm, PackageForm, PriceForm, ServiceEditForm, ServiceForm
from ledger.models import Package, Service
from ledger.permissions import CATALOG_EDIT, CATALOG_VIEW, PACKAGE_EDIT, PACKAGE_VIEW, PRICE_EDIT
from ledger.queries.catalog import prices_of, services_for
from ledger.queries.offer import packages_for
from ledger.queries.tax import tax_codes_to_choose
from ledger.tables.catalog import PackageFilter, PackageTable, ServiceFilter, ServiceTable
from orgs.queries import tree
from orgs.queries.access import organizations_for


class ServiceList(ListPage):
    """The catalog."""

    permission = CATALOG_VIEW
    title = "Services"
    table_class = ServiceTable
    filter_class = ServiceFilter

    def get_rows(self) -> Any:
        return services_for(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(CATALOG_EDIT):
            return []
        return [
            BulkAction("Retire", "archive", reverse("service-retire-many")),
            BulkAction("Reactivate", "archive-restore", reverse("service-reactivate-many")),
        ]

    def get_context(self) -> dict[str, Any]:
        add = {
            "label": "Add service",
            "url": reverse("service-add"),
            "icon": "plus",
            "style": "primary",
            "dialog": True,
        }
        prices = {"label": "Change prices", "url": reverse("price-change-list"), "icon": "tag"}
        return {
            "description": "What is done for patients, with list prices.",
            "actions": [
                *([prices] if self.may(PRICE_EDIT) else []),
                *([add] if self.may(CATALOG_EDIT) else []),
            ],
        }


class ServiceSubject(ConsoleView, abstract=True):
    """A page about one service."""

    permission = CATALOG_VIEW
    subject: Service

    def get_subject(self) -> Service:
        return found(services_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class ServicePage(ServiceSubject):
    """A service and its list prices."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        in_use = one.status == Service.Status.ACTIVE
        edits, prices = self.may(CATALOG_EDIT), self.may(PRICE_EDIT)
        again = f"{reverse('service-reactivate-many')}?selected={pk}"
        buttons = (
            (edits and not in_use, "Reactivate", again, "archive-restore", ""),
            (edits and in_use, "Retire", reverse("service-retire", args=[pk]), "archive", ""),
            (edits and in_use, "Edit", reverse("service-edit", args=[pk]), "pencil", ""),
            (prices and in_use, "Set price", reverse("price-set", args=[pk]), "tag", "primary"),
        )
        context = {
            "title": one.name,
            "description": f"{one.code}{' · ' + one.category if one.category else ''}",
            "status": one.status,
            "status_label": one.get_status_display(),
            "crumbs": [{"label": "Services", "url": reverse("service-list")}],
            "actions": [
                {"label": label, "url": url, "icon": icon, "style": style, "dialog": True}
                for shown, label, url, icon, style in buttons
                if shown
            ],
            "prices": list(prices_of(self.actor, one)),
            "tax_code": one.tax_code,
        }
        return self.page("ledger/service.html", context)


class ServiceAdd(FormPage):
    """Add a service to the network's catalog."""

    permission = CATALOG_EDIT
    title = "Add service"
    submit_label = "Add service"

    def get_form(self, data: Any = None, files: Any = None) -> ServiceForm:
        return ServiceForm(data, tax_codes=tax_codes_to_choose(self.actor))

    def get_context(self) -> dict[str, Any]:
        return {"cancel_url": reverse("service-list")}

    def perform(self, form: Any) -> Service:
        return catalog.add_service(self.actor, tree.root(), **form.cleaned_data)

    def success_url(self, result: Service) -> str:
        return reverse("service", args=[result.pk])

    def success_message(self, result: Service) -> str:
        return f"{result.name} was added. Set its price next."


class ServiceChange(ServiceSubject, FormPage, abstract=True):
    """A form about one service; afterwards its page."""

    permission = CATALOG_EDIT

    def get_context(self) -> dict[str, Any]:
        return {"description": self.subject.name, "cancel_url": self.success_url(None)}

    def success_url(self, result: Any) -> str:
        return reverse("service", args=[self.subject.pk])


class ServiceEdit(ServiceChange):
    """Edit a service's name, category and tax code."""

    title = "Edit service"

    def get_form(self, data: Any = None, files: Any = None) -> ServiceEditForm:
        one = self.subject
        codes = tax_codes_to_choose(self.actor, one.tax_code_id)
        return ServiceEditForm(data, initial=ServiceEditForm.initial_of(one), tax_codes=codes)

    def perform(self, form: Any) -> Service:
        return catalog.edit_service(
            self.actor, self.subject, **form.cleaned_data, version=self.subject.version
        )


class ServiceRetire(ServiceChange):
    """Retire a service."""

    title = "Retire service"
    submit_label = "Retire"

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {
            "consequences": ["It is no longer charged or put into packages. What was sold stays redeemable."]
        }

    def perform(self, form: Any) -> Service:
        return catalog.retire_service(self.actor, self.subject, version=self.subject.version)

    def success_message(self, result: Service) -> str:
        return f"{result.name} is retired."


class PriceSet(ServiceChange):
    """Set the list price of a service at an organization, from a day on."""

    permission = PRICE_EDIT
    title = "Set price"
    submit_label = "Set price"

    def get_form(self, data: Any = None, files: Any = None) -> PriceForm:
        places = organizations_for(self.actor, PRICE_EDIT).exclude(kind="third_party").order_by("lft")
        initial = {"starts_on": today_in(self.request.network.time_zone)}
        return PriceForm(data, places=places, initial=initial)

    def record_version(self) -> None:
        """A price is added; the service stays as it is."""

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return catalog.set_price(
            self.actor,
            data["organization"],
            service=self.subject,
            price=data["price"],
            starts_on=data["starts_on"],
        )

    def success_message(self, result: Any) -> str:
        return "The price was set."


class PackageList(ListPage):
    """The network's packages."""

    permission = PACKAGE_VIEW
    module = "packages"
    title = "Packages"
    table_class = PackageTable
    filter_class = PackageFilter

    def get_rows(self) -> Any:
        return packages_for(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(PACKAGE_EDIT):
            return []
        return [
            BulkAction("Put on sale", "store", reverse("package-sell-many")),
            BulkAction("Withdraw", "archive", reverse("package-withdraw-many")),
        ]

    def get_context(self) -> dict[str, Any]:
        add = {"label": "New package", "url": reverse("package-add"), "icon": "plus", "style": "primary"}
        return {
            "description": "Several services at one price, paid before they are performed.",
            "actions": [add] if self.may(PACKAGE_EDIT) else [],
        }


class PackageSubject(ConsoleView, abstract=True):
    """A page about one package."""

    permission = PACKAGE_VIEW
    module = "packages"
    subject: Package

    def get_subject(self) -> Package:
        return found(packages_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class PackagePage(PackageSubject):
    """What a package offers, and where."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        lines = [
            {
                "service": line.what,
                "quantity": line.quantity_text,
                "standalone": None if line.is_credit else Money(line.standalone_minor, one.currency),
            }
            for line in one.lines.select_related("service").order_by("pk")
        ]
        on_sale = one.status == Package.Status.ON_SALE
        actions = [
            {
                "label": "Withdraw" if on_sale else "Put on sale",
                "url": reverse("package-status", args=[pk]),
                "icon": "store",
                "dialog": True,
            },
            {"label": "Edit", "url": reverse("package-edit", args=[pk]), "icon": "pencil"},
        ]
        context = {
            "title": one.name,
            "description": one.code,
            "status": one.status,
            "status_label": one.get_status_display(),
            "crumbs": [{"label": "Packages", "url": reverse("package-list")}],
            "actions": actions if self.may(PACKAGE_EDIT) else [],
            "package": one,
            "refund_fee": Money(one.refund_fee_minor, one.currency),
            "breakage_percent": locale.number(one.breakage_percent.normalize())
            if one.breakage_percent
            else "",
            "lines": lines,
            "sellers": [row.organization.name for row in one.sellers.select_related("organization")],
            "redeemers": [row.organization.name for row in one.redeemers.select_related("organization")],
        }
        return self.page("ledger/package.html", context)


class PackageAdd(FormPage):
    """Write a new package."""

    permission = PACKAGE_EDIT
    module = "packages"
    title = "New package"
    submit_label = "Save as draft"

    def get_form(self, data: Any = None, files: Any = None) -> NewPackageForm:
        network = self.request.network
        return NewPackageForm(data, books=books_for(self.actor), currency=network.currency)

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": reverse("package-list"),
            "crumbs": [{"label": "Packages", "url": reverse("package-list")}],
        }

    def perform(self, form: Any) -> Package:
        return package.create_package(
            self.actor, tree.root(), code=form.cleaned_data["code"], offer=form.offer()
        )

    def success_url(self, result: Package) -> str:
        return reverse("package", args=[result.pk])

    def success_message(self, result: Package) -> str:
        return f"{result.name} is a draft. Put it on sale when it is right."


class PackageEdit(PackageSubject, FormPage):
    """Change what a package offers from now on."""

    permission = PACKAGE_EDIT
    title = "Edit package"
    submit_label = "Save package"

    def get_form(self, data: Any = None, files: Any = None) -> PackageForm:
        one = self.subject
        return PackageForm(
            data, books=books_for(self.actor), currency=one.currency, initial=PackageForm.initial_of(one)
        )

    def get_context(self) -> dict[str, Any]:
        return {
            "description": self.subject.name,
            "consequences": ["What was sold keeps its price, services and expiry."],
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> Package:
        return package.edit_package(
            self.actor, self.subject, offer=form.offer(), version=self.subject.version
        )

    def success_url(self, result: Any) -> str:
        return reverse("package", args=[self.subject.pk])


class PackageStatus(PackageSubject, FormPage):
    """Put a package on sale, or withdraw it."""

    permission = PACKAGE_EDIT

    @property
    def is_on_sale(self) -> bool:
        return self.subject.status == Package.Status.ON_SALE

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Withdraw package" if self.is_on_sale else "Put package on sale"

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        return "Withdraw" if self.is_on_sale else "Put on sale"

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        told = (
            "It is no longer sold; what was sold stays redeemable."
            if self.is_on_sale
            else "Front desks can sell it from now on."
        )
        return {
            "description": self.subject.name,
            "consequences": [told],
            "cancel_url": self.success_url(None),
        }

    def perform(self, form: Any) -> Package:
        change = package.withdraw_package if self.is_on_sale else package.put_on_sale
        return change(self.actor, self.subject, version=self.subject.version)

    def success_url(self, result: Any) -> str:
        return reverse("package", args=[self.subject.pk])

    def success_message(self, result: Package) -> str:
        return f"{result.name} is now {result.get_status_display().lower()}."


def books_for(actor: Any) -> Any:
    """Organizations that keep books, among those one may see."""
    return (
        organizations_for(actor, PACKAGE_VIEW)
        .exclude(kind="third_party")
        .exclude(status="archived")
        .order_by("lft")
    )
