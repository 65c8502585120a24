"""What a scenario file says, as typed values; `line` is where in the file it says so, from 1.

Amounts are whole minor units: of the package's currency in a sale, of the organization's in bills, journals
and balances, of the scenario's in services, rules and arithmetic. References have been checked to exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ledger.rules.accounts import Account
from ledger.rules.lines import Kind
from ledger.rules.netting import Owed
from ledger.rules.refusals import RefusalCode
from ledger.rules.tax import Method, TaxPoint
from ledger.rules.terms import Conditions, Event, Outcome


class RefundPolicy(StrEnum):
    """What a refund of unused units pays."""

    ALLOCATED_PRICE = "allocated_price"
    LIST_PRICE_CLAWBACK = "list_price_clawback"
    ALLOCATED_PRICE_LESS_FEE = "allocated_price_less_fee"
    NONE = "none"


class ExpiryPolicy(StrEnum):
    """Where what remains goes when an entitlement expires."""

    BREAKAGE_REVENUE = "breakage_revenue"
    UNCLAIMED_PROPERTY = "unclaimed_property"


class Use(StrEnum):
    """Whose the people are who use a package together."""

    FAMILY = "family"
    COMPANY = "company"


class NettingMethod(StrEnum):
    """How debts are reduced to payments."""

    BILATERAL = "bilateral"
    MULTILATERAL = "multilateral"


@dataclass(frozen=True, slots=True)
class OrganizationDeclared:
    line: int
    code: str
    kind: Kind
    under: str | None  # None for the parent only
    currency: str


@dataclass(frozen=True, slots=True)
class TaxCodeDeclared:
    """`rates` are (from which day on, percent), none of what is exempt."""

    line: int
    code: str
    method: Method
    rates: tuple[tuple[date, Fraction], ...]


@dataclass(frozen=True, slots=True)
class ServiceDeclared:
    line: int
    code: str
    list_price_minor: int
    category: str | None = None
    tax: str | None = None


@dataclass(frozen=True, slots=True)
class PackageLine:
    """Units of a service, or credit: minor units of money for services of a category, '' any."""

    line: int
    service: str | None
    quantity: int
    standalone_minor: int  # of one unit
    category: str = ""

    @property
    def code(self) -> str:
        return self.service or f"credit:{self.category}"


@dataclass(frozen=True, slots=True)
class PackageDeclared:
    """`holder` None: the seller. `sell_at`, `redeem_at` None: anywhere. `valid_days` None: for ever. `use` None: one
    person, else at most `people`."""

    line: int
    code: str
    currency: str
    price_minor: int
    lines: tuple[PackageLine, ...]
    holder: str | None = None
    refund: RefundPolicy = RefundPolicy.ALLOCATED_PRICE
    refund_fee_minor: int = 0
    expiry: ExpiryPolicy = ExpiryPolicy.BREAKAGE_REVENUE
    valid_days: int | None = None
    sell_at: tuple[str, ...] | None = None
    redeem_at: tuple[str, ...] | None = None
    use: Use | None = None
    people: int = 1


@dataclass(frozen=True, slots=True)
class RuleDeclared:
    line: int
    code: str
    event: Event
    when: Conditions
    outcome: Outcome
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """`shared_with` are the patients who may use it beside `patient`, whose it is."""

    line: int
    id: str
    on: date
    package: str
    patient: str
    at: str
    quantity: int = 1
    discount_minor: int = 0
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopUp:
    """More units of a service that a sale sold, or an amount of its credit in minor units."""

    line: int
    id: str
    on: date
    sale: str
    service: str
    quantity: int
    at: str
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Redeem:
    """`patient` uses it, or whose it is. `rest`: the way to pay what credit leaves of the price, which takes
    `credit_minor` of it at most, or all it has."""

    line: int
    id: str
    on: date
    sale: str
    service: str
    quantity: int
    at: str
    patient: str | None = None
    rest: str | None = None
    credit_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Void:
    line: int
    id: str
    on: date
    of: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Without `service` and `quantity`: all that remains of the sale. `at` None: paid by the holder."""

    line: int
    id: str
    on: date
    sale: str
    service: str | None = None
    quantity: int | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Expire:
    line: int
    id: str
    on: date
    sale: str


