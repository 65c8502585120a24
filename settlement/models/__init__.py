"""Agreements, acknowledgements and disputes, imported statements, settlement runs."""

from settlement.models.acknowledgement import Acknowledgement
from settlement.models.agreement import AgreementParty, NettingAgreement
from settlement.models.dispute import Dispute, DisputeMessage
from settlement.models.item_total import ItemTotal
from settlement.models.payment import BankAccount, PaymentConfirmation, SettlementPayment
from settlement.models.reconciliation import Finding, OurLine, Reconciliation
from settlement.models.run import Remittance, SettlementItem, SettlementPair, SettlementRun
from settlement.models.statement_import import StatementImport, StatementLine, StatementMapping

__all__ = [
    "Acknowledgement",
    "AgreementParty",
    "BankAccount",
    "Dispute",
    "DisputeMessage",
    "Finding",
    "ItemTotal",
    "NettingAgreement",
    "OurLine",
    "PaymentConfirmation",
    "Reconciliation",
    "Remittance",
    "SettlementItem",
    "SettlementPair",
    "SettlementPayment",
    "SettlementRun",
    "StatementImport",
    "StatementLine",
    "StatementMapping",
]
