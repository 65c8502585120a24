"""The terms of a transactional rule as plain values: for which event it answers, when, and with what."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from ledger.rules.lines import Kind


class Event(StrEnum):
    """The business events a rule can answer for."""

    SALE = "sale"
    REDEMPTION = "redemption"
    CHARGE = "charge"
    SERVICE_REQUEST = "service_request"


class Basis(StrEnum):
    """The transfer basis: what a percentage is taken of."""

    ALLOCATED_PRICE = "allocated_price"  # what this redemption or charge recognizes, all its units together
    LIST_PRICE = "list_price"  # unit list price x quantity
    SALE_PRICE = "sale_price"  # the sale's whole price; event sale only


class Presentation(StrEnum):
    """Whether the holder shows the price as its own revenue or only its commission (IFRS 15.B34-B38)."""

    PRINCIPAL = "principal"
    AGENT = "agent"


class PayerType(StrEnum):
    """Who is the customer of the event: the patient, or an organization that orders the service."""

    PATIENT = "patient"
    ORGANIZATION = "organization"


class Measure(StrEnum):
    """What a volume counts."""

    UNITS = "units"
    AMOUNT = "amount"  # on the basis of the shares that have tiers


class Per(StrEnum):
    """The calendar period of the effective date, after which a volume begins anew."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# Words that stand for an organization in a payer or a party; no organization may have them as its code.
SERVICING = "servicing"
HOLDER = "holder"
PARENT = "parent"
ROLES = frozenset({SERVICING, HOLDER, PARENT})


@dataclass(frozen=True, slots=True)
class Volume:
    """What the tiers of an outcome look at: what this rule answered at the servicing organization before.

    Every event that a version of the rule with tiers answered counts, in posting order, in the period of its own
    effective date, whenever it is posted; a void takes it off again.
    """

    measure: Measure
    per: Per


@dataclass(frozen=True, slots=True)
class Tier:
    """One slice of a volume with its own `percent`, or `fixed_minor` a unit; the last one has no end.

    `up_to` is the volume at which it ends, in units or in minor units of the outcome's currency.
    """

    percent: Fraction | None = None
    fixed_minor: int | None = None
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one party gets: exactly one of `percent` of `basis`, `fixed_minor` a unit, the `remainder`, or `tiers`.

    `party` is `servicing`, `holder`, `parent` or an organization's code. `percent` is exact, 0-100.
    `fixed_minor` and the limits, what the share of one event comes to at least and at most, are in minor units of the
    outcome's currency. A transfer is one share to `servicing`, without a legal basis.
    """

    party: str
    percent: Fraction | None = None
    fixed_minor: int | None = None
    remainder: bool = False
    basis: Basis | None = None
    legal_basis: str = ""
    tiers: tuple[Tier, ...] = ()
    at_least_minor: int | None = None
    at_most_minor: int | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether it is an amount per unit, and so needs no basis."""
        return self.fixed_minor is not None or any(tier.fixed_minor is not None for tier in self.tiers)

    @property
    def has_limits(self) -> bool:
        return self.at_least_minor is not None or self.at_most_minor is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who pays whom, how much, and how it is shown.

    `payer` is None for the event's own payer, else `parent`, `holder` or a code. There is either a
    `transfer` or `shares`; with neither the rule posts recognition only. `currency` is that of the
    fixed amounts, limits and tiers. `volume` is what tiers look at.
    """

    payer: str | None = None
    transfer: Share | None = None
    shares: tuple[Share, ...] = ()
    presentation: Presentation = Presentation.PRINCIPAL
    currency: str | None = None
    volume: Volume | None = None

    @property
    def parts(self) -> tuple[Share, ...]:
        """The transfer or the shares, alike."""
        return (self.transfer,) if self.transfer else self.shares

    @property
    def is_divisible(self) -> bool:
        """Whether it answers for a part of a price as it does for the whole: by percentages of amounts alone."""
        counts_units = self.volume is not None and self.volume.measure is Measure.UNITS
        return not counts_units and not any(each.is_fixed or each.has_limits for each in self.parts)


@dataclass(frozen=True, slots=True)
class Dates:
    """A range of effective dates, both ends included; an open end is None."""

    first_on: date | None = None
    last_on: date | None = None

    def contains(self, day: date) -> bool:
        """Whether `day` lies in the range."""
        return (self.first_on is None or self.first_on <= day) and (
            self.last_on is None or day <= self.last_on
        )

    def overlaps(self, other: "Dates") -> bool:
        """Whether some day lies in both ranges."""
        both = self.within(other)
        return both.first_on is None or both.last_on is None or both.first_on <= both.last_on

    def within(self, other: "Dates") -> "Dates":
        """The days that lie in both ranges; of none the end comes before the beginning."""
        return Dates(
            max(filter(None, (self.first_on, other.first_on)), default=None),
            min(filter(None, (self.last_on, other.last_on)), default=None),
        )


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a rule applies: every condition that is given must hold. Organizations are named by code.

    `..._under` is a subtree, its root included.
    """

    seller: str | None = None
    seller_under: str | None = None
    seller_kind: Kind | None = None
    servicing: str | None = None
    servicing_under: str | None = None
    servicing_kind: Kind | None = None
    service: str | None = None
    category: str | None = None
    package: str | None = None
    payer_type: PayerType | None = None
    dates: Dates | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a transactional rule; `in_force` are the effective dates on which it answers."""

    code: str
    event: Event
    when: Conditions = field(default_factory=Conditions)
    outcome: Outcome = field(default_factory=Outcome)
    priority: int = 0
    version: int = 1
    in_force: Dates = field(default_factory=Dates)

    @property
    def days(self) -> Dates:
        """The days on which it can answer: in force, and as its conditions say."""
        return self.in_force.within(self.when.dates) if self.when.dates else self.in_force
