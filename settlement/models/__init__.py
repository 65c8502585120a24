"""Agreements, acknowledgements and disputes, imported statements, settlement runs."""

from settlement.models.agreement import AgreementParty, NettingAgreement
from settlement.models.payment import BankAccount, PaymentConfirmation, SettlementPayment
from settlement.models.run import Remittance, SettlementItem, SettlementPair, SettlementRun

__all__ = [
    "AgreementParty",
    "BankAccount",
    "NettingAgreement",
    "PaymentConfirmation",
    "Remittance",
    "SettlementItem",
    "SettlementPair",
    "SettlementPayment",
    "SettlementRun",
]
