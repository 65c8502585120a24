"""Addresses outside any network: the link of an invitation, and the pages of an enterprise's owners."""

from django.urls import path, re_path

from orgs.views.enterprise import EnterprisePage, OpenAccount
from orgs.views.invitation import AcceptInvitation
from orgs.views.logo import LogoFile

urlpatterns = [
    re_path("^logos/(?P<digest>[0-9a-f]{64})\\.png$", LogoFile.as_view(), name="logo"),
    path("invitations/<str:token>/", AcceptInvitation.as_view(), name="invitation-accept"),
    path("enterprise/", EnterprisePage.as_view(), name="enterprise"),
    path("enterprise/<int:pk>/open/", OpenAccount.as_view(), name="parent-account-open"),
]