@dataclass(frozen=True, slots=True)
class Charge:
    line: int
    id: str
    on: date
    service: str
    quantity: int
    patient: str
    at: str


@dataclass(frozen=True, slots=True)
class VendorBill:
    line: int
    id: str
    on: date
    vendor: str
    at: str
    service: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Breakage:
    line: int
    id: str
    on: date
    package: str
    expected_percent: Fraction


@dataclass(frozen=True, slots=True)
class JournalLine:
    line: int
    organization: str
    account: Account
    currency: str
    amount_minor: int
    counterparty: str | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    line: int
    id: str
    on: date
    lines: tuple[JournalLine, ...]


@dataclass(frozen=True, slots=True)
class Net:
    line: int
    id: str
    on: date
    method: NettingMethod
    organizations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settle:
    line: int
    id: str
    on: date
    of: str


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is worth `value` of `quote`; a second one for a pair and day corrects the first."""

    line: int
    on: date
    base: str
    quote: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Revalue:
    """`organization` None: every one that keeps books."""

    line: int
    id: str
    on: date
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """`month` is its first day; `organization` None: every one that keeps books."""

    line: int
    month: date
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class ActivateRule:
    line: int
    rule: RuleDeclared


@dataclass(frozen=True, slots=True)
class SplitStep:
    line: int
    id: str
    amount_minor: int
    weights: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class RecognizeStep:
    """`estimates` are (units used so far, units expected in all)."""

    line: int
    id: str
    amount_minor: int
    estimates: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NetPositionsStep:
    line: int
    id: str
    method: NettingMethod
    owed: tuple[Owed, ...]


Command = (
    Sale
    | TopUp
    | Redeem
    | Void
    | Refund
    | Expire
    | Charge
    | VendorBill
    | Breakage
    | Journal
    | Net
    | Settle
    | Rate
    | Revalue
    | Close
    | ActivateRule
)
Arithmetic = SplitStep | RecognizeStep | NetPositionsStep


@dataclass(frozen=True, slots=True)
class Refused:
    """The step must be refused with this code; its effects are rolled back."""

    line: int
    code: RefusalCode
    step: Command


Step = Command | Arithmetic | Refused


@dataclass(frozen=True, slots=True)
class BalanceExpected:
    """`counterparty` None: summed over all. `amount_minor` is signed, debit +, in minor units of `currency`."""

    line: int
    organization: str
    account: Account
    amount_minor: int
    currency: str
    counterparty: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class EntitlementExpected:
    line: int
    sale: str
    service: str
    left: int
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ConsolidatedExpected:
    line: int
    of: str
    account: Account
    amount_minor: int
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class EliminatedExpected:
    """`amount_minor` is what elimination adds: aggregate + eliminated = consolidated."""

    line: int
    of: str
    account: Account
    amount_minor: int
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class TranslatedExpected:
    """A cell of the consolidated statement in one `currency`; `account` may be the translation difference."""

    line: int
    of: str
    account: str
    currency: str
    amount_minor: int
    as_of: date


@dataclass(frozen=True, slots=True)
class ResultExpected:
    """`equals` is a tuple of steps for a recognize, else minor units by party or by "payer->receiver".

    What is not named in a mapping is zero.
    """

    line: int
    of: str
    equals: Mapping[str, int] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrialBalanceExpected:
    line: int
    organization: str
    balances: bool
    as_of: date | None = None


Expectation = (
    BalanceExpected
    | EntitlementExpected
    | ConsolidatedExpected
    | EliminatedExpected
    | TranslatedExpected
    | ResultExpected
    | TrialBalanceExpected
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file. `organizations` come parents first, the others in the order of the file.

    `tax_point` None: as the product has it.
    """

    name: str
    currency: str
    organizations: tuple[OrganizationDeclared, ...]
    services: tuple[ServiceDeclared, ...]
    packages: tuple[PackageDeclared, ...]
    rules: tuple[RuleDeclared, ...]
    steps: tuple[Step, ...]
    expect: tuple[Expectation, ...]
    tax_codes: tuple[TaxCodeDeclared, ...] = ()
    tax_point: TaxPoint | None = None
