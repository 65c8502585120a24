"""What organizations take along of the ledger: their own prices, offers, sales, prepaid rights and books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import F, Q

from core.money import Money
from core.registries import Leavers, RecordTable
from ledger.models import (
    Beneficiary,
    Entitlement,
    EntitlementLine,
    JournalLine,
    Package,
    Sale,
    TariffPrice,
    TaxLine,
)
from ledger.queries.statement import balances_of
from ledger.rules.accounts import account_type
from orgs.queries.organization import organization_codes

CHUNK = 2000


def own_records(leavers: Leavers) -> Iterator[RecordTable]:
    """Prices, packages, sales, entitlements, the journal, taxes, and the balances of the last day."""
    yield RecordTable(
        "prices",
        "List prices of services that were set there.",
        "organization, service code, service, price, currency, from, until",
        _prices(leavers),
    )
    yield RecordTable(
        "packages",
        "Packages for which it owes the care, with what is in them.",
        "holder, code, name, state, price, currency, service code, service, quantity",
        _packages(leavers),
    )
    sold = Sale.objects.filter(Q(seller__in=leavers.ids) | Q(holder__in=leavers.ids))
    yield RecordTable(
        "sales",
        "Sales that were made there, and sales elsewhere of what it owes.",
        "day, seller, holder, receipt, entitlement, patient, package, quantity, price, discount, "
        "tax on top, total, currency, payments",
        _sales(sold, leavers),
        patient_ids=lambda: sold.order_by().values_list("patient", flat=True).distinct(),
    )
    held = Entitlement.objects.filter(holder__in=leavers.ids)
    yield RecordTable(
        "entitlements",
        "Prepaid rights that it owes or owed, line by line, with what is left.",
        "entitlement, holder, patient, package, from, until, state, service code, service, "
        "quantity, left, price, currency",
        _entitlements(leavers),
        patient_ids=lambda: held.order_by().values_list("patient", flat=True).distinct(),
    )
    people = Beneficiary.objects.filter(entitlement__holder__in=leavers.ids)
    yield RecordTable(
        "beneficiaries",
        "Who may use them beside the patient whose they are.",
        "entitlement, patient, since, reason, until, reason of the end",
        people.order_by("pk").values_list(
            "entitlement__code", "patient", "added_at", "reason", "removed_at", "removal_reason"
        ),
        patient_ids=lambda: people.order_by().values_list("patient", flat=True).distinct(),
    )
    yield RecordTable(
        "journal",
        "Every line of its books: debit positive, credit negative.",
        "day, entry, line, organization, account, counterparty, amount, currency, event, who, posted",
        _journal(leavers),
    )
    yield RecordTable(
        "taxes",
        "The tax that it owed by its sales, redemptions and charges; what was given back is negative.",
        "day, entry, organization, tax code, tax, rate, service code, units, base, tax amount, currency, event",
        _taxes(leavers),
    )
    yield RecordTable(
        "statement",
        "The final statement: the balance of every account at the end of the last day.",
        "organization, section, account, counterparty, balance, currency",
        _statement(leavers),
    )


def _prices(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = TariffPrice.objects.filter(organization__in=leavers.ids).select_related("service")
    for row in rows.order_by("organization", "service__code", "starts_on").iterator(CHUNK):
        service = row.service
        yield (
            leavers.codes[row.organization_id],
            service.code,
            service.name,
            row.price,
            row.currency,
            row.starts_on,
            row.ends_on,
        )


def _packages(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = Package.objects.filter(holder__in=leavers.ids).order_by("code", "lines__pk")
    named = rows.values_list(
        "holder", "code", "name", "status", "price_minor", "currency", "lines__service__code"
    ).annotate(service=F("lines__service__name"), quantity=F("lines__quantity"))
    for holder, code, name, status, minor, currency, *line in named.iterator(CHUNK):
        state = Package.Status(status).label
        yield (leavers.codes[holder], code, name, state, Money(minor, currency), currency, *line)


def _sales(rows: Any, leavers: Leavers) -> Iterator[Sequence[Any]]:
    every = rows.select_related("entitlement", "package").order_by("sold_on", "pk")
    for piece in _pieces(every):
        codes = organization_codes(pk for row in piece for pk in (row.seller_id, row.holder_id))
        for row in piece:
            figures = (row.price_minor, row.discount_minor, row.tax_added_minor, row.total_minor)
            money = [Money(minor, row.currency) for minor in figures]
            paid = "; ".join(
                f"{method} {amount.decimal()}" + (f" {amount.currency}" * (amount.currency != row.currency))
                for method, amount in row.paid
            )
            yield (
                row.sold_on,
                codes[row.seller_id],
                codes[row.holder_id],
                row.receipt_number,
                row.entitlement.code,
                row.patient_id,
                row.package.name,
                row.quantity,
                *money,
                row.currency,
                paid,
            )


def _entitlements(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = EntitlementLine.objects.filter(entitlement__holder__in=leavers.ids).select_related(
        "entitlement__package", "service"
    )
    for row in rows.order_by("entitlement", "pk").iterator(CHUNK):
        one = row.entitlement
        yield (
            one.code,
            leavers.codes[one.holder_id],
            one.patient_id,
            one.package.name,
            one.starts_on,
            one.expires_on,
            one.get_status_display(),
            row.code,
            row.what,
            row.quantity,
            row.left_units,
            Money(row.total_minor, one.currency),
            one.currency,
        )


def _journal(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = JournalLine.objects.filter(organization__in=leavers.ids).select_related("account", "event")
    for piece in _pieces(rows.order_by("effective_on", "event", "line_no")):
        codes = organization_codes(row.counterparty_id for row in piece if row.counterparty_id)
        for row in piece:
            yield (
                row.effective_on,
                row.event_id,
                row.line_no,
                leavers.codes[row.organization_id],
                row.account.code,
                codes.get(row.counterparty_id or 0, ""),
                Money(row.amount_minor, row.currency),
                row.currency,
                row.event.get_kind_display(),
                row.event.actor_label,
                row.event.posted_at,
            )


def _taxes(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = TaxLine.objects.filter(organization__in=leavers.ids).select_related("tax_code", "service", "event")
    for row in rows.order_by("effective_on", "event", "line_no").iterator(CHUNK):
        yield (
            row.effective_on,
            row.event_id,
            leavers.codes[row.organization_id],
            row.tax_code.code,
            row.tax_code.name,
            row.percent,
            row.service.code,
            row.units,
            Money(row.base_minor, row.currency),
            Money(row.tax_minor, row.currency),
            row.currency,
            row.event.get_kind_display(),
        )


def _statement(leavers: Leavers) -> Iterator[Sequence[Any]]:
    found = balances_of(leavers.ids, leavers.last_day)
    codes = organization_codes(one.counterparty_id for one in found if one.counterparty_id)
    for one in found:
        account = account_type(one.account)
        yield (
            leavers.codes[one.organization_id],
            account.section.value,
            account.account.value,
            codes.get(one.counterparty_id or 0, ""),
            one.balance,
            one.balance.currency,
        )


def _pieces(rows: Any) -> Iterator[list[Any]]:
    """The rows in pieces, so that what they name is looked up for many at once."""
    piece: list[Any] = []
    for row in rows.iterator(CHUNK):
        piece.append(row)
        if len(piece) == CHUNK:
            yield piece
            piece = []
    if piece:
        yield piece
