"""/console/reconciliation/ and /console/settlements/."""

from django.urls import path

from settlement.views import claim, dispute, finding, reconciliation, statement

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
]
