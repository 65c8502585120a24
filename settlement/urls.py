"""/console/reconciliation/ and /console/settlements/."""

from django.urls import path

from settlement.views import (
    agreement,
    bank_account,
    claim,
    dispute,
    finding,
    payment,
    reconciliation,
    remittance,
    run,
    statement,
)

urlpatterns = [
    # Reconciliation
    path("reconciliation/", claim.ClaimList.as_view(), name="claim-list"),
    path("reconciliation/<int:pk>/", claim.Claim.as_view(), name="claim"),
    path("reconciliation/<int:pk>/acknowledge/", claim.ClaimAcknowledge.as_view(), name="claim-acknowledge"),
    path("reconciliation/<int:pk>/<int:event>/dispute/", claim.DisputeRaise.as_view(), name="dispute-raise"),
    path("disputes/", dispute.DisputeList.as_view(), name="dispute-list"),
    path("disputes/<int:pk>/", dispute.DisputePage.as_view(), name="dispute"),
    path("disputes/<int:pk>/answer/", dispute.DisputeAnswer.as_view(), name="dispute-answer"),
    path("disputes/<int:pk>/end/", dispute.DisputeEnd.as_view(), name="dispute-end"),
    path("disputes/<int:pk>/files/<int:message>/", dispute.DisputeFile.as_view(), name="dispute-file"),
    path("statements/matched/", reconciliation.ReconciliationList.as_view(), name="reconciliation-list"),
    path("statements/matched/send/", statement.StatementSend.as_view(), name="statement-send"),
    path(
        "statements/matched/columns/<int:pk>/", statement.StatementColumns.as_view(), name="statement-columns"
    ),
    path("statements/matched/sent/<int:pk>/", statement.StatementPage.as_view(), name="statement-sent"),
    path(
        "statements/matched/sent/<int:pk>/progress/",
        statement.StatementProgress.as_view(),
        name="statement-progress",
    ),
    path(
        "statements/matched/sent/<int:pk>/resume/",
        statement.StatementResume.as_view(),
        name="statement-resume",
    ),
    path(
        "statements/matched/sent/<int:pk>/cancel/",
        statement.StatementCancel.as_view(),
        name="statement-cancel",
    ),
    path("statements/matched/<int:pk>/", reconciliation.ReconciliationPage.as_view(), name="reconciliation"),
    path(
        "statements/matched/<int:pk>/match/",
        reconciliation.ReconciliationMatch.as_view(),
        name="reconciliation-match",
    ),
    path(
        "statements/matched/<int:pk>/sign/",
        reconciliation.ReconciliationSign.as_view(),
        name="reconciliation-sign",
    ),
    path(
        "statements/matched/<int:pk>/reopen/",
        reconciliation.ReconciliationReopen.as_view(),
        name="reconciliation-reopen",
    ),
    path(
        "statements/matched/<int:pk>/confirm/", finding.FindingsConfirm.as_view(), name="finding-confirm-many"
    ),
    path(
        "statements/matched/<int:pk>/together/", finding.FindingsTogether.as_view(), name="finding-together"
    ),
    path("findings/<int:pk>/confirm/", finding.FindingConfirm.as_view(), name="finding-confirm"),
    path("findings/<int:pk>/apart/", finding.FindingApart.as_view(), name="finding-apart"),
    path("findings/<int:pk>/answer/", finding.FindingAnswer.as_view(), name="finding-answer"),
    # Netting, settlement runs and payments
    path("settlements/", run.RunList.as_view(), name="settlement-list"),
    path("settlements/propose/", run.RunPropose.as_view(), name="settlement-propose"),
    path("settlements/<int:pk>/", run.RunPage.as_view(), name="settlement"),
    path("settlements/<int:pk>/payments/", payment.RunPayments.as_view(), name="settlement-payments"),
    path("settlements/<int:pk>/approve/", run.RunApprove.as_view(), name="settlement-approve"),
    path("settlements/<int:pk>/withdraw/", run.RunWithdraw.as_view(), name="settlement-withdraw"),
    path("settlements/<int:pk>/cancel/", run.RunCancel.as_view(), name="settlement-cancel"),
    path("settlements/<int:pk>/settle/", run.RunSettle.as_view(), name="settlement-settle"),
    path("settlements/<int:pk>/file/", run.RunFile.as_view(), name="settlement-file"),
    path("settlements/payments/<int:pk>/", payment.PaymentPage.as_view(), name="settlement-payment"),
    path(
        "settlements/payments/<int:pk>/confirm/",
        payment.PaymentConfirm.as_view(),
        name="settlement-payment-confirm",
    ),
    path(
        "settlements/confirmations/<int:pk>/bounce/",
        payment.PaymentBounce.as_view(),
        name="settlement-payment-bounce",
    ),
    path("remittances/", remittance.RemittanceList.as_view(), name="remittance-list"),
    path("remittances/<int:pk>/", remittance.RemittancePage.as_view(), name="remittance"),
    path("remittances/<int:pk>/pdf/", remittance.RemittancePdf.as_view(), name="remittance-pdf"),
    path("netting-agreements/", agreement.AgreementList.as_view(), name="netting-list"),
    path("netting-agreements/add/", agreement.AgreementAdd.as_view(), name="netting-add"),
    path("netting-agreements/<int:pk>/", agreement.AgreementPage.as_view(), name="netting"),
    path("netting-agreements/<int:pk>/end/", agreement.AgreementEnd.as_view(), name="netting-end"),
    path("bank-accounts/", bank_account.BankAccountList.as_view(), name="bank-account-list"),
    path("bank-accounts/add/", bank_account.BankAccountAdd.as_view(), name="bank-account-add"),
    path("bank-accounts/<int:pk>/close/", bank_account.BankAccountClose.as_view(), name="bank-account-close"),
]
