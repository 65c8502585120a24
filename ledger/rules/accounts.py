"""The chart of accounts: what each account is, whom it may name, and how it mirrors and consolidates."""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """The account codes of every organization's books."""

    CASH = "cash"
    ACCOUNTS_RECEIVABLE = "accounts_receivable"
    DUE_FROM = "due_from"
    CONTRACT_LIABILITY = "contract_liability"
    DUE_TO = "due_to"
    ACCOUNTS_PAYABLE = "accounts_payable"
    REFUND_PAYABLE = "refund_payable"
    UNCLAIMED_PROPERTY = "unclaimed_property"
    TAX_PAYABLE = "tax_payable"
    NETTING_CLEARING = "netting_clearing"
    FX_CLEARING = "fx_clearing"
    SERVICE_REVENUE = "service_revenue"
    BREAKAGE_REVENUE = "breakage_revenue"
    MODIFICATION_REVENUE = "modification_revenue"
    COMMISSION_REVENUE = "commission_revenue"
    INTERCOMPANY_REVENUE = "intercompany_revenue"
    INTERCOMPANY_COST = "intercompany_cost"
    PARTNER_SHARE_COST = "partner_share_cost"
    PARTNER_COMMISSION_COST = "partner_commission_cost"
    VENDOR_COST = "vendor_cost"
    FX_GAIN_LOSS = "fx_gain_loss"
    EQUITY = "equity"
    RETAINED_EARNINGS = "retained_earnings"


class Counterparty(StrEnum):
    """Whom a line on the account names."""

    NONE = "none"
    REQUIRED = "required"  # an organization that keeps books
    OPTIONAL = "optional"  # the paying organization, none when the patient is the customer
    THIRD_PARTY = "third_party"  # required, and of kind third_party


class Mirror(StrEnum):
    """Which lines of two organizations that name each other must sum to zero in one entry.

    It is the consolidation class too: lines of one class between two organizations of a perimeter
    eliminate against each other (IFRS 10.B86(c)). Lines of class NONE never eliminate.
    """

    NONE = "none"
    DUE = "due"  # A's due_from(B) with B's due_to(A)
    NETTING = "netting"  # A's netting_clearing(B) with B's
    PROFIT_AND_LOSS = "profit_and_loss"  # every income and cost line naming the other


class Section(StrEnum):
    """Where the account stands in the statements."""

    ASSETS = "assets"
    LIABILITIES = "liabilities"
    INCOME = "income"
    EXPENSES = "expenses"
    EQUITY = "equity"


class Side(StrEnum):
    """The side on which the account normally stands; amounts are signed debit +, credit -."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class AccountType:
    """One row of the chart."""

    account: Account
    label: str
    section: Section
    counterparty: Counterparty = Counterparty.NONE
    mirror: Mirror = Mirror.NONE

    @property
    def side(self) -> Side:
        """Assets and expenses stand in debit, the others in credit."""
        return Side.DEBIT if self.section in (Section.ASSETS, Section.EXPENSES) else Side.CREDIT

    @property
    def is_balance_sheet(self) -> bool:
        """Whether the balance is carried from period to period."""
        return self.section in (Section.ASSETS, Section.LIABILITIES, Section.EQUITY)


_PL = Mirror.PROFIT_AND_LOSS
_NAMED = Counterparty.REQUIRED
_THIRD = Counterparty.THIRD_PARTY

_TYPES = (
    AccountType(Account.CASH, "Cash", Section.ASSETS),
    AccountType(Account.ACCOUNTS_RECEIVABLE, "Accounts receivable", Section.ASSETS),
    AccountType(Account.DUE_FROM, "Due from", Section.ASSETS, _NAMED, Mirror.DUE),
    AccountType(Account.CONTRACT_LIABILITY, "Contract liability", Section.LIABILITIES),
    AccountType(Account.DUE_TO, "Due to", Section.LIABILITIES, _NAMED, Mirror.DUE),
    AccountType(Account.ACCOUNTS_PAYABLE, "Accounts payable", Section.LIABILITIES, _THIRD),
    AccountType(Account.REFUND_PAYABLE, "Refund payable", Section.LIABILITIES),
    AccountType(Account.UNCLAIMED_PROPERTY, "Unclaimed property", Section.LIABILITIES),
    AccountType(Account.TAX_PAYABLE, "Tax payable", Section.LIABILITIES),
    AccountType(Account.NETTING_CLEARING, "Netting clearing", Section.ASSETS, _NAMED, Mirror.NETTING),
    AccountType(Account.FX_CLEARING, "Currency clearing", Section.ASSETS),
    AccountType(Account.SERVICE_REVENUE, "Service revenue", Section.INCOME, Counterparty.OPTIONAL, _PL),
    AccountType(Account.BREAKAGE_REVENUE, "Breakage revenue", Section.INCOME),
    AccountType(Account.MODIFICATION_REVENUE, "Modification revenue", Section.INCOME),
    AccountType(Account.COMMISSION_REVENUE, "Commission revenue", Section.INCOME, _NAMED, _PL),
    AccountType(Account.INTERCOMPANY_REVENUE, "Intercompany revenue", Section.INCOME, _NAMED, _PL),
    AccountType(Account.INTERCOMPANY_COST, "Intercompany cost", Section.EXPENSES, _NAMED, _PL),
    AccountType(Account.PARTNER_SHARE_COST, "Partner share cost", Section.EXPENSES, _NAMED, _PL),
    AccountType(Account.PARTNER_COMMISSION_COST, "Partner commission cost", Section.EXPENSES, _NAMED, _PL),
    AccountType(Account.VENDOR_COST, "Vendor cost", Section.EXPENSES, _THIRD),
    AccountType(Account.FX_GAIN_LOSS, "Currency gain or loss", Section.EXPENSES),
    AccountType(Account.EQUITY, "Equity", Section.EQUITY),
    AccountType(Account.RETAINED_EARNINGS, "Retained earnings", Section.EQUITY),
)

CHART: dict[Account, AccountType] = {row.account: row for row in _TYPES}


def account_type(account: Account | str) -> AccountType:
    """Return the chart's row for an account or its code; raises ValueError when there is none."""
    return CHART[Account(account)]
