"""The tables of the shared ledger; those that the posting functions write are read-only here."""

from ledger.models.account import Account
from ledger.models.backtest import BackTest, BackTestEvent
from ledger.models.balance import Balance, BalanceDelta, Standing
from ledger.models.beneficiary import Beneficiary
from ledger.models.breakage import BreakageMovement, BreakagePool
from ledger.models.charge_receipt import ChargeReceipt
from ledger.models.credit_note import CreditNote
from ledger.models.entitlement import Entitlement, EntitlementChange, EntitlementLine, EntitlementMovement
from ledger.models.exchange import ExchangeRate
from ledger.models.journal import JournalLine, LedgerEvent
from ledger.models.package import Package, PackageLine, PackageRedeemer, PackageSeller
from ledger.models.period import ClosedStatement, PeriodClose, PeriodClosing, PeriodReopening
from ledger.models.price_change import PriceChange
from ledger.models.quote import Quote, QuoteLine
from ledger.models.redemption_import import RedemptionImport, RedemptionImportLine
from ledger.models.reminder import ExpiryReminder
from ledger.models.rule import Rule, RuleVersion, RuleVolume
from ledger.models.sale import Sale
from ledger.models.schedule import ReportRecipient, ReportRun, ReportSchedule
from ledger.models.service import Service, TariffPrice
from ledger.models.tax import TaxCode, TaxLine, TaxRate
from ledger.models.unclaimed import UnclaimedItem

__all__ = [
    "Account",
    "BackTest",
    "BackTestEvent",
    "Balance",
    "BalanceDelta",
    "Beneficiary",
    "BreakageMovement",
    "BreakagePool",
    "ChargeReceipt",
    "ClosedStatement",
    "CreditNote",
    "Entitlement",
    "EntitlementChange",
    "EntitlementLine",
    "EntitlementMovement",
    "ExchangeRate",
    "ExpiryReminder",
    "JournalLine",
    "LedgerEvent",
    "Package",
    "PackageLine",
    "PackageRedeemer",
    "PackageSeller",
    "PeriodClose",
    "PeriodClosing",
    "PeriodReopening",
    "PriceChange",
    "Quote",
    "QuoteLine",
    "RedemptionImport",
    "RedemptionImportLine",
    "ReportRecipient",
    "ReportRun",
    "ReportSchedule",
    "Rule",
    "RuleVersion",
    "RuleVolume",
    "Sale",
    "Service",
    "Standing",
    "TariffPrice",
    "TaxCode",
    "TaxLine",
    "TaxRate",
    "UnclaimedItem",
]
