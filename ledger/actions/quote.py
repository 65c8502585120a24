"""Quotes: offering packages in writing, withdrawing the offer, mailing it, and selling what was offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from core import locale
from core.actions import Act, action
from core.clock import now, today_in
from core.errors import Refused, Stale
from core.idempotency import check_key
from core.money import Money
from core.settings import why
from ledger.actions.command import refused, rules_refuse
from ledger.actions.place import check_sees
from ledger.actions.sale import (
    MOST_PACKAGES,
    Order,
    Payer,
    Payment,
    check_discount,
    check_sellable,
    sell_package,
)
from ledger.actions.text import clean_text
from ledger.models import LedgerEvent, Package, Quote, QuoteLine, Sale
from ledger.permissions import SALE_CREATE
from ledger.queries.quote import lines_of_quote, total_of
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import LONGEST_QUOTE
from orgs.actions.mail import queue_signed_mail
from orgs.queries.organization import hold_standing
from orgs.rules.settings import LOCALE

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

NUMBER_LOCK = 0x71746E  # "qtn"
MOST_LINES = 20


@dataclass(frozen=True)
class Offered:
    """So many of one package, with a discount off all of them."""

    package: Package
    quantity: int
    discount: Money


@action(SALE_CREATE, audit="quote.made")
def make_quote(
    act: Act,
    organization: Organization,
    *,
    lines: Sequence[Offered],
    valid_until: date,
    patient: Patient | None = None,
    name: str = "",
) -> Quote:
    """Offer packages to a patient whom the actor sees, or to somebody by name, at today's prices until a day.

    Who may: `sale:create` at the organization. Effect: a quote with the organization's next number; nothing is posted.
    Refusals: `not_permitted` (nobody, nothing, a package twice, a day that has passed or later than policy allows),
    and of every package what a sale of it refuses: `module_off`, `not_sellable_here`, `discount_over_policy`,
    `currency_mismatch`. Audit: `quote.made`.
    """
    hold_standing(organization)
    _check_day(organization, valid_until)
    if patient is not None:
        check_sees(act.actor, patient)
    elif not name.strip():
        raise refused(RefusalCode.NOT_PERMITTED, "Say for whom the quote is.", field="name")
    if not 1 <= len(lines) <= MOST_LINES or len({line.package.pk for line in lines}) < len(lines):
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"A quote has 1 to {MOST_LINES} packages, each once.",
            field="package_0",
        )
    packages = Package.objects.select_related("holder").in_bulk([line.package.pk for line in lines])
    lines = [replace(line, package=packages[line.package.pk]) for line in lines]
    for line in lines:
        _check_offer(_order(organization, line))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBER_LOCK, organization.pk])
    last = Quote.objects.filter(organization=organization).aggregate(last=Max("number"))["last"] or 0
    quote = Quote.objects.create(
        organization=organization,
        number=last + 1,
        patient_id=patient.pk if patient else None,
        name="" if patient else clean_text(name, "name"),
        currency=organization.currency,
        valid_until=valid_until,
        made_by=act.actor.label[:200],
        made_at=now(),
    )
    QuoteLine.objects.bulk_create(
        QuoteLine(
            quote=quote,
            package=line.package,
            quantity=line.quantity,
            price_minor=line.package.price_minor,
            discount_minor=line.discount.minor,
        )
        for line in lines
    )
    act.about(quote)
    act.changed({}, {"number": quote.number, "patient": quote.patient_id, "valid_until": valid_until})
    return quote


@action(SALE_CREATE, audit="quote.withdrawn")
def withdraw_quote(act: Act, quote: Quote, *, version: int) -> Quote:
    """Withdraw an open quote: it is not sold any more. Refusals: stale version, not open."""
    current = _open(quote, version)
    current.status = Quote.Status.WITHDRAWN
    _save(current)
    act.changed({"status": Quote.Status.OPEN}, {"status": current.status})
    return current


@action(SALE_CREATE, audit="quote.mailed")
def mail_quote(act: Act, quote: Quote) -> str:
    """Mail a quote to its patient; says to which address.

    Who may: `sale:create` at its organization. Refusals: `not_permitted` (not open, nobody to write to).
    """
    current = Quote.objects.select_related("organization", "patient").get(pk=quote.pk)
    if why_not := why_not_sold(current):
        raise refused(RefusalCode.NOT_PERMITTED, why_not)
    address = current.patient.email if current.patient else ""
    if not address:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{current.who} has no address to write to. Print the quote."
        )
    with locale.using(LOCALE.at(current.organization)):
        lines = lines_of_quote(current)
        offered = "\n".join(f"{line.quantity} × {line.package.name}: {line.total}" for line in lines)
        body = (
            f"{current.organization.name} offers {current.who}:\n\n{offered}\n\nTotal: {total_of(current, lines)}\n\n"
            f"The offer is good until {locale.long_day(current.valid_until)}. Its number is {current.label}.\n"
        )
        queue_signed_mail(current.organization, address, f"Quote {current.label}", body)
    act.changed({}, {"number": current.number})
    return address


@action(SALE_CREATE, audit="quote.sold")
def sell_quote(
    act: Act,
    quote: Quote,
    *,
    patient: Patient,
    method: str,
    payer: Payer | None = None,
    version: int,
    key: str,
) -> list[Sale]:
    """Sell everything that a quote offers to a patient, at its prices, paid in one way: all of it or nothing.

    Who may: `sale:create` at its organization, for its patient, or a patient whom the actor sees where it was made for
    somebody by name. Refusals: stale version, `not_permitted` (not open, lapsed, another patient, or what changed since:
    every price, package and discount that no longer holds is named), and as for each sale. Audit: `quote.sold`, and each
    sale. The same key returns the first sales.
    """
    check_key(key, 80)
    current = Quote.objects.select_for_update(of=("self",)).select_related("organization").get(pk=quote.pk)
    lines = lines_of_quote(current)
    if lines and LedgerEvent.objects.filter(key=_key(key, lines[0])).exists():
        act.nothing_happened()
        return [line.sale for line in lines if line.sale]
    _check_version(current, version)
    if why_not := why_not_sold(current) or _wrong_patient(current, patient):
        raise refused(RefusalCode.NOT_PERMITTED, why_not)
    if changed := what_changed(current, lines):
        raise refused(RefusalCode.NOT_PERMITTED, " ".join(changed))
    sales = []
    for line in lines:
        is_company = line.package.use == Package.Use.COMPANY
        with rules_refuse():
            due = _order(current.organization, Offered(line.package, line.quantity, line.discount)).asked
        paid = [Payment(method, due)] if due.minor else []
        sale = sell_package(
            act.actor,
            current.organization,
            patient=patient,
            package=line.package,
            quantity=line.quantity,
            discount=line.discount,
            payments=paid,
            payer=payer if payer and is_company else Payer(),
            key=_key(key, line),
        )
        QuoteLine.objects.filter(pk=line.pk).update(sale=sale)
        sales.append(sale)
    current.status, current.patient_id = Quote.Status.SOLD, patient.pk
    _save(current)
    act.changed(
        {"status": Quote.Status.OPEN}, {"status": current.status, "sales": [sale.pk for sale in sales]}
    )
    return sales


def why_not_sold(quote: Quote) -> str:
    """Why nothing of a quote is sold any more; '' where it is."""
    if quote.status != Quote.Status.OPEN:
        return f"Quote {quote.label} is {quote.get_status_display().lower()}."
    if quote.has_lapsed(today_in(quote.organization.time_zone)):
        return f"Quote {quote.label} lapsed after {locale.day(quote.valid_until)}. Write a new one."
    return ""


def what_changed(quote: Quote, lines: Sequence[QuoteLine]) -> list[str]:
    """What of an open quote no longer holds: each price, package and discount by name."""
    found = []
    for line in lines:
        package = line.package
        if package.price_minor != line.price_minor:
            found.append(f"{package.name} costs {package.price} now, and was offered for {line.price}.")
        try:
            _check_offer(_order(quote.organization, Offered(package, line.quantity, line.discount)))
        except Refused as refusal:
            found.append(refusal.message)
    return found


def _wrong_patient(quote: Quote, patient: Patient) -> str:
    if quote.patient_id in (None, patient.pk):
        return ""
    return f"Quote {quote.label} is for another patient than {patient.full_name}."


def _check_day(organization: Organization, valid_until: date) -> None:
    today, longest = today_in(organization.time_zone), LONGEST_QUOTE.at(organization)
    if valid_until < today:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{locale.day(valid_until)} has passed.", field="valid_until"
        )
    if longest and (valid_until - today).days > longest:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{locale.day(valid_until)} is too late. {why(LONGEST_QUOTE, organization)}",
            field="valid_until",
        )


def _order(organization: Organization, line: Offered) -> Order:
    return Order(
        seller=organization,
        package=line.package,
        quantity=line.quantity,
        discount=line.discount,
        payments=(),
        on=today_in(organization.time_zone),
    )


def _check_offer(order: Order) -> None:
    """Refuse what a sale would refuse of the package, its number and its discount."""
    if not 1 <= order.quantity <= MOST_PACKAGES or order.discount.minor < 0:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"Offer 1 to {locale.number(MOST_PACKAGES)} of {order.package.name}."
        )
    if order.currency != order.seller.currency:
        raise refused(
            RefusalCode.CURRENCY_MISMATCH,
            f"{order.package.name} is priced in {order.currency}; {order.seller.name} writes quotes in "
            f"{order.seller.currency}.",
        )
    if order.asked_minor < 0:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"The discount is more than the price of {Money(order.price_minor, order.currency)}.",
        )
    check_sellable(order)
    check_discount(order)


def _key(key: str, line: QuoteLine) -> str:
    return f"{key} line {line.pk}"


def _open(quote: Quote, version: int) -> Quote:
    current = Quote.objects.select_for_update(of=("self",)).select_related("organization").get(pk=quote.pk)
    _check_version(current, version)
    if current.status != Quote.Status.OPEN:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"Quote {current.label} is {current.get_status_display().lower()}."
        )
    return current


def _check_version(quote: Quote, version: int) -> None:
    if quote.version != version:
        raise Stale("quote")


def _save(quote: Quote) -> None:
    quote.version += 1
    quote.save(update_fields=["status", "patient", "version"])
