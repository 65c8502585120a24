"""The tax of an order before it is sold: how much, on what, and whether it is due at the sale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from core.money import Money
from ledger.models import PackageLine
from ledger.queries.tax import rates_of
from ledger.rules.allocation import allocate, standalone_weights
from ledger.rules.settings import TAX_POINT
from ledger.rules.tax import Rate, Taxed, TaxPoint, TaxRecord, taxed_parts

if TYPE_CHECKING:
    from orgs.models import Organization


@dataclass(frozen=True)
class TaxQuote:
    """So many packages of these lines, at what is asked for each line; the holder of the contract owes the tax."""

    holder: Organization
    lines: Sequence[PackageLine]
    asked_minor: Sequence[int]
    quantity: int
    currency: str
    on: date

    @classmethod
    def of(
        cls,
        holder: Organization,
        lines: Sequence[PackageLine],
        quantity: int,
        asked: Money,
        on: date,
    ) -> TaxQuote:
        """What is asked for so many packages, allocated to their lines by stand-alone price, once over all of them."""
        weights = standalone_weights(
            {line.code: (line.quantity, line.standalone_minor) for line in lines}, quantity
        )
        parts = allocate(asked.minor, weights)
        return cls(holder, lines, [parts[line.code] for line in lines], quantity, asked.currency, on)

    @cached_property
    def point(self) -> TaxPoint:
        """When the tax is due, as the organization that owes the care has it."""
        return TaxPoint(TAX_POINT.at(self.holder))

    @cached_property
    def rates(self) -> list[Rate | None]:
        """The tax rate of each line on the day; credit has none before it is redeemed."""
        found = rates_of((line.service for line in self.lines), self.on)
        return [found.of(line.service_id) for line in self.lines]

    @cached_property
    def parts(self) -> list[Taxed]:
        """Each line as base and tax, at the rates of the day."""
        return taxed_parts(list(zip(self.asked_minor, self.rates, strict=True)))

    @cached_property
    def records(self) -> list[TaxRecord]:
        """The tax of each line that is taxed, in the books of who owes the care."""
        return [
            TaxRecord(
                self.holder.pk,
                line.service_id,
                rate,
                line.quantity * self.quantity,
                part,
                self.currency,
            )
            for line, part, rate in zip(self.lines, self.parts, self.rates, strict=True)
            if line.service_id and rate
        ]

    @property
    def at_sale(self) -> list[TaxRecord]:
        """The tax that is due at the sale."""
        return self.records if self.point is TaxPoint.SALE else []

    @property
    def allocated(self) -> list[int]:
        """What is owed of each line: without the tax that is due at the sale, with the tax that is due later."""
        at_sale = self.point is TaxPoint.SALE
        return [part.base_minor if at_sale else part.gross_minor for part in self.parts]

    @property
    def tax_minor(self) -> int:
        """The whole tax, whenever it is due."""
        return sum(part.tax_minor for part in self.parts)

    @property
    def due_minor(self) -> int:
        """The tax that is due at the sale."""
        return sum(record.amount.tax_minor for record in self.at_sale)

    @property
    def added_minor(self) -> int:
        """The tax that comes on top of what is asked."""
        return sum(part.gross_minor for part in self.parts) - sum(self.asked_minor)
