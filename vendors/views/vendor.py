"""Pages of vendors: Third parties > Vendors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import BulkAction, ListPage
from orgs.permissions import ORGANIZATION_SUSPEND
from orgs.queries.organization import affiliations_of
from vendors.actions import contact as contact_actions
from vendors.actions import service as service_actions
from vendors.forms.vendor import ContactForm, NewSettingForm, PriceForm, SettingForm
from vendors.models import VendorContact, VendorService
from vendors.permissions import REQUEST_VIEW, VENDOR_EDIT, VENDOR_VIEW
from vendors.queries.request import at_organization, listed, requests_for
from vendors.queries.vendor import (
    contacts_of,
    price_in_force,
    prices_of,
    settings_of,
    vendors_with_counts,
    visible_contacts,
    visible_settings,
    visible_vendors,
)
from vendors.rules.settings import TURNAROUND_HOURS
from vendors.rules.turnaround import words
from vendors.tables.vendor import VendorFilter, VendorTable

LATEST = 8


class VendorList(ListPage):
    """Third parties and partners, with what they perform."""

    permission = VENDOR_VIEW
    title = "Vendors"
    table_class = VendorTable
    filter_class = VendorFilter

    def get_rows(self) -> QuerySet[Any]:
        return vendors_with_counts(self.actor)

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(ORGANIZATION_SUSPEND):
            return []
        return [
            BulkAction("Suspend", "circle-pause", reverse("organization-suspend-many")),
            BulkAction("Reactivate", "circle-play", reverse("organization-reactivate-many")),
        ]

    def get_context(self) -> dict[str, Any]:
        return {"description": "Third parties and partners who perform services on request."}


class VendorSubject(ConsoleView, abstract=True):
    """A page about one vendor among those the actor may see."""

    subject: Any

    def get_subject(self) -> Any:
        return found(visible_vendors(self.actor), pk=self.kwargs["pk"])


class VendorPage(VendorSubject):
    """Contract, contacts with their links, service settings with prices, the latest requests."""

    permission = VENDOR_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        may_edit = self.may(VENDOR_EDIT, self.subject)
        settings = list(settings_of(pk, today_in(self.subject.time_zone)))
        for setting in settings:
            setting.turnaround = words(setting.turnaround_minutes)  # type: ignore[attr-defined]
        return self.page(
            "vendors/vendor_detail.html",
            {
                "vendor": self.subject,
                "title": self.subject.name,
                "description": f"{self.subject.code} · {self.subject.get_kind_display()}",
                "status": self.subject.status,
                "status_label": self.subject.get_status_display(),
                "crumbs": [{"label": "Vendors", "url": reverse("vendor-list")}],
                "affiliations": list(affiliations_of(self.subject)),
                "contacts": contacts_of(pk),
                "settings": settings,
                "requests": list(listed(at_organization(requests_for(self.actor), pk))[:LATEST]),
                "may_edit": may_edit,
                "may_view_requests": self.may(REQUEST_VIEW),
            },
        )


class VendorForm(FormPage, abstract=True):
    """A form about a vendor or something of it; afterwards the vendor's page."""

    def success_url(self, result: Any) -> str:
        return reverse("vendor", args=[self.subject.access_organization_id])

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": self.success_url(None),
            "crumbs": [{"label": "Vendors", "url": reverse("vendor-list")}],
        }


class ContactAdd(VendorSubject, VendorForm):
    """Register a person who may answer for the vendor."""

    permission = VENDOR_EDIT
    form_class = ContactForm
    title = "Add contact"
    submit_label = "Add contact"

    def record_version(self) -> int | None:
        return None

    def perform(self, form: Any) -> VendorContact:
        return contact_actions.add_contact(self.actor, self.subject, details=form.details())

    def success_message(self, result: VendorContact) -> str:
        return f"{result.name} was added. Send a link to let {result.name} in."


