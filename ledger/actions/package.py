"""The only place that writes packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.errors import Refused, Stale
from core.money import MAX_MINOR, Money
from core.settings import why
from ledger.actions.text import clean_code, clean_text
from ledger.models import Package, PackageLine, PackageRedeemer, PackageSeller, Service
from ledger.permissions import PACKAGE_EDIT
from ledger.rules.settings import LONGEST_VALIDITY_DAYS
from orgs.queries.tree import root as root_organization

if TYPE_CHECKING:
    from orgs.models import Organization

LONGEST_VALIDITY = 100_000
MOST_UNITS = 100_000
MOST_LINES = 50
MOST_PEOPLE = 10_000


@dataclass(frozen=True)
class Part:
    """So many units of a service, with the stand-alone price of one, by which the price is allocated.

    `Part.credit` is money to be used for services instead.
    """

    service: Service | None
    quantity: int
    standalone: Money
    category: str = ""

    @classmethod
    def credit(cls, amount: Money, category: str = "") -> Part:
        """Credit of an amount, for services of any category or of one."""
        return cls(None, amount.minor, Money(1, amount.currency), category)

    @property
    def what(self) -> tuple[int | None, str]:
        """What may stand in a package once."""
        return (self.service.pk if self.service else None, self.category)


@dataclass(frozen=True)
class Offer:
    """What a package offers. No `holder`: the seller owes the care. No sellers or redeemers: everywhere.

    `valid_days` None: without end.
    """

    name: str
    price: Money
    parts: Sequence[Part]
    valid_days: int | None
    holder: Organization | None = None
    sellers: Sequence[Organization] = ()
    redeemers: Sequence[Organization] = ()
    refund: str = Package.Refund.ALLOCATED_PRICE
    refund_fee: Money | None = None
    expiry: str = Package.Expiry.BREAKAGE_REVENUE
    breakage_percent: Decimal | None = None
    use: str = Package.Use.PERSON
    most_people: int = 1


@action(PACKAGE_EDIT, audit="package.created")
def create_package(act: Act, root: Organization, *, code: str, offer: Offer) -> Package:
    """Write a new package, as a draft.

    Who may: `package:edit` at the parent organization. Refusals: a taken code, no lines, a retired service, prices
    in several currencies or below zero, a longer validity than the holder allows, a third party as holder, seller
    or redeemer. Audit: `package.created`.
    """
    _check(offer)
    package = Package(code=clean_code(code))
    _fill(package, offer)
    package.save(force_insert=True)
    _write_parts(package, offer)
    act.about(package)
    act.changed({}, {"code": package.code} | _told(package))
    return package


@action(PACKAGE_EDIT, audit="package.edited")
def edit_package(act: Act, package: Package, *, offer: Offer, version: int) -> Package:
    """Change what a package offers from now on; what was sold keeps its price, lines and expiry.

    Refusals: as for a new one, and a stale version. Audit: old and new values.
    """
    current = _locked(package, version)
    _check(offer)
    old = _told(current)
    _fill(current, offer)
    _save(current)
    for rows in (current.lines, current.sellers, current.redeemers):
        rows.all().delete()
    _write_parts(current, offer)
    act.changed(old, _told(current))
    return current


@action(PACKAGE_EDIT, audit="package.put_on_sale")
def put_on_sale(act: Act, package: Package, *, version: int) -> Package:
    """Put a draft or withdrawn package on sale. Refusals: stale version, on sale already, a retired service,
    a longer validity than the holder allows."""
    current = _locked(package, version)
    retired = current.lines.filter(service__status=Service.Status.RETIRED).select_related("service").first()
    if retired is not None:
        raise Refused("not_permitted", f"{retired.what} is retired. Take it out of the package first.")
    _check_validity(current.holder, current.valid_days)
    return _set_status(act, current, Package.Status.ON_SALE)


@action(PACKAGE_EDIT, audit="package.withdrawn")
def withdraw_package(act: Act, package: Package, *, version: int) -> Package:
    """Take a package off sale; what was sold stays redeemable. Refusals: stale version, not on sale."""
    current = _locked(package, version)
    if current.status == Package.Status.DRAFT:
        raise Refused("not_permitted", f"{current.name} is a draft and has never been on sale.")
    return _set_status(act, current, Package.Status.WITHDRAWN)


def _set_status(act: Act, package: Package, status: str) -> Package:
    if package.status == status:
        raise Refused("not_permitted", f"{package.name} is {package.get_status_display().lower()} already.")
    old = package.status
    package.status = status
    _save(package)
    act.changed({"status": old}, {"status": status})
    return package


def _check(offer: Offer) -> None:
    """Refuse an offer that could not be sold."""
    if not 1 <= len(offer.parts) <= MOST_LINES:
        raise Refused("invalid", f"A package has 1 to {MOST_LINES} services.", field="lines")
    if len({part.what for part in offer.parts}) < len(offer.parts):
        raise Refused("duplicate", "A service stands in a package once; change its quantity.", field="lines")
    for part in offer.parts:
        _check_part(part, offer.price.currency)
    if not 0 <= offer.price.minor <= MAX_MINOR:
        raise Refused("invalid", "A price has no sign.", field="price")
    if offer.price.minor and not any(part.standalone.minor for part in offer.parts):
        raise Refused(
            "invalid",
            "The price is allocated by the stand-alone prices; at least one is not zero.",
            field="lines",
        )
    if offer.valid_days is not None and not 1 <= offer.valid_days <= LONGEST_VALIDITY:
        raise Refused(
            "invalid",
            f"A package is valid for 1 to {locale.number(LONGEST_VALIDITY)} days.",
            field="valid_days",
        )
    if offer.refund not in Package.Refund.values:
        raise Refused("invalid", f"{offer.refund!r} is no way to refund.", field="refund")
    if offer.expiry not in Package.Expiry.values:
        raise Refused("invalid", f"{offer.expiry!r} is no way to expire.", field="expiry")
    _check_terms(offer)
    _check_places(offer)
    _check_validity(offer.holder, offer.valid_days)


def _check_terms(offer: Offer) -> None:
    """Refuse a fee, a percentage or a number of people that don't fit the rest."""
    fee = offer.refund_fee
    if fee is not None and fee.currency != offer.price.currency:
        raise Refused(
            "currency_mismatch",
            f"The package is priced in {offer.price.currency}; so is its fee.",
            field="refund_fee",
        )
    if fee and (fee.minor < 0 or offer.refund != Package.Refund.ALLOCATED_PRICE_LESS_FEE):
        raise Refused("invalid", "A fee is kept of refunds less a fee, and has no sign.", field="refund_fee")
    percent = offer.breakage_percent
    if percent is not None and not 0 < percent < 100:
        raise Refused(
            "invalid",
            "Expected breakage is more than 0 and less than 100 %; leave it empty for none.",
            field="breakage_percent",
        )
    if percent is not None and offer.expiry == Package.Expiry.UNCLAIMED_PROPERTY:
        raise Refused(
            "not_permitted",
            "What nobody uses is unclaimed property here; no breakage is taken of it. Leave the percentage empty.",
            field="breakage_percent",
        )
    if offer.use not in Package.Use.values:
        raise Refused("invalid", f"{offer.use!r} says nobody who may use it.", field="use")
    alone = offer.use == Package.Use.PERSON
    if alone != (offer.most_people == 1) or not 1 <= offer.most_people <= MOST_PEOPLE:
        raise Refused(
            "invalid",
            "One person is one."
            if alone
            else f"A family or company has 2 to {locale.number(MOST_PEOPLE)} people.",
            field="most_people",
        )


