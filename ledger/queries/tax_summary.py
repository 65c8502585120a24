"""Tax in words: what was sold or is about to be sold, by tax code."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F, Q, QuerySet, Sum

from core.money import Money
from ledger.models import Entitlement, EntitlementMovement, Sale, TaxCode, TaxLine
from ledger.queries.tax_quote import TaxQuote
from ledger.rules.tax import Method, Rate, Taxed, percent_text


@dataclass(frozen=True)
class TaxRow:
    """One tax code at one rate: what is taxed, and how much that is."""

    name: str
    percent: str
    method: str
    base: Money
    tax: Money

    @property
    def label(self) -> str:
        """As in "GST 18 %, included"; what is exempt has no rate."""
        return (
            f"{self.name}, {self.method}"
            if self.method == Method.EXEMPT
            else f"{self.name} {self.percent}, {self.method}"
        )


def tax_of_sale(sale: Sale) -> list[TaxRow]:
    """The tax that was due at a sale."""
    return tax_rows(TaxLine.objects.filter(event=sale.event_id, sale_event=F("event")), sale.currency)


def tax_note(sale: Sale) -> str:
    """What a receipt says of tax that is not due yet."""
    later = sale.tax_point == Sale.TaxPoint.REDEMPTION and sale.event.inputs.get("tax_later_minor")
    return "Tax is due when the services are used." if later else ""


def tax_of_entitlement(entitlement: Entitlement) -> list[TaxRow]:
    """The tax that was due for an entitlement so far, at its sale and since, less what was given back."""
    moving = EntitlementMovement.objects.filter(entitlement_line__entitlement=entitlement)
    # What is paid beside credit is nothing of the entitlement's; its tax stands after that of the redemption.
    own = Q(sale_event=None, line_no=1) | Q(sale_event=entitlement.sale_event_id)
    found = TaxLine.objects.filter(own, event__in=moving.values("event_id"))
    return tax_rows(found, entitlement.currency)


def tax_of_quote(quote: TaxQuote) -> list[TaxRow]:
    """The tax of what is about to be sold, whenever it is due."""
    names = dict(
        TaxCode.objects.filter(pk__in={record.rate.tax_code_id for record in quote.records}).values_list(
            "pk", "name"
        )
    )
    rows: dict[int, TaxRow] = {}
    for record in quote.records:
        rate, amount = record.rate, record.amount
        before = rows.get(rate.tax_code_id)
        rows[rate.tax_code_id] = TaxRow(
            names[rate.tax_code_id],
            percent_text(rate.percent),
            str(rate.method),
            Money((before.base.minor if before else 0) + amount.base_minor, quote.currency),
            Money((before.tax.minor if before else 0) + amount.tax_minor, quote.currency),
        )
    return list(rows.values())


def tax_of_price(amount: Taxed, rate: Rate | None, currency: str) -> list[TaxRow]:
    """The tax of one price that is asked; none of what is exempt."""
    if rate is None:
        return []
    return [
        TaxRow(
            TaxCode.objects.values_list("name", flat=True).get(pk=rate.tax_code_id),
            percent_text(rate.percent),
            str(rate.method),
            Money(amount.base_minor, currency),
            Money(amount.tax_minor, currency),
        )
    ]


def tax_rows(lines: QuerySet[TaxLine], currency: str) -> list[TaxRow]:
    """Tax that was posted, by code and rate."""
    found = (
        lines.values("tax_code__name", "method", "percent")
        .annotate(base=Sum("base_minor"), tax=Sum("tax_minor"))
        .order_by("tax_code__name", "percent")
    )
    return [
        TaxRow(
            row["tax_code__name"],
            percent_text(Fraction(row["percent"])),
            row["method"],
            Money(row["base"], currency),
            Money(row["tax"], currency),
        )
        for row in found
    ]
