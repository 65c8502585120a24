"""What giving prepaid services back is as base and tax: the tax is that which their sale took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import F, Q, Sum

from ledger.models import Entitlement, EntitlementLine, Sale, TaxLine
from ledger.queries.tax import rates_of
from ledger.rules.tax import Method, Rate, SoldTax, Taxed, TaxRecord, kept


@dataclass(frozen=True)
class Part:
    """Units of one line that are given back, and what their sale took on the line if it was taxed then."""

    line: EntitlementLine
    units: int
    amount: Taxed
    sold: SoldTax | None

    def record(self, units: int, amount: Taxed, sale_event_id: int | None) -> TaxRecord | None:
        if self.sold is None or self.line.service_id is None:
            return None
        one = self.line.entitlement
        return TaxRecord(
            one.holder_id, self.line.service_id, self.sold.rate, units, amount, one.currency, sale_event_id
        )


@dataclass(frozen=True)
class GivenBack:
    """All that is given back of one entitlement."""

    parts: list[Part]

    @property
    def gross_minor(self) -> int:
        """What it was sold for, with the tax."""
        return sum(part.amount.gross_minor for part in self.parts)

    def records(self, paid_minor: int) -> list[TaxRecord]:
        """The tax that is given back with it, and that on what is kept of it, when so much is paid."""
        kept_parts = kept([part.amount for part in self.parts], self.gross_minor - paid_minor)
        back = [
            part.record(
                -part.units,
                Taxed(-part.amount.base_minor, -part.amount.tax_minor),
                part.line.entitlement.sale_event_id,
            )
            for part in self.parts
        ]
        rest = [
            part.record(0, amount, None)
            for part, amount in zip(self.parts, kept_parts, strict=True)
            if amount.gross_minor
        ]
        return [record for record in (*back, *rest) if record]


def given_back(taken: Sequence[tuple[EntitlementLine, int, int]]) -> GivenBack:
    """(line, units, minor units) of one entitlement, whose lines come with it, as they are given back."""
    sold = sold_taxes([line for line, _, _ in taken])
    return GivenBack(
        [
            Part(line, units, Taxed(minor, tax.back(units) if tax else 0), tax)
            for line, units, minor in taken
            for tax in [sold.get(line.pk)]
        ]
    )


def all_left(lines: Sequence[EntitlementLine]) -> GivenBack:
    """All that is left of some lines of one entitlement."""
    return given_back([(line, line.left_units, line.open_minor) for line in lines])


def tax_left(lines: Iterable[EntitlementLine]) -> dict[int, int]:
    """By entitlement, the tax that its sale took on all that is left of it."""
    left = [line for line in lines if line.left_units]
    sold = sold_taxes(left)
    found: dict[int, int] = {}
    for line in left:
        if line.pk in sold:
            tax = sold[line.pk].back(line.left_units)
            found[line.entitlement_id] = found.get(line.entitlement_id, 0) + tax
    return found


def sold_taxes(lines: Sequence[EntitlementLine]) -> dict[int, SoldTax]:
    """By entitlement line, the tax that its sale took, and what of that was given back; none where it took none."""
    of = {(line.entitlement.sale_event_id, line.service_id): line.pk for line in lines if line.service_id}
    own = Q(event=F("sale_event"))
    rows = (
        TaxLine.objects.filter(sale_event__in={event for event, _ in of})
        .values("sale_event", "service", "tax_code", "tax_code__code", "method", "percent")
        .annotate(
            taken_units=Sum("units", filter=own),
            taken_minor=Sum("tax_minor", filter=own),
            back_units=Sum("units", filter=~own, default=0),
            back_minor=Sum("tax_minor", filter=~own, default=0),
        )
    )
    return {
        of[key]: SoldTax(
            Rate(row["tax_code"], row["tax_code__code"], Method(row["method"]), Fraction(row["percent"])),
            row["taken_units"],
            row["taken_minor"],
            -row["back_units"],
            -row["back_minor"],
        )
        for row in rows
        if (key := (row["sale_event"], row["service"])) in of
    }


def tax_later(lines: Sequence[EntitlementLine], on: date) -> int:
    """The tax within what is open of lines of one entitlement that is due when they are redeemed, at a day's rates."""
    if not lines or not is_taxed_later(lines[0].entitlement):
        return 0
    rates = rates_of((line.service for line in lines), on)
    found = [(rates.of(line.service_id), line.open_minor) for line in lines]
    return sum(rate.within(minor) for rate, minor in found if rate)


def is_taxed_later(entitlement: Entitlement) -> bool:
    """Whether the tax on its services is due when they are redeemed."""
    return Sale.objects.filter(entitlement=entitlement, tax_point=Sale.TaxPoint.REDEMPTION).exists()