class ContactSubject(ConsoleView, abstract=True):
    """A page about one contact of a vendor the actor may see."""

    subject: VendorContact

    def get_subject(self) -> VendorContact:
        return found(visible_contacts(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class ContactEdit(ContactSubject, VendorForm):
    """Change or deactivate a contact."""

    permission = VENDOR_EDIT
    form_class = ContactForm
    title = "Edit contact"
    submit_label = "Save contact"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.subject, name) for name in ("name", "email", "role", "active")}

    def perform(self, form: Any) -> VendorContact:
        version = self.subject.version
        return contact_actions.edit_contact(self.actor, self.subject, details=form.details(), version=version)

    def success_message(self, result: VendorContact) -> str:
        return f"{result.name} was saved."


class LinkSend(ContactSubject):
    """A button: mail the contact a new link."""

    permission = VENDOR_EDIT

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: contact_actions.send_link(self.actor, self.subject),
            success=f"A link was sent to {self.subject.email}.",
            url=reverse("vendor", args=[self.subject.vendor_id]),
        )


class LinksRevoke(ContactSubject):
    """A button: make the contact's links useless and end its sessions."""

    permission = VENDOR_EDIT

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: contact_actions.revoke_links(self.actor, self.subject),
            success=f"{self.subject.name}'s links and sessions have ended.",
            url=reverse("vendor", args=[self.subject.vendor_id]),
        )


class SettingAdd(VendorSubject, VendorForm):
    """Say that the vendor performs one of our services."""

    permission = VENDOR_EDIT
    form_class = NewSettingForm
    title = "Add service"
    submit_label = "Add service"

    def record_version(self) -> int | None:
        return None

    def get_form(self, data: Any = None, files: Any = None) -> NewSettingForm:
        hours = TURNAROUND_HOURS.at(self.subject)
        initial = {"starts_on": today_in(self.subject.time_zone), "turnaround_hours": hours}
        return NewSettingForm(data, actor=self.actor, currency=self.request.network.currency, initial=initial)

    def perform(self, form: Any) -> VendorService:
        return service_actions.add_vendor_service(
            self.actor,
            self.subject,
            service=form.cleaned_data["service"],
            settings=form.settings(),
            price=form.price(),
        )

    def success_message(self, result: VendorService) -> str:
        return f"{self.subject.name} now performs {result.service.name}."


class SettingSubject(ConsoleView, abstract=True):
    """A page about one service setting of a vendor the actor may see."""

    subject: VendorService

    def get_subject(self) -> VendorService:
        return found(visible_settings(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]


class SettingEdit(SettingSubject, VendorForm):
    """Change code, turnaround target, and whether it can be ordered."""

    permission = VENDOR_EDIT
    form_class = SettingForm
    title = "Edit service settings"
    submit_label = "Save settings"

    def get_initial(self) -> dict[str, Any]:
        setting = self.subject
        hours = round(Decimal(setting.turnaround_minutes) / 60, 2).normalize()
        return {"code": setting.code, "turnaround_hours": hours, "active": setting.active}

    def perform(self, form: Any) -> VendorService:
        version = self.subject.version
        return service_actions.edit_vendor_service(
            self.actor, self.subject, settings=form.settings(), version=version
        )

    def success_message(self, result: VendorService) -> str:
        return f"The settings for {self.subject.service.name} were saved."


class PriceSet(SettingSubject, VendorForm):
    """Set a price from a day on, beside all earlier and coming ones."""

    permission = VENDOR_EDIT
    form_class = PriceForm
    template = "vendors/price_form.html"
    title = "Set price"
    submit_label = "Set price"

    def record_version(self) -> int | None:
        return None

    def get_form(self, data: Any = None, files: Any = None) -> PriceForm:
        today = today_in(self.subject.vendor.time_zone)
        price = price_in_force(self.subject, today)
        initial: dict[str, Any] = {"starts_on": today}
        if price is not None:
            initial |= {"buy": price.buy, "sell": price.sell}
        return PriceForm(data, currency=self.request.network.currency, initial=initial)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {
            "prices": list(prices_of(self.subject)),
            "description": f"{self.subject.service.name} by {self.subject.vendor.name}",
        }

    def perform(self, form: Any) -> Any:
        return service_actions.set_price(self.actor, self.subject, price=form.price())

    def success_message(self, result: Any) -> str:
        return f"{self.subject.service.name} costs {result.buy} from {locale.long_day(result.starts_on)} on."