def _check_validity(holder: Organization | None, valid_days: int | None) -> None:
    """Refuse a longer validity than the holder allows, or the parent organization for packages without one."""
    place = holder or root_organization()
    longest = LONGEST_VALIDITY_DAYS.at(place)
    if longest and (valid_days is None or valid_days > longest):
        asked = "without end" if valid_days is None else f"for {locale.number(valid_days)} days"
        raise Refused(
            "not_permitted",
            f"A package can't be valid {asked}; make it at most {locale.number(longest)} days. {why(LONGEST_VALIDITY_DAYS, place)}",
            field="valid_days",
        )


def _check_part(part: Part, currency: str) -> None:
    if part.service is None:
        _check_credit(part, currency)
        return
    if part.service.status != Service.Status.ACTIVE:
        raise Refused("not_permitted", f"{part.what} is retired. Choose another service.", field="lines")
    if not 1 <= part.quantity <= MOST_UNITS:
        raise Refused(
            "invalid", f"A package has 1 to {locale.number(MOST_UNITS)} units of a service.", field="lines"
        )
    if part.standalone.minor < 0:
        raise Refused("invalid", "A stand-alone price has no sign.", field="lines")
    if part.standalone.currency != currency:
        raise Refused(
            "currency_mismatch", f"The package is priced in {currency}; so are its services.", field="lines"
        )


