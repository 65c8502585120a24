"""Organizations and journal lines as plain values, and what owing one another looks like in the books."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Line:
    """One journal line: signed minor units of `currency`, debit +, credit -, never zero."""

    organization_id: int
    account: Account
    currency: str
    amount_minor: int
    counterparty_id: int | None = None


def line(
    organization: Organization,
    account: Account,
    amount_minor: int,
    counterparty: Organization | None = None,
) -> tuple[Line, ...]:
    """Return the line in `organization`'s own currency, or none for a zero amount.

    Raises ValueError when the organization keeps no books.
    """
    if not organization.keeps_books:
        raise ValueError(f"{organization.code} is a third party and keeps no books.")
    if not amount_minor:
        return ()
    named = counterparty.id if counterparty else None
    return (Line(organization.id, account, organization.currency, amount_minor, named),)


def owe(payer: Organization, receiver: Organization, amount_minor: int) -> tuple[Line, ...]:
    """Return the lines by which `payer` owes `receiver` for a service, in both books.

    Within one group: intercompany_cost / intercompany_revenue; between groups: partner_share_cost /
    service_revenue(payer); a third party keeps no books: vendor_cost / accounts_payable. What one owes
    oneself, and zero, is not posted.
    """
    if payer.id == receiver.id:
        return ()
    if receiver.kind is Kind.THIRD_PARTY:
        return (
            *line(payer, Account.VENDOR_COST, amount_minor, receiver),
            *line(payer, Account.ACCOUNTS_PAYABLE, -amount_minor, receiver),
        )
    if payer.group_id == receiver.group_id:
        cost, revenue = Account.INTERCOMPANY_COST, Account.INTERCOMPANY_REVENUE
    else:
        cost, revenue = Account.PARTNER_SHARE_COST, Account.SERVICE_REVENUE
    return (
        *line(payer, cost, amount_minor, receiver),
        *line(payer, Account.DUE_TO, -amount_minor, receiver),
        *line(receiver, Account.DUE_FROM, amount_minor, payer),
        *line(receiver, revenue, -amount_minor, payer),
    )


def negated(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the exact opposite of an entry, line by line: what a void or a reversal posts."""
    return tuple(replace(each, amount_minor=-each.amount_minor) for each in lines)
