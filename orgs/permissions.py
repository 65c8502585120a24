"""What can be allowed about organizations and people."""

from core.permissions import permission

EVERYBODY = (
    "organization_administrator finance_officer finance_auditor front_desk scheduler clinician"
    " privacy_officer vendor_manager"
)

ORGANIZATION_VIEW = permission("organization:view", "See organizations", roles=EVERYBODY)
ORGANIZATION_ADD = permission("organization:add", "Add organizations", roles="organization_administrator")
ORGANIZATION_EDIT = permission("organization:edit", "Edit organizations", roles="organization_administrator")
ORGANIZATION_MOVE = permission("organization:move", "Move organizations in the tree")
ORGANIZATION_SUSPEND = permission("organization:suspend", "Suspend, reactivate and archive organizations")
ORGANIZATION_LEAVE = permission(
    "organization:leave", "End a partner's place in the network", network_wide=True
)
ORGANIZATION_RECORDS = permission(
    "organization:records",
    "Take along an organization's own records: its patients, people, money and trail",
    roles="organization_administrator",
)
ORGANIZATION_IMPORT = permission("organization:import", "Import organizations from files", network_wide=True)
MEMBERSHIP_VIEW = permission(
    "membership:view",
    "See people and roles",
    roles="organization_administrator privacy_officer finance_auditor",
)
MEMBERSHIP_GRANT = permission(
    "membership:grant", "Invite people, grant and end roles", roles="organization_administrator"
)
AUDIT_VIEW = permission("audit:view", "Read the audit trail", roles="privacy_officer finance_auditor")

SETTING_VIEW = permission(
    "setting:view",
    "See settings and policies",
    roles="organization_administrator finance_officer finance_auditor privacy_officer vendor_manager",
)
permission("setting:edit", "Change branding and vendor settings", roles="organization_administrator")
permission("setting:structure", "Change what the tree may look like")
permission("setting:security", "Change sign-in and privacy settings", roles="organization_administrator")
permission("setting:billing", "Change billing settings", roles="organization_administrator finance_officer")
WAIVER_REQUEST = permission(
    "waiver:request", "Ask for waivers of policies", roles="organization_administrator"
)
WAIVER_DECIDE = permission(
    "waiver:decide", "Grant, refuse and end waivers", roles="organization_administrator"
)
ONBOARDING_VIEW = permission(
    "onboarding:view",
    "See the Parent Account's checklist and data ownership record",
    roles="organization_administrator finance_officer privacy_officer",
    network_wide=True,
)
ONBOARDING_EDIT = permission(
    "onboarding:edit", "Keep the Parent Account's checklist and data ownership record", network_wide=True
)
CONTENT_EXPORT = permission(
    "content_package:export", "Export content for another Parent Account", network_wide=True
)
CONTENT_IMPORT = permission(
    "content_package:import", "Import content of another Parent Account", network_wide=True
)

HOSTNAME_EDIT = permission(
    "hostname:edit", "Ask for and give up host names of the network's own", network_wide=True
)

MODULE_VIEW = permission(
    "module:view",
    "See modules and EMR profiles",
    roles="organization_administrator finance_officer finance_auditor privacy_officer vendor_manager",
)
MODULE_EDIT = permission(
    "module:edit",
    "Switch modules and EMR profiles of the organizations below",
    roles="organization_administrator",
)