def _check_credit(part: Part, currency: str) -> None:
    if not 1 <= part.quantity <= MAX_MINOR:
        raise Refused("invalid", "Credit is more than zero.", field="lines")
    if part.standalone != Money(1, currency):
        raise Refused(
            "currency_mismatch", f"The package is priced in {currency}; so is its credit.", field="lines"
        )
    if part.category and not Service.objects.filter(category=part.category).exists():
        raise Refused(
            "not_permitted",
            f"No service is in the category {part.category}; choose one that is in use, or none.",
            field="lines",
        )


def _check_places(offer: Offer) -> None:
    places = [offer.holder] if offer.holder else []
    for place in (*places, *offer.sellers, *offer.redeemers):
        if not place.keeps_books:
            raise Refused(
                "not_permitted",
                f"{place.name} is a third party: it holds, sells and redeems no packages.",
                field="holder" if place == offer.holder else "sellers",
            )
    if offer.holder is not None and offer.holder.currency != offer.price.currency:
        raise Refused(
            "currency_mismatch",
            f"{offer.holder.name}, the holder, keeps {offer.holder.currency}; price the package in it.",
            field="price",
        )


def _fill(package: Package, offer: Offer) -> None:
    package.name = clean_text(offer.name, "name")
    package.holder = offer.holder
    package.price_minor = offer.price.minor
    package.currency = offer.price.currency
    package.valid_days = offer.valid_days
    package.refund = offer.refund
    package.refund_fee_minor = offer.refund_fee.minor if offer.refund_fee else 0
    package.expiry = offer.expiry
    package.breakage_percent = offer.breakage_percent
    package.use = offer.use
    package.most_people = offer.most_people


def _write_parts(package: Package, offer: Offer) -> None:
    PackageLine.objects.bulk_create(
        PackageLine(
            package=package,
            service=part.service,
            category=part.category,
            quantity=part.quantity,
            standalone_minor=part.standalone.minor,
        )
        for part in offer.parts
    )
    PackageSeller.objects.bulk_create(
        PackageSeller(package=package, organization=place) for place in _once(offer.sellers)
    )
    PackageRedeemer.objects.bulk_create(
        PackageRedeemer(package=package, organization=place) for place in _once(offer.redeemers)
    )


def _once(places: Iterable[Organization]) -> list[Organization]:
    return list({place.pk: place for place in places}.values())


def _told(package: Package) -> dict[str, Any]:
    """What the audit trail says of a package."""
    return {
        "name": package.name,
        "price": str(package.price),
        "valid_days": package.valid_days,
        "holder": package.holder.code if package.holder else "the seller",
        "refund": package.refund,
        "refund_fee": str(Money(package.refund_fee_minor, package.currency)),
        "expiry": package.expiry,
        "breakage_percent": package.breakage_percent,
        "use": package.use,
        "most_people": package.most_people,
        "lines": [
            f"{Money(line.quantity, package.currency)!s} {line.code}"
            if line.is_credit
            else f"{line.quantity} x {line.code} at {Money(line.standalone_minor, package.currency)!s}"
            for line in package.lines.select_related("service").order_by("pk")
        ],
        "sellers": sorted(package.sellers.values_list("organization__code", flat=True)),
        "redeemers": sorted(package.redeemers.values_list("organization__code", flat=True)),
    }


def _locked(package: Package, version: int) -> Package:
    current = Package.objects.select_for_update().get(pk=package.pk)
    if current.version != version:
        raise Stale("package")
    return current


def _save(package: Package) -> None:
    package.version += 1
    package.save()
