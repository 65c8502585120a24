"""What can be allowed about reconciliation and settlement."""

from core.permissions import permission

# Reconciliation: each at the side whose people they are.
RECONCILIATION_VIEW = permission(
    "reconciliation:view",
    "See what stands between organizations, and reconciliations",
    roles="finance_officer finance_auditor",
)
RECONCILIATION_ACKNOWLEDGE = permission(
    "reconciliation:acknowledge",
    "Acknowledge what stands between organizations",
    roles="finance_officer",
)
RECONCILIATION_DISPUTE = permission(
    "reconciliation:dispute", "Raise, answer and end disputes", roles="finance_officer"
)
RECONCILIATION_MATCH = permission(
    "reconciliation:match", "Send statements and match them with the books", roles="finance_officer"
)
RECONCILIATION_SIGN = permission(
    "reconciliation:sign", "Sign off reconciliations and reopen them", roles="finance_officer"
)
# Netting, settlement runs and payments.

_PAYS = "finance_officer"

SETTLEMENT_VIEW = permission(
    "settlement:view",
    "See netting agreements, settlements and remittance statements",
    roles="organization_administrator finance_officer finance_auditor",
)
SETTLEMENT_PROPOSE = permission("settlement:propose", "Propose and cancel settlements", roles=_PAYS)
SETTLEMENT_APPROVE = permission("settlement:approve", "Approve settlements of others", roles=_PAYS)
SETTLEMENT_PAY = permission(
    "settlement:pay", "Take payment files, confirm payments and record bounces", roles=_PAYS
)
NETTING_SIGN = permission("netting:sign", "Record and end netting agreements", roles=_PAYS)
BANK_ACCOUNT_EDIT = permission("bank_account:edit", "Enter and change bank accounts", roles=_PAYS)
