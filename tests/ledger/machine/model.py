"""What should be so: the ledger as plain numbers, computed from the rules' text and from nothing of the product's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

#: package -> price, days of validity, {service: (units, stand-alone price of one)}; all held by P
PARTS = {"CONSULT": (1, 40000), "LAB": (1, 25000), "PHYSIO": (5, 11000)}
PACKAGES: dict[str, tuple[int, int, dict[str, tuple[int, int]]]] = {
    "CHECKUP": (90000, 365, PARTS),
    "SHORT": (90000, 20, PARTS),
    "LARGE": (150000, 365, {"CONSULT": (2, 40000), "LAB": (1, 25000), "PHYSIO": (10, 11000)}),
}
#: The servicing organization's share of what is recognized, in percent, where P holds the contract.
SHARES = {"S": 80, "T": 80, "R": 80, "E": 80, "Q": 70}
#: What of a price with tax is tax: included in it at so many percent.
TAXED, PERCENT = "PHYSIO", 18
#: What a euro, which E keeps, is worth in dollars from a day on.
EURO = {
    date(2026, 1, 10): Fraction("1.25"),
    date(2026, 2, 1): Fraction("1.2"),
    date(2026, 2, 20): Fraction("1.37"),
    date(2026, 3, 10): Fraction("1.1"),
}


def euros(on: date) -> Fraction:
    """What a dollar is worth in euros on a day."""
    return 1 / EURO[max(day for day in EURO if day <= on)]


def in_euros(minor: int, on: date) -> int:
    return rounded(minor * euros(on))


def tax_in(paid: int) -> int:
    return rounded(Fraction(paid * PERCENT, 100 + PERCENT))


def rounded(exact: Fraction) -> int:
    """Half away from zero."""
    whole, rest = divmod(abs(exact).numerator, abs(exact).denominator)
    whole += 2 * rest >= abs(exact).denominator
    return whole if exact >= 0 else -whole


def share_of(total: int, percent: int) -> int:
    """The place's share of a split between itself and P: largest remainder, ties to the larger weight."""
    exact = Fraction(abs(total) * percent, 100)
    part, rest = divmod(exact.numerator, exact.denominator)
    over = Fraction(rest, exact.denominator)
    if over > Fraction(1, 2) or (over == Fraction(1, 2) and percent > 50):
        part += 1
    return part if total >= 0 else -part


@dataclass
class LineModel:
    """An entitlement line; `used` and `booked` count what left it, whatever for.

    `tax` was taken at the sale, and `tax_back` given back with `back` units.
    """

    quantity: int
    total: int
    tax: int = 0
    used: int = 0
    booked: int = 0
    back: int = 0
    tax_back: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.used

    @property
    def open(self) -> int:
        return self.total - self.booked

    def step(self, quantity: int) -> int:
        return rounded(Fraction(self.total * (self.used + quantity), self.quantity)) - self.booked

    def tax_step(self, quantity: int) -> int:
        """The tax that is given back with so many more units."""
        return rounded(Fraction(self.tax * (self.back + quantity), self.quantity)) - self.tax_back


@dataclass
class SaleModel:
    package: str
    on: date
    expires_on: date
    lines: dict[str, LineModel]
    tops_up: int | None = None
    voided: bool = False

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines.values())

    @property
    def open(self) -> int:
        return 0 if self.voided else sum(line.open for line in self.lines.values())

    @property
    def is_used(self) -> bool:
        return any(line.used for line in self.lines.values())


@dataclass
class Due:
    """One line between two organizations: what one is owed by the other, negative where it was voided.

    It stands since `since`: a void since the day of what it voids.
    """

    creditor: str
    debtor: str
    minor: int
    on: date
    since: date
    settled: bool = False

    def owed_to(self, place: str) -> int:
        return self.minor * ((place == self.creditor) - (place == self.debtor))


