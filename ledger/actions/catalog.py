"""The only place that writes services and list prices."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.errors import Refused, Stale
from core.money import Money
from ledger.actions.text import clean_code, clean_text
from ledger.models import Service, TariffPrice, TaxCode
from ledger.permissions import CATALOG_EDIT, PRICE_EDIT

if TYPE_CHECKING:
    from orgs.models import Organization


@action(CATALOG_EDIT, audit="service.added")
def add_service(
    act: Act,
    root: Organization,
    *,
    code: str,
    name: str,
    category: str = "",
    tax_code: TaxCode | None = None,
) -> Service:
    """Add a service to the network's catalog.

    Who may: `catalog:edit` at the parent organization. Refusals: a taken or empty code, a withdrawn tax code. Audit:
    `service.added`.
    """
    service = Service(
        code=clean_code(code),
        name=clean_text(name, "name"),
        category=clean_text(category, "category", 40, empty=True),
        tax_code=_usable(tax_code, None),
    )
    service.save(force_insert=True)
    act.about(service)
    act.changed({}, {"code": service.code, **_told(service)})
    return service


@action(CATALOG_EDIT, audit="service.edited")
def edit_service(
    act: Act,
    service: Service,
    *,
    name: str,
    category: str = "",
    tax_code: TaxCode | None = None,
    version: int,
) -> Service:
    """Change a service's name, category and tax code (none: exempt); its code, which rules name, stays.

    What was sold with tax due at the sale keeps it. Refusals: stale version, a withdrawn tax code.
    """
    current = _locked(service, version)
    old = _told(current)
    current.tax_code = _usable(tax_code, current.tax_code_id)
    current.name = clean_text(name, "name")
    current.category = clean_text(category, "category", 40, empty=True)
    _save(current)
    act.changed(old, _told(current))
    return current


@action(CATALOG_EDIT, audit="service.retired")
def retire_service(act: Act, service: Service, *, version: int) -> Service:
    """Retire a service: it is neither charged nor put into packages any more; what was sold stays redeemable.

    Refusals: stale version, retired already. Audit: old and new status.
    """
    current = _locked(service, version)
    if current.status == Service.Status.RETIRED:
        raise Refused("not_permitted", f"{current.name} is retired already.")
    current.status = Service.Status.RETIRED
    _save(current)
    act.changed({"status": Service.Status.ACTIVE}, {"status": current.status})
    return current


@action(CATALOG_EDIT, audit="service.reactivated")
def reactivate_service(act: Act, service: Service, *, version: int) -> Service:
    """Take a retired service into use again. Refusals: stale version, in use already. Audit: old and new status."""
    current = _locked(service, version)
    if current.status == Service.Status.ACTIVE:
        raise Refused("not_permitted", f"{current.name} is in use already.")
    current.status = Service.Status.ACTIVE
    _save(current)
    act.changed({"status": Service.Status.RETIRED}, {"status": current.status})
    return current


@action(PRICE_EDIT, audit="price.set")
def set_price(
    act: Act, organization: Organization, *, service: Service, price: Money, starts_on: date
) -> TariffPrice:
    """Set the list price of a service at an organization and below it, from a day on.

    Who may: `price:edit` there. Effect: the price in force there until then ends the day before; a price that
    starts later stays. Refusals: a negative price, a third party, a price that starts on the same day. Audit: old and new price.
    """
    if price.minor < 0:
        raise Refused("invalid", "A price has no sign.", field="price")
    if not organization.keeps_books:
        raise Refused(
            "not_permitted",
            f"{organization.name} is a third party and has no tariff here.",
            field="organization",
        )
    here = TariffPrice.objects.select_for_update().filter(service=service, organization=organization)
    before = here.filter(starts_on__lt=starts_on).order_by("-starts_on").first()
    after = here.filter(starts_on__gte=starts_on).order_by("starts_on").first()
    if after is not None and after.starts_on == starts_on:
        raise Refused(
            "duplicate",
            f"{service.name} has a price at {organization.name} from {locale.day(starts_on)} on already: {after.price}. "
            "Choose another day.",
            field="starts_on",
        )
    old: dict[str, object] = {}
    if before is not None and (before.ends_on is None or before.ends_on >= starts_on):
        old = {"price": str(before.price), "since": before.starts_on}
        before.ends_on = starts_on - timedelta(days=1)
        before.save(update_fields=["ends_on"])
    made = TariffPrice(
        service=service,
        organization=organization,
        starts_on=starts_on,
        ends_on=after.starts_on - timedelta(days=1) if after else None,
        price_minor=price.minor,
        currency=price.currency,
    )
    made.save(force_insert=True)
    act.about(service)
    act.changed(old, {"price": str(price), "since": starts_on, "at": organization.name})
    return made


def _told(service: Service) -> dict[str, str]:
    tax = {"tax_code": service.tax_code.code} if service.tax_code else {}
    return {"name": service.name, "category": service.category, **tax}


def _usable(tax_code: TaxCode | None, before_id: int | None) -> TaxCode | None:
    if tax_code is not None and tax_code.status == TaxCode.Status.WITHDRAWN and tax_code.pk != before_id:
        raise Refused("not_permitted", f"{tax_code.name} is withdrawn. Choose another.", field="tax_code")
    return tax_code


def _locked(service: Service, version: int) -> Service:
    current = Service.objects.select_for_update().get(pk=service.pk)
    if current.version != version:
        raise Stale("service")
    return current


def _save(service: Service) -> None:
    service.version += 1
    service.save()
