"""Agreements, acknowledgements and disputes, imported statements, settlement runs."""

# Reconciliation
from settlement.models.acknowledgement import Acknowledgement
from settlement.models.dispute import Dispute, DisputeMessage
from settlement.models.reconciliation import Finding, OurLine, Reconciliation
from settlement.models.statement_import import StatementImport, StatementLine, StatementMapping

__all__ = [
    "Acknowledgement",
    "Dispute",
    "DisputeMessage",
    "Finding",
    "OurLine",
    "Reconciliation",
    "StatementImport",
    "StatementLine",
    "StatementMapping",
]
