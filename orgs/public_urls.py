"""Addresses outside any network: the link of an invitation, and the pages of an enterprise's owners."""

from django.urls import path

from orgs.views.enterprise import EnterprisePage, OpenAccount
from orgs.views.invitation import AcceptInvitation

urlpatterns = [
    path("invitations/<str:token>/", AcceptInvitation.as_view(), name="invitation-accept"),
    path("enterprise/", EnterprisePage.as_view(), name="enterprise"),
    path("enterprise/<int:pk>/open/", OpenAccount.as_view(), name="parent-account-open"),
]
