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
