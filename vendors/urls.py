"""/console/vendors/, /console/requests/, and the tabs of organizations and patients."""

from django.urls import path

from vendors.views import many, report, request, vendor

urlpatterns = [
    path("vendors/", vendor.VendorList.as_view(), name="vendor-list"),
    path("vendors/<int:pk>/", vendor.VendorPage.as_view(), name="vendor"),
    path("vendors/<int:pk>/contacts/add/", vendor.ContactAdd.as_view(), name="vendor-contact-add"),
    path("vendors/<int:pk>/services/add/", vendor.SettingAdd.as_view(), name="vendor-service-add"),
    path("vendors/contacts/<int:pk>/edit/", vendor.ContactEdit.as_view(), name="vendor-contact-edit"),
    path("vendors/contacts/<int:pk>/link/", vendor.LinkSend.as_view(), name="portal-link-send"),
    path("vendors/contacts/<int:pk>/revoke/", vendor.LinksRevoke.as_view(), name="portal-links-revoke"),
    path("vendors/services/<int:pk>/edit/", vendor.SettingEdit.as_view(), name="vendor-service-edit"),
    path("vendors/services/<int:pk>/price/", vendor.PriceSet.as_view(), name="vendor-price-set"),
    path("requests/", request.RequestList.as_view(), name="request-list"),
    path("requests/new/", request.RequestNew.as_view(), name="request-new"),
    path("requests/new/<int:pk>/", request.RequestAdd.as_view(), name="request-add"),
    path("requests/report/", report.RequestReport.as_view(), name="request-report"),
    path("requests/many/cancel/", many.RequestsCancel.as_view(), name="request-cancel-many"),
    path("requests/<int:pk>/", request.RequestPage.as_view(), name="request"),
    path("requests/<int:pk>/send/", request.RequestSend.as_view(), name="request-send"),
    path("requests/<int:pk>/approve/", request.RequestApprove.as_view(), name="request-approve"),
    path("requests/<int:pk>/cancel/", request.RequestCancel.as_view(), name="request-cancel"),
    path("requests/<int:pk>/results/<int:version>/", request.ResultFile.as_view(), name="request-result"),
    path(
        "requests/<int:pk>/results/<int:version>/pages/<int:number>/",
        request.ResultPage.as_view(),
        name="request-result-page",
    ),
    path("requests/<int:pk>/messages/", request.RequestWrite.as_view(), name="request-write"),
    path(
        "requests/<int:pk>/messages/<int:message>/",
        request.RequestAnswer.as_view(),
        name="request-answer",
    ),
    path("requests/<int:pk>/ask-to-cancel/", request.RequestAskCancel.as_view(), name="request-ask-cancel"),
    path(
        "organizations/<int:pk>/requests/",
        request.OrganizationRequests.as_view(),
        name="organization-requests",
    ),
    path("patients/<int:pk>/requests/", request.PatientRequests.as_view(), name="patient-requests"),
]
