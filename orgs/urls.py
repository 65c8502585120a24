"""/console/organizations/, /console/people/, /console/settings/, /console/modules/, /console/audit/"""

from django.urls import path

from orgs.views import (
    activity,
    content_package,
    files,
    hostname,
    import_file,
    leaving,
    many,
    membership,
    module,
    move,
    organization,
    parent_account,
    policy,
    setting,
    setting_many,
    waiver,
)

urlpatterns = [
    path("organizations/", organization.OrganizationList.as_view(), name="organization-list"),
    path(
        "organizations/branch/<int:pk>/",
        organization.OrganizationBranch.as_view(),
        name="organization-branch",
    ),
    path("organizations/export/parents/", files.ExportParents.as_view(), name="organization-export-parents"),
    path("organizations/export/paths/", files.ExportPaths.as_view(), name="organization-export-paths"),
    path("organizations/export/fhir/", files.ExportFhir.as_view(), name="organization-export-fhir"),
    path("organizations/import/", import_file.ImportSend.as_view(), name="organization-import"),
    path(
        "organizations/import/examples/<str:form>/",
        import_file.ImportExample.as_view(),
        name="organization-import-example",
    ),
    path("organizations/imports/", import_file.ImportList.as_view(), name="organization-import-list"),
    path(
        "organizations/imports/<int:pk>/", import_file.ImportPage.as_view(), name="organization-import-page"
    ),
    path(
        "organizations/imports/<int:pk>/progress/",
        import_file.ImportProgress.as_view(),
        name="organization-import-progress",
    ),
    path(
        "organizations/imports/<int:pk>/start/",
        import_file.ImportStart.as_view(),
        name="organization-import-start",
    ),
    path(
        "organizations/imports/<int:pk>/compare/",
        import_file.ImportCompare.as_view(),
        name="organization-import-compare",
    ),
    path(
        "organizations/imports/<int:pk>/cancel/",
        import_file.ImportCancel.as_view(),
        name="organization-import-cancel",
    ),
    path("organizations/move/", move.OrganizationMoveMany.as_view(), name="organization-move-many"),
    path(
        "organizations/many/suspend/", many.OrganizationsSuspend.as_view(), name="organization-suspend-many"
    ),
    path(
        "organizations/many/reactivate/",
        many.OrganizationsReactivate.as_view(),
        name="organization-reactivate-many",
    ),
    path(
        "organizations/many/archive/", many.OrganizationsArchive.as_view(), name="organization-archive-many"
    ),
    path("people/many/extend/", many.MembershipsExtend.as_view(), name="membership-extend-many"),
    path("people/many/role/", many.MembershipsChangeRole.as_view(), name="membership-role-many"),
    path("people/many/end/", many.MembershipsEnd.as_view(), name="membership-end-many"),
    path("people/invitations/many/resend/", many.InvitationsResend.as_view(), name="invitation-resend-many"),
    path("people/invitations/many/revoke/", many.InvitationsRevoke.as_view(), name="invitation-revoke-many"),
    path("waivers/many/decide/", many.WaiversDecide.as_view(), name="waiver-decide-many"),
    path("waivers/many/end/", many.WaiversEnd.as_view(), name="waiver-end-many"),
    path("organizations/<int:pk>/", organization.OrganizationPage.as_view(), name="organization"),
    path("organizations/<int:pk>/add/", organization.OrganizationAdd.as_view(), name="organization-add"),
    path("organizations/<int:pk>/edit/", organization.OrganizationEdit.as_view(), name="organization-edit"),
    path("organizations/<int:pk>/move/", move.OrganizationMove.as_view(), name="organization-move"),
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
    path("organizations/<int:pk>/leave/", leaving.OrganizationLeave.as_view(), name="organization-leave"),
    path("organizations/<int:pk>/leave/records/", leaving.Records.as_view(), name="organization-records"),
    path("organizations/records/<int:pk>/", leaving.RecordsDownload.as_view(), name="own-records"),
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
    path(
        "organizations/<int:pk>/settings/",
        setting.OrganizationSettings.as_view(),
        name="organization-settings",
    ),
    path(
        "organizations/<int:pk>/settings/compare/", setting.SettingCompare.as_view(), name="setting-compare"
    ),
    path("organizations/<int:pk>/settings/<str:key>/", setting.SettingEdit.as_view(), name="setting-edit"),
    path(
        "organizations/<int:pk>/settings/<str:key>/inherit/",
        setting.SettingInherit.as_view(),
        name="setting-inherit",
    ),
    path(
        "organizations/<int:pk>/settings/<str:key>/waiver/",
        setting.WaiverRequest.as_view(),
        name="waiver-request",
    ),
    path(
        "organizations/<int:pk>/modules/", module.OrganizationModules.as_view(), name="organization-modules"
    ),
    path("modules/", module.ModuleMatrix.as_view(), name="module-matrix"),
    path("modules/profiles/", module.ProfileMatrix.as_view(), name="profile-matrix"),
    path("modules/switch/", module.ModuleSwitch.as_view(), name="module-switch"),
    path("modules/changes/", module.ModuleBatches.as_view(), name="module-batches"),
    path("modules/changes/<int:pk>/undo/", module.ModuleUndo.as_view(), name="module-undo"),
    path("affiliations/<int:pk>/edit/", organization.AffiliationEdit.as_view(), name="affiliation-edit"),
    path("people/", membership.MembershipList.as_view(), name="membership-list"),
    path("people/<int:pk>/end/", membership.MembershipEnd.as_view(), name="membership-end"),
    path("people/invitations/", membership.InvitationList.as_view(), name="invitation-list"),
    path(
        "people/invitations/<int:pk>/revoke/", membership.InvitationRevoke.as_view(), name="invitation-revoke"
    ),
    path("advisor/", parent_account.Advisor.as_view(), name="advisor"),
    path("parent-account/", parent_account.ParentAccountPage.as_view(), name="parent-account"),
    path("parent-account/export/", content_package.ContentExport.as_view(), name="content-export"),
    path("parent-account/import/", content_package.ContentImport.as_view(), name="content-import"),
    path("parent-account/data/", parent_account.DataOwnershipEdit.as_view(), name="data-ownership"),
    path("parent-account/host-names/add/", hostname.HostNameAdd.as_view(), name="hostname-add"),
    path(
        "parent-account/host-names/<int:pk>/give-up/",
        hostname.HostNameGiveUp.as_view(),
        name="hostname-give-up",
    ),
    path(
        "parent-account/steps/<int:pk>/", parent_account.OnboardingStepEdit.as_view(), name="onboarding-step"
    ),
    path("settings/", policy.SettingList.as_view(), name="setting-list"),
    path("settings/apply/", setting_many.SettingApply.as_view(), name="setting-apply"),
    path("settings/changes/", setting_many.SettingBatches.as_view(), name="setting-batches"),
    path("settings/changes/<int:pk>/undo/", setting_many.SettingUndo.as_view(), name="setting-undo"),
    path("settings/waivers/", waiver.WaiverList.as_view(), name="waiver-list"),
    path("settings/waivers/<int:pk>/decide/", waiver.WaiverDecide.as_view(), name="waiver-decide"),
    path("settings/waivers/<int:pk>/end/", waiver.WaiverEnd.as_view(), name="waiver-end"),
    path("settings/<str:key>/", policy.SettingSpread.as_view(), name="setting-spread"),
    path("audit/", activity.AuditList.as_view(), name="audit-list"),
]
