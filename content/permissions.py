"""What can be allowed about content."""

from core.permissions import permission

CONTENT_VIEW = permission("content:view", "See content", roles="organization_administrator clinician")
CONTENT_EDIT = permission("content:edit", "Write content", roles="organization_administrator")
CONTENT_PUBLISH = permission(
    "content:publish", "Publish and retire content", roles="organization_administrator"
)
CONTENT_SHARE = permission(
    "content:share", "Share content with organizations below", roles="organization_administrator"
)
