"""The postings of each business event: facts in, journal lines of one entry out.

Every result balances per organization and currency and mirrors between organizations. Lines of
contract_liability stay apart, one per entitlement line; zero amounts post no line. All amounts are minor
units of one currency, that of the books of the organization named first, whatever the others keep: what they owe one
another mirrors in it. `exchange.exchange_cash` then puts their cash into their own.

A line's amount is the sum of its reasons, so that what explains it is what it was computed from.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec

from ledger.rules.accounts import Account
from ledger.rules.distribution import Distribution
from ledger.rules.lines import (
    Line,
    Organization,
    Reason,
    Reasons,
    What,
    line,
    minus,
    negated,
    owe,
    reasons,
    total,
)
from ledger.rules.refusals import Refusal, RefusalCode
from ledger.rules.terms import Presentation

_P = ParamSpec("_P")
_Template = Callable[Concatenate[Organization, _P], tuple[Line, ...]]


def _in_currency_of_first(template: _Template[_P]) -> _Template[_P]:
    """The holder of a contract, who performs for a charge, and who orders say in which currency an event is."""

    @wraps(template)
    def built(first: Organization, /, *args: _P.args, **kwargs: _P.kwargs) -> tuple[Line, ...]:
        return tuple(
            each if each.currency == first.currency else replace(each, currency=first.currency)
            for each in template(first, *args, **kwargs)
        )

    return built


@_in_currency_of_first
def sale(
    holder: Organization,
    seller: Organization,
    allocated_minor: Sequence[int],
    distribution: Distribution | None = None,
    tax_minor: int = 0,
) -> tuple[Line, ...]:
    """Sell for cash: the holder owes the care, so the prices allocated are its contract liability.

    `allocated_minor` holds the price of each entitlement line, without the tax that is due at the sale, which the
    holder owes. A seller that is not the holder keeps the cash and owes it to the holder (IFRS 15.B44-B47; E1, E5).
    A rule's shares are paid besides.
    """
    allocated, tax = reasons(What.ALLOCATED, allocated_minor), (Reason(What.TAX, tax_minor),)
    price = (*allocated, *tax)
    liability = (
        *_liability(holder, minus(allocated)),
        *line(holder, Account.TAX_PAYABLE, minus(tax)),
    )
    if holder.id == seller.id:
        taken = (*line(holder, Account.CASH, price), *liability)
    else:
        taken = (
            *line(holder, Account.DUE_FROM, price, seller),
            *liability,
            *line(seller, Account.CASH, price),
            *line(seller, Account.DUE_TO, minus(price), holder),
        )
    return (*taken, *_payments(distribution, seller))


@_in_currency_of_first
def upgrade(
    holder: Organization,
    seller: Organization,
    given_minor: Sequence[int],
    allocated_minor: Sequence[int],
    distribution: Distribution | None = None,
    tax_minor: int = 0,
    tax_back_minor: int = 0,
) -> tuple[Line, ...]:
    """Give what is left of one entitlement, and the rest in cash, for another with the same holder.

    A modification that ends the old contract and begins a new one (IFRS 15.21(a)): what was open, one amount per line,
    and what is paid are allocated to what is bought. The tax that the old sale took on what is given is given back,
    and that on what is bought is due. A rule's shares are of what is paid.
    """
    allocated, tax = reasons(What.ALLOCATED, allocated_minor), (Reason(What.TAX, tax_minor),)
    given, tax_back = reasons(What.GIVEN, given_minor), (Reason(What.TAX_BACK, tax_back_minor),)
    paid = (*allocated, *tax, *minus(given), *minus(tax_back))
    moved = (
        *_liability(holder, given),
        *line(holder, Account.TAX_PAYABLE, tax_back),
        *_liability(holder, minus(allocated)),
        *line(holder, Account.TAX_PAYABLE, minus(tax)),
    )
    if holder.id == seller.id:
        taken = line(holder, Account.CASH, paid)
    else:
        taken = (
            *line(holder, Account.DUE_FROM, paid, seller),
            *line(seller, Account.CASH, paid),
            *line(seller, Account.DUE_TO, minus(paid), holder),
        )
    return (*moved, *taken, *_payments(distribution, seller))


@_in_currency_of_first
def redemption(
    holder: Organization,
    servicing: Organization,
    recognized_minor: int,
    distribution: Distribution | None = None,
    tax_minor: int = 0,
) -> tuple[Line, ...]:
    """Redeem units of one entitlement line: the holder's liability becomes revenue (E2, E3, E3').

    Where tax is due at the redemption, the liability holds it, and the holder owes it: what is earned is the rest.
    As principal the holder recognizes the whole price and the payer owes the shares; as agent (IFRS
    15.B36) the holder owes the servicing organization its share, keeps the rest as commission, and the
    revenue is the servicing organization's. At the holder itself there is nobody to be agent for.
    """
    recognized, tax = (Reason(What.RECOGNIZED, recognized_minor),), (Reason(What.TAX, tax_minor),)
    earned = (*recognized, *minus(tax))
    discharged = (
        *line(holder, Account.CONTRACT_LIABILITY, recognized),
        *line(holder, Account.TAX_PAYABLE, minus(tax)),
    )
    if (
        distribution is None
        or distribution.presentation is Presentation.PRINCIPAL
        or holder.id == servicing.id
    ):
        return (
            *discharged,
            *line(holder, Account.SERVICE_REVENUE, minus(earned)),
            *_payments(distribution, servicing),
        )
    share = tuple(each for payment in distribution.payments for each in payment.reasons)
    commission = (*earned, *minus(share))
    return (
        *discharged,
        *line(holder, Account.DUE_TO, minus(share), servicing),
        *line(holder, Account.COMMISSION_REVENUE, minus(commission), servicing),
        *line(servicing, Account.DUE_FROM, share, holder),
        *line(servicing, Account.PARTNER_COMMISSION_COST, commission, holder),
        *line(servicing, Account.SERVICE_REVENUE, minus(earned)),
    )


@_in_currency_of_first
def refund(
    holder: Organization,
    paid_at: Organization,
    unused_minor: Sequence[int],
    paid_minor: int | None = None,
    tax_minor: int = 0,
) -> tuple[Line, ...]:
    """Refund unused units, one allocated amount per entitlement line (E6a).

    What is paid less than they were allocated, with the tax that is given back, is modification revenue (E6b);
    without `paid_minor` all of it is paid.
    The holder pays; when another organization pays it out, the holder owes it that amount.
    """
    unused, tax = reasons(What.UNUSED, unused_minor), (Reason(What.TAX_BACK, tax_minor),)
    allocated = (*unused, *tax)
    paid = allocated if paid_minor in (None, total(allocated)) else (Reason(What.PAID_BACK, paid_minor),)
    given_up = (
        *_liability(holder, unused),
        *line(holder, Account.TAX_PAYABLE, tax),
        *line(holder, Account.MODIFICATION_REVENUE, (*paid, *minus(allocated))),
    )
    if holder.id == paid_at.id:
        return (*given_up, *line(holder, Account.CASH, minus(paid)))
    return (
        *given_up,
        *line(holder, Account.DUE_TO, minus(paid), paid_at),
        *line(paid_at, Account.DUE_FROM, paid, holder),
        *line(paid_at, Account.CASH, minus(paid)),
    )


def expiry(
    holder: Organization, open_minor: Sequence[int], booked_minor: int, account: Account
) -> tuple[Line, ...]:
    """Let what is left of an entitlement expire, one open amount per entitlement line (E8).

    `booked_minor` of it was taken as breakage before and is not posted again. `account` is breakage_revenue, or
    unclaimed_property where the law gives what nobody used to its owner or the state.
    """
    rest = booked_minor
    expired: list[Reasons] = []
    for each in reasons(What.OPEN, open_minor):
        used = min(rest, each.amount_minor)
        rest -= used
        expired.append((each, Reason(What.BOOKED, -used, each.of)))
    taken = tuple(each for those in expired for each in those)
    return (
        *(each for those in expired for each in line(holder, Account.CONTRACT_LIABILITY, those)),
        *line(holder, account, minus(taken)),
    )


def unclaimed_payment(holder: Organization, items_minor: Sequence[int]) -> tuple[Line, ...]:
    """Pay what was held as unclaimed property, item by item, to its owner or the state."""
    paid = reasons(What.UNCLAIMED, items_minor)
    return (*line(holder, Account.UNCLAIMED_PROPERTY, paid), *line(holder, Account.CASH, minus(paid)))


def breakage(holder: Organization, change_minor: int, what: What = What.BREAKAGE) -> tuple[Line, ...]:
    """Take so much more breakage of what is open, or less (E7)."""
    change = (Reason(what, change_minor),)
    return (
        *line(holder, Account.CONTRACT_LIABILITY, change),
        *line(holder, Account.BREAKAGE_REVENUE, minus(change)),
    )


def reversed_breakage(holder: Organization, excess_minor: int) -> tuple[Line, ...]:
    """Give back the booked breakage that would exceed what is open."""
    return breakage(holder, -excess_minor, What.REVERSED)


@_in_currency_of_first
def charge(
    servicing: Organization, price_minor: int, distribution: Distribution | None = None, tax_minor: int = 0
) -> tuple[Line, ...]:
    """Charge a fee for service (E11).

    The patient pays the servicing organization the price and the tax on it, which it owes; it collects and pays the
    shares. Where a rule names an organization as payer, the patient pays nothing, that organization owes the shares,
    and no tax is due.
    """
    payments = _payments(distribution, servicing)
    if distribution is not None and distribution.payer is not None:
        return payments
    price, tax = (Reason(What.PRICE, price_minor),), (Reason(What.TAX, tax_minor),)
    return (*_collected(servicing, price, tax), *payments)


@_in_currency_of_first
def rest(servicing: Organization, price_minor: int, tax_minor: int = 0) -> tuple[Line, ...]:
    """Take what credit does not pay of a service: for that part it is a fee for service (E11)."""
    return _collected(servicing, (Reason(What.REST, price_minor),), (Reason(What.REST_TAX, tax_minor),))


@_in_currency_of_first
def vendor_bill(
    ordering: Organization,
    vendor: Organization,
    billed_minor: int,
    distribution: Distribution | None = None,
) -> tuple[Line, ...]:
    """Take a vendor's bill: the ordering organization, or the payer a rule names, owes it (E4).

    A third party's bill is a vendor cost and an account payable; that of an organization that keeps books
    is owed like any share. Raises Refusal `not_permitted` when an organization bills itself.
    """
    if ordering.id == vendor.id:
        raise Refusal(
            RefusalCode.NOT_PERMITTED, f"{vendor.code} cannot send itself a bill.", organization=vendor.code
        )
    payer = distribution.payer if distribution is not None and distribution.payer is not None else ordering
    billed = (Reason(What.BILLED, billed_minor),)
    return (*owe(payer, vendor, billed), *_payments(distribution, payer))


def void(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Void an entry: its exact negation, line by line (E10)."""
    return negated(lines)


def _liability(holder: Organization, amounts: Reasons) -> tuple[Line, ...]:
    return tuple(each for amount in amounts for each in line(holder, Account.CONTRACT_LIABILITY, (amount,)))


def _collected(servicing: Organization, price: Reasons, tax: Reasons) -> tuple[Line, ...]:
    """What a patient pays the servicing organization, which owes the tax on it."""
    return (
        *line(servicing, Account.CASH, (*price, *tax)),
        *line(servicing, Account.SERVICE_REVENUE, minus(price)),
        *line(servicing, Account.TAX_PAYABLE, minus(tax)),
    )


def _payments(distribution: Distribution | None, collector: Organization) -> tuple[Line, ...]:
    if distribution is None:
        return ()
    payer = distribution.payer or collector
    return tuple(
        each for payment in distribution.payments for each in owe(payer, payment.receiver, payment.reasons)
    )
