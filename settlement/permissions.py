"""What can be allowed about reconciliation and settlement."""

from core.permissions import permission

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
