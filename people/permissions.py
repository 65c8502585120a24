"""What can be allowed about saved views."""

from core.permissions import permission

VIEW_SAVE = permission(
    "view:save",
    "Save views of lists",
    roles="organization_administrator finance_officer finance_auditor front_desk scheduler clinician"
    " privacy_officer vendor_manager",
)
VIEW_SHARE = permission("view:share", "Share saved views with everybody of the network")
