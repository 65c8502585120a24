"""A month with a partner: what the books have, and the partner's own statement of it, as it is and with mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ledger.models import LedgerEvent
from tests.ledger.market import Market

MAY = (date(2026, 5, 1), date(2026, 5, 31))
SESSIONS = 14


@dataclass(frozen=True)
class Row:
    """A line of the partner's statement: what the parent owes it, with a plus."""

    on: date
    amount: str
    reference: str
    text: str = "Physiotherapy"
    currency: str = "USD"

    def but(self, **other) -> Row:
        return replace(self, **other)

    def cells(self) -> str:
        return f"{self.on.isoformat()},{self.amount},{self.reference},{self.text},{self.currency}"


def file_of(rows: list[Row]) -> bytes:
    return "\n".join(["Date,Amount,Entry,Description,Currency", *(row.cells() for row in rows)]).encode()


@dataclass
class Partner:
    """Quay Partners, paid 70 % of 82.50 a session by the parent."""

    market: Market
    sale: object
    events: list[LedgerEvent] = field(default_factory=list)

    @classmethod
    def of_a_month(cls, market: Market) -> Partner:
        found = cls(market, market.sell(on=date(2026, 4, 30), quantity=4))
        for place in range(SESSIONS):
            found.treat(MAY[0] + timedelta(days=2 * place))
        return found

    def treat(self, on: date) -> LedgerEvent:
        event = self.market.redeem(self.sale, "PHYSIO", at="Q", on=on)
        self.events.append(event)
        return event

    def said(self) -> list[Row]:
        """The statement as it should be."""
        return [Row(event.effective_on, "57.75", f"No. {event.pk}") for event in self.events]

    def planted(self) -> list[Row]:
        """With twelve differences: three amounts (one of them a sign, one a currency), two missing here, two missing
        there, two duplicates, two of timing, and a wrong reference."""
        rows = self.said()
        rows[0] = rows[0].but(amount="58.75")
        rows[1] = rows[1].but(amount="-57.75")
        rows[2] = rows[2].but(currency="EUR")
        rows[3] = rows[3].but(on=rows[3].on + timedelta(days=9))
        rows[4] = rows[4].but(on=rows[4].on + timedelta(days=11))
        rows[5] = rows[5].but(reference="No. 99000017")
        gone = rows[6:8]
        strange = [
            Row(date(2026, 5, 12), "312.40", "No. 99000101", "Room hire"),
            Row(date(2026, 5, 19), "41.00", "No. 99000102", "Travel"),
        ]
        return [*[row for row in rows if row not in gone], *strange, rows[8], rows[9]]
