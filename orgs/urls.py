"""/console/organizations/, /console/people/, /console/audit/"""

from django.urls import path

from orgs.views import activity, membership, organization

urlpatterns = [
    path("organizations/", organization.OrganizationList.as_view(), name="organization-list"),
    path(
        "organizations/branch/<int:pk>/",
        organization.OrganizationBranch.as_view(),
        name="organization-branch",
    ),
    path("organizations/export/", organization.OrganizationExport.as_view(), name="organization-export"),
    path("organizations/<int:pk>/", organization.OrganizationPage.as_view(), name="organization"),
    path("organizations/<int:pk>/add/", organization.OrganizationAdd.as_view(), name="organization-add"),
    path("organizations/<int:pk>/edit/", organization.OrganizationEdit.as_view(), name="organization-edit"),
    path("organizations/<int:pk>/move/", organization.OrganizationMove.as_view(), name="organization-move"),
    path(
        "organizations/<int:pk>/suspend/",
        organization.OrganizationSuspend.as_view(),
        name="organization-suspend",
    ),
    path(
        "organizations/<int:pk>/reactivate/",
        organization.OrganizationReactivate.as_view(),
        name="organization-reactivate",
    ),
    path(
        "organizations/<int:pk>/archive/",
        organization.OrganizationArchive.as_view(),
        name="organization-archive",
    ),
    path(
        "organizations/<int:pk>/people/", membership.OrganizationPeople.as_view(), name="organization-people"
    ),
    path("organizations/<int:pk>/people/invite/", membership.Invite.as_view(), name="membership-invite"),
    path("organizations/<int:pk>/people/why/", membership.Why.as_view(), name="membership-why"),
    path(
        "organizations/<int:pk>/activity/",
        activity.OrganizationActivity.as_view(),
        name="organization-activity",
    ),
    path("affiliations/<int:pk>/edit/", organization.AffiliationEdit.as_view(), name="affiliation-edit"),
    path("people/", membership.MembershipList.as_view(), name="membership-list"),
    path("people/<int:pk>/end/", membership.MembershipEnd.as_view(), name="membership-end"),
    path(
        "people/invitations/<int:pk>/revoke/", membership.InvitationRevoke.as_view(), name="invitation-revoke"
    ),
    path("audit/", activity.AuditList.as_view(), name="audit-list"),
]
