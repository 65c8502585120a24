"""Every address of the project; apps bring their own tables."""

from django.conf import settings
from django.urls import include, path

from network.views import design, home, mail, switch

urlpatterns = [
    path("", home.Front.as_view(), name="front"),
    path("networks/", switch.SwitchNetwork.as_view(), name="network-switch"),
    path("account/", include("network.account_urls")),
    path("", include("orgs.public_urls")),
    path("console/", home.Home.as_view(), name="home"),
    path("console/search/", home.Search.as_view(), name="search"),
    path("console/", include("people.urls")),
    path("console/", include("orgs.urls")),
    path("console/", include("content.urls")),
    path("console/", include("patients.urls")),
    path("console/", include("ledger.urls")),
    path("console/", include("settlement.urls")),
    path("console/", include("vendors.urls")),
    path("portal/", include("vendors.portal.urls")),
]

if settings.DEV_MAIL:
    urlpatterns += [
        path("dev/mail/", mail.MailList.as_view(), name="dev-mail"),
        path("dev/mail/<str:name>/", mail.MailPage.as_view(), name="dev-mail-page"),
    ]

if settings.DEBUG:
    urlpatterns += [
        path("console/design/", design.design, name="design"),
        path("console/design/dialog/", design.design_dialog, name="design-dialog"),
    ]

handler400 = "network.views.errors.bad_request"
handler403 = "network.views.errors.forbidden"
handler404 = "network.views.errors.not_found"
handler500 = "network.views.errors.server_error"
