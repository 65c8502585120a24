"""Public addresses: the link of an invitation."""

from django.urls import path

from orgs.views.invitation import AcceptInvitation

urlpatterns = [path("invitations/<str:token>/", AcceptInvitation.as_view(), name="invitation-accept")]
