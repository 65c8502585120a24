"""The only place that writes vendors' service settings and prices."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from core.actions import Act, action
from core.errors import Refused, Stale
from core.money import Money
from vendors.models import VendorPrice, VendorService
from vendors.permissions import VENDOR_EDIT
from vendors.rules.kinds import refuse_no_vendor
from vendors.rules.settings import TURNAROUND_HOURS

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class ServiceSettings:
    """What a vendor calls a service and how fast it answers; without a target that of the settings counts."""

    code: str
    turnaround_minutes: int | None
    active: bool = True


@dataclass(frozen=True)
class Price:
    """What the vendor bills and what the service sells for, from a day on."""

    starts_on: date
    buy: Money
    sell: Money


@action(VENDOR_EDIT, audit="vendor_service.added")
def add_vendor_service(
    act: Act, vendor: Organization, *, service: Any, settings: ServiceSettings, price: Price
) -> VendorService:
    """Say that a vendor performs one of our services, with its first price.

    Who may: `vendor:edit` at the vendor. Refusals: not a vendor, a retired service, settings that exist
    already, prices in two currencies. Audit: all values.
    """
    refuse_no_vendor(vendor.kind, vendor.name)
    if service.status != "active":
        raise Refused("not_permitted", f"{service.name} is retired and can't be ordered.", field="service")
    if settings.turnaround_minutes is None:
        settings = replace(settings, turnaround_minutes=TURNAROUND_HOURS.at(vendor) * 60)
    setting = VendorService.objects.create(vendor=vendor, service=service, **asdict(settings))
    _write_price(setting, price)
    act.about(setting)
    act.changed({}, {"service": service.code, **asdict(settings), **_values(price)})
    return setting


@action(VENDOR_EDIT, audit="vendor_service.edited")
def edit_vendor_service(
    act: Act, setting: VendorService, *, settings: ServiceSettings, version: int
) -> VendorService:
    """Change code, turnaround target or whether it can be ordered. Requests already sent keep what they had.
    Without a target the present one stays.

    Refusals: stale version. Audit: old and new values.
    """
    current = VendorService.objects.select_for_update().get(pk=setting.pk)
    if current.version != version:
        raise Stale("service setting")
    if settings.turnaround_minutes is None:
        settings = replace(settings, turnaround_minutes=current.turnaround_minutes)
    new = asdict(settings)
    old = {name: getattr(current, name) for name in new}
    for name, value in new.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*new, "version"])
    act.changed(old, new)
    return current


@action(VENDOR_EDIT, audit="vendor_price.set")
def set_price(act: Act, setting: VendorService, *, price: Price) -> VendorPrice:
    """Set what is billed from a day on; a price of the same day is replaced. Requests keep the price they were sent at.

    Refusals: prices in two currencies. Audit: the replaced and the new price.
    """
    old = VendorPrice.objects.filter(vendor_service=setting, starts_on=price.starts_on).first()
    written = _write_price(setting, price)
    act.changed(_values(Price(old.starts_on, old.buy, old.sell)) if old else {}, _values(price))
    return written


def _write_price(setting: VendorService, price: Price) -> VendorPrice:
    if price.buy.currency != price.sell.currency:
        raise Refused("currency_mismatch", "Buy and sell price are in one currency.", field="sell")
    if price.buy.minor < 0 or price.sell.minor < 0:
        raise Refused("invalid", "A price is zero or more.", field="buy")
    values = {"buy_minor": price.buy.minor, "sell_minor": price.sell.minor, "currency": price.buy.currency}
    written, _ = VendorPrice.objects.update_or_create(
        vendor_service=setting, starts_on=price.starts_on, defaults=values
    )
    return written


def _values(price: Price) -> dict[str, str]:
    return {"from": str(price.starts_on), "buy": str(price.buy), "sell": str(price.sell)}
