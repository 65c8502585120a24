"""The tables of the shared ledger; those that the posting functions write are read-only here."""

from ledger.models.account import Account
from ledger.models.balance import Balance, BalanceDelta
from ledger.models.entitlement import Entitlement, EntitlementLine, EntitlementMovement
from ledger.models.journal import JournalLine, LedgerEvent
from ledger.models.package import Package, PackageLine, PackageRedeemer, PackageSeller
from ledger.models.period import ClosedStatement, PeriodClose, PeriodClosing, PeriodReopening
from ledger.models.rule import Rule, RuleVersion
from ledger.models.sale import Sale
from ledger.models.service import Service, TariffPrice

__all__ = [
    "Account",
    "Balance",
    "BalanceDelta",
    "ClosedStatement",
    "Entitlement",
    "EntitlementLine",
    "EntitlementMovement",
    "JournalLine",
    "LedgerEvent",
    "Package",
    "PackageLine",
    "PackageRedeemer",
    "PackageSeller",
    "PeriodClose",
    "PeriodClosing",
    "PeriodReopening",
    "Rule",
    "RuleVersion",
    "Sale",
    "Service",
    "TariffPrice",
]
