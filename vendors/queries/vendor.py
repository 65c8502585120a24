"""Reads of vendors, their contacts and what they perform."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from core.actors import Actor
from orgs.queries.access import organizations_for
from orgs.queries.organization import search_organizations
from vendors.models import PortalLink, PortalSession, VendorContact, VendorPrice, VendorService
from vendors.permissions import VENDOR_VIEW
from vendors.rules.kinds import VENDOR_KINDS


def visible_vendors(actor: Actor) -> QuerySet[Any]:
    """Third parties and partners where the actor may see vendors."""
    rows: QuerySet[Any] = organizations_for(actor, VENDOR_VIEW).filter(kind__in=VENDOR_KINDS)
    return rows


def vendors_with_counts(actor: Actor) -> QuerySet[Any]:
    """Vendors with how many services and contacts are active, in one query."""

    def count(model: Any) -> Subquery:
        rows = model.objects.filter(vendor=OuterRef("pk"), active=True).order_by().values("vendor")
        return Subquery(rows.annotate(n=Count("pk")).values("n"))

    counts = {"services": count(VendorService), "contacts": count(VendorContact)}
    rows: QuerySet[Any] = visible_vendors(actor).annotate(**counts)
    return rows


def search_vendors(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    found: QuerySet[Any] = search_organizations(rows, typed)
    return found


def contacts_of(vendor_id: int) -> list[VendorContact]:
    """A vendor's contacts, each with its live links and last sign-in, in three queries."""
    contacts = list(VendorContact.objects.filter(vendor_id=vendor_id).order_by("-active", "name", "pk"))
    ids = [contact.pk for contact in contacts]
    live = dict(
        PortalLink.objects.filter(contact__in=ids, revoked_at=None, expires_at__gt=Now())
        .order_by()
        .values_list("contact")
        .annotate(Count("pk"))
    )
    sessions = PortalSession.objects.filter(contact__in=ids).order_by("contact", "-id").distinct("contact")
    last = dict(sessions.values_list("contact", "created_at"))
    for contact in contacts:
        contact.live_links = live.get(contact.pk, 0)  # type: ignore[attr-defined]
        contact.last_sign_in = last.get(contact.pk)  # type: ignore[attr-defined]
    return contacts


def visible_contacts(actor: Actor) -> QuerySet[VendorContact]:
    return VendorContact.objects.filter(vendor__in=visible_vendors(actor)).select_related("vendor")


def visible_settings(actor: Actor) -> QuerySet[VendorService]:
    return VendorService.objects.filter(vendor__in=visible_vendors(actor)).select_related("vendor", "service")


def with_prices(rows: QuerySet[VendorService], on: date) -> QuerySet[VendorService]:
    """Service settings with the price in force on a day; its columns are None where there is none."""
    price = VendorPrice.objects.filter(vendor_service=OuterRef("pk"), starts_on__lte=on).order_by(
        "-starts_on"
    )
    return rows.annotate(
        buy_minor=Subquery(price.values("buy_minor")[:1]),
        sell_minor=Subquery(price.values("sell_minor")[:1]),
        currency=Subquery(price.values("currency")[:1]),
        price_from=Subquery(price.values("starts_on")[:1]),
    )


def settings_of(vendor_id: int, on: date) -> QuerySet[VendorService]:
    """A vendor's service settings with the prices in force, active ones first."""
    rows = VendorService.objects.filter(vendor_id=vendor_id).select_related("service")
    return with_prices(rows, on).order_by("-active", "service__name", "pk")


def prices_of(setting: VendorService) -> QuerySet[VendorPrice]:
    """Every price of a setting, newest first."""
    return VendorPrice.objects.filter(vendor_service=setting).order_by("-starts_on")


def price_in_force(setting: VendorService, on: date) -> VendorPrice | None:
    return prices_of(setting).filter(starts_on__lte=on).first()


def orderable(on: date, currency: str) -> QuerySet[VendorService]:
    """What can be ordered on a day in a currency: active settings of active vendors under contract, with prices."""
    in_force = Q(vendor__affiliations__starts_on__lte=on) & (
        Q(vendor__affiliations__ends_on=None) | Q(vendor__affiliations__ends_on__gte=on)
    )
    rows = VendorService.objects.filter(
        in_force, active=True, service__status="active", vendor__status="active"
    ).select_related("vendor", "service")
    priced: QuerySet[Any] = with_prices(rows, on)  # its price columns are annotations
    return priced.filter(currency=currency).distinct().order_by(F("service__name"), F("vendor__name"), "pk")
