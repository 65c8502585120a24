"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

# Reconciliation
declare_verbs(
    {
        "items.acknowledged": "Items acknowledged",
        "items.silent": "Items acknowledged by silence",
        "dispute.raised": "Dispute raised",
        "dispute.answered": "Dispute answered",
        "dispute.ended": "Dispute ended",
        "statement.sent": "Statement sent",
        "statement.started": "Matching of a statement started",
        "statement.read": "Statement read",
        "statement.matched": "Statement matched",
        "statement.cancelled": "Matching of a statement cancelled",
        "statement.failed": "Statement not matched",
        "statement.file_removed": "File of a statement deleted",
        "reconciliation.matched_again": "Reconciliation matched again",
        "finding.answered": "Finding answered",
        "finding.taken_apart": "Finding taken apart",
        "finding.put_together": "Findings put together",
        "reconciliation.signed": "Reconciliation signed",
        "reconciliation.reopened": "Reconciliation reopened",
    }
)

# Netting, settlement runs and payments.
declare_verbs(
    {
        "netting.agreed": "Netting agreement recorded",
        "netting.ended": "Netting agreement ended",
        "settlement.proposed": "Settlement proposed",
        "settlement.approved": "Settlement approved",
        "settlement.approval_withdrawn": "Approval of a settlement withdrawn",
        "settlement.cancelled": "Settlement cancelled",
        "settlement.settled": "Settlement settled",
        "settlement.payment_confirmed": "Payment confirmed",
        "settlement.payment_bounced": "Payment bounced",
        "settlement.file_taken": "Payment file taken",
        "bank_account.entered": "Bank account entered",
        "bank_account.closed": "Bank account closed",
    }
)