@dataclass
class EventModel:
    """What an event did: `taken` are (sale, service, units, minor units), `tax` is due, or given back for units (sale,
    service, units, tax); a void does the opposite."""

    kind: str
    on: date
    places: frozenset[str]
    taken: list[tuple[int, str, int, int]] = field(default_factory=list)
    sold: int | None = None
    tax: int = 0
    tax_back: list[tuple[int, str, int, int]] = field(default_factory=list)
    cash: dict[str, int] = field(default_factory=dict)
    dues: list[tuple[str, str, int]] = field(default_factory=list)
    shared: tuple[str, int] | None = None
    booked: tuple[str, int] | None = None
    voided: bool = False


@dataclass
class Model:
    sales: dict[int, SaleModel] = field(default_factory=dict)
    events: dict[int, EventModel] = field(default_factory=dict)
    cash: Counter[str] = field(default_factory=Counter)
    shares: Counter[str] = field(default_factory=Counter)
    tax: int = 0
    #: what the euro gained in settlements for E
    gained: int = 0
    dues: list[Due] = field(default_factory=list)
    booked: Counter[str] = field(default_factory=Counter)
    #: breakage that expired, and so is revenue for good
    expired: int = 0
    #: package, kind of the event (or of what it voids), day, change of what is open
    moved: list[tuple[str, str, date, int]] = field(default_factory=list)
    closed: dict[str, date] = field(default_factory=dict)

    def first(self, pk: int) -> SaleModel:
        """The sale that one tops up, else itself."""
        return self.sales[self.sales[pk].tops_up or pk]

    def is_closed(self, places: frozenset[str] | set[str], on: date) -> bool:
        return any(on <= self.closed.get(place, date.min) for place in places)

    def open_of(self, package: str) -> int:
        return sum(sale.open for sale in self.sales.values() if sale.package == package)

    def excess(self, package: str, taken: int) -> int:
        """Booked breakage that is too much once so much of what is open has been taken."""
        return max(0, self.booked[package] - (self.open_of(package) - taken))

    def breakage_target(self, package: str, percent: int, until: date) -> int:
        rows = [(kind, minor) for name, kind, on, minor in self.moved if name == package and on <= until]
        used = -sum(minor for kind, minor in rows if kind == "redemption")
        sold = sum(minor for kind, minor in rows if kind != "redemption")
        part = Fraction(percent, 100)
        exact = min(sold * part, used * part / (1 - part), Fraction(sold - used))
        return min(max(0, rounded(exact)), self.open_of(package))

    def apply(self, event: EventModel, sign: int = 1, on: date | None = None) -> None:
        day = on or event.on
        if event.sold is not None:
            sale = self.sales[event.sold]
            self.moved.append((sale.package, event.kind, day, sign * sale.total))
            sale.voided = sign < 0
        for pk, service, units, minor in event.taken:
            line = self.sales[pk].lines[service]
            line.used += sign * units
            line.booked += sign * minor
            self.moved.append((self.sales[pk].package, event.kind, day, -sign * minor))
        for pk, service, units, minor in event.tax_back:
            line = self.sales[pk].lines[service]
            line.back += sign * units
            line.tax_back += sign * minor
            self.tax -= sign * minor
        self.tax += sign * event.tax
        for place, minor in event.cash.items():
            self.cash[place] += sign * (in_euros(minor, event.on) if place == "E" else minor)
        self.dues += [
            Due(creditor, debtor, sign * minor, day, event.on)
            for creditor, debtor, minor in event.dues
            if minor
        ]
        if event.shared:
            self.shares[event.shared[0]] += sign * event.shared[1]
        if event.booked:
            self.booked[event.booked[0]] += sign * event.booked[1]

    def open_dues(self, until: date | None = None) -> list[Due]:
        return [one for one in self.dues if not one.settled and (until is None or one.on <= until)]

    def owed(self, dues: list[Due]) -> dict[tuple[str, str], int]:
        """(creditor, debtor) -> what is owed, without what comes to nothing."""
        found: Counter[tuple[str, str]] = Counter()
        for one in dues:
            found[one.creditor, one.debtor] += one.minor
        return {pair: minor for pair, minor in found.items() if minor}
