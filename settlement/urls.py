"""/console/reconciliation/ and /console/settlements/."""

from django.urls import URLPattern, path

from settlement.views import agreement, bank_account, payment, remittance, run

urlpatterns: list[URLPattern] = []

# Netting, settlement runs and payments.
urlpatterns += [
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
