"""What can be allowed about vendors, requests and the portal."""

from core.permissions import permission

VENDOR_VIEW = permission(
    "vendor:view",
    "See vendors, their contacts and prices",
    roles="vendor_manager organization_administrator finance_officer finance_auditor",
)
VENDOR_EDIT = permission(
    "vendor:edit", "Edit vendors' contacts, service settings and portal links", roles="vendor_manager"
)
REQUEST_VIEW = permission(
    "request:view",
    "See service requests",
    roles="vendor_manager organization_administrator finance_officer finance_auditor front_desk clinician",
)
REQUEST_CREATE = permission(
    "request:create", "Order from vendors", roles="organization_administrator front_desk clinician"
)
REQUEST_APPROVE = permission(
    "request:approve",
    "Send service requests above the limit for approval",
    roles="vendor_manager",
)
REQUEST_CANCEL = permission(
    "request:cancel",
    "Cancel service requests",
    roles="vendor_manager organization_administrator front_desk clinician",
)
REQUEST_WRITE = permission(
    "request:write",
    "Write to vendors about service requests, and answer them",
    roles="vendor_manager organization_administrator front_desk clinician",
)
REQUEST_REPORT = permission(
    "request:report",
    "Read the Third Party Request Report",
    roles="vendor_manager organization_administrator finance_officer finance_auditor",
)

# Held by every active contact at their own vendor, and in practice by nobody else: a request's transition table
# refuses anybody who is not the vendor.
PORTAL_VIEW = permission("portal:view", "See a vendor's own requests in the portal")
PORTAL_ANSWER = permission("portal:answer", "Answer a vendor's own requests in the portal")
