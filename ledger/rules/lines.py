"""Organizations and journal lines as plain values, and what owing one another looks like in the books."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.money import Money
from ledger.rules.accounts import Account


class Kind(StrEnum):
    """The kinds of organization."""

    PARENT = "parent"
    SUB = "sub"
    PARTNER = "partner"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Organization:
    """What the rules need to know of an organization.

    `group_id` is the id of its nearest partner at or above, else of the parent. `path` holds the codes
    from the root down to the organization itself, so its length is the depth.
    """

    id: int
    code: str
    kind: Kind
    group_id: int
    currency: str
    path: tuple[str, ...] = ()

    @property
    def keeps_books(self) -> bool:
        """Every kind but a third party keeps books in the ledger."""
        return self.kind is not Kind.THIRD_PARTY


class What(StrEnum):
    """What a reason of a line's amount is."""

    ALLOCATED = "allocated"  # the price of an entitlement line that is sold
    GIVEN = "given"  # what was open of an entitlement line that is given for another
    RECOGNIZED = "recognized"  # what a redemption takes of an entitlement line
    UNUSED = "unused"  # what a refund takes of an entitlement line
    PAID_BACK = "paid_back"  # what a refund pays
    OPEN = "open"  # what is open of an entitlement line that expires
    BOOKED = "booked"  # what was taken of that as breakage before
    BREAKAGE = "breakage"  # what a run takes more or less
    REVERSED = "reversed"  # booked breakage that would exceed what is open
    UNCLAIMED = "unclaimed"  # an item of unclaimed property that is paid
    PRICE = "price"  # of a charge
    REST = "rest"  # what of a price is paid beside credit
    REST_TAX = "rest_tax"
    BILLED = "billed"  # by a vendor
    TAX = "tax"
    TAX_BACK = "tax_back"
    SHARE = "share"  # one step of what a rule gives a party
    EXCHANGED = "exchanged"  # cash, in the currency that is kept
    GAIN = "gain"  # on a foreign currency
    NETTED = "netted"  # what a settlement run nets on an account
    PAYMENT = "payment"  # money of a settlement run that moved
    OUTSTANDING = "outstanding"  # a payment of a settlement run that is still to come, or came now
    ENTERED = "entered"  # by hand


#: A sentence that is put together when somebody asks for it.
Told = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of a line's amount, signed as the line is; `of` says which of several, or what there is to say of it."""

    what: What
    amount_minor: int
    of: int | str | Money | Told = ""


Reasons = tuple[Reason, ...]


def reasons(what: What, amounts_minor: Iterable[int]) -> Reasons:
    """A reason for each of several amounts of one kind, by its place among them."""
    return tuple(Reason(what, minor, at) for at, minor in enumerate(amounts_minor))


def minus(those: Iterable[Reason]) -> Reasons:
    """The opposite of some reasons, one by one."""
    return tuple(Reason(each.what, -each.amount_minor, each.of) for each in those)


def total(those: Iterable[Reason]) -> int:
    return sum(each.amount_minor for each in those)


@dataclass(frozen=True, slots=True)
class Line:
    """One journal line: signed minor units of `currency`, debit +, credit -, never zero.

    `reasons` sum to its amount, wherever it was computed; two lines are equal without them.
    """

    organization_id: int
    account: Account
    currency: str
    amount_minor: int
    counterparty_id: int | None = None
    reasons: Reasons = field(default=(), compare=False, repr=False)


def line(
    organization: Organization,
    account: Account,
    why: Sequence[Reason],
    counterparty: Organization | None = None,
) -> tuple[Line, ...]:
    """Return the line in `organization`'s own currency whose amount is the sum of its reasons, or none for zero.

    Raises ValueError when the organization keeps no books.
    """
    if not organization.keeps_books:
        raise ValueError(f"{organization.code} is a third party and keeps no books.")
    amount_minor = total(why)
    if not amount_minor:
        return ()
    named = counterparty.id if counterparty else None
    stated = tuple(each for each in why if each.amount_minor)
    return (Line(organization.id, account, organization.currency, amount_minor, named, stated),)


def owe(payer: Organization, receiver: Organization, why: Sequence[Reason]) -> tuple[Line, ...]:
    """Return the lines by which `payer` owes `receiver` for a service, in both books.

    Within one group: intercompany_cost / intercompany_revenue; between groups: partner_share_cost /
    service_revenue(payer); a third party keeps no books: vendor_cost / accounts_payable. What one owes
    oneself, and zero, is not posted.
    """
    if payer.id == receiver.id:
        return ()
    if receiver.kind is Kind.THIRD_PARTY:
        return (
            *line(payer, Account.VENDOR_COST, why, receiver),
            *line(payer, Account.ACCOUNTS_PAYABLE, minus(why), receiver),
        )
    if payer.group_id == receiver.group_id:
        cost, revenue = Account.INTERCOMPANY_COST, Account.INTERCOMPANY_REVENUE
    else:
        cost, revenue = Account.PARTNER_SHARE_COST, Account.SERVICE_REVENUE
    return (
        *line(payer, cost, why, receiver),
        *line(payer, Account.DUE_TO, minus(why), receiver),
        *line(receiver, Account.DUE_FROM, why, payer),
        *line(receiver, revenue, minus(why), payer),
    )


def negated(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the exact opposite of an entry, line by line: what a void or a reversal posts."""
    return tuple(
        replace(each, amount_minor=-each.amount_minor, reasons=minus(each.reasons)) for each in lines
    )
