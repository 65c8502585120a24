"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

declare_verbs(
    {
        "view.saved": "View saved",
        "view.changed": "View changed",
        "view.deleted": "View deleted",
    }
)
