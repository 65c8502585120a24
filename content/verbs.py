"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

declare_verbs(
    {
        "content.added": "Content added",
        "content.edited": "Content edited",
        "content.drafted": "Draft started",
        "content.changed": "Draft changed",
        "content.change_undone": "Change of a draft undone",
        "content.draft_discarded": "Draft discarded",
        "content.discarded": "Unpublished content discarded",
        "content.published": "Content published",
        "content.retired": "Content retired",
        "content.shared": "Content shared",
        "content.share_ended": "Sharing of content ended",
        "content.pinned": "Links of content pinned",
        "content.override_begun": "Override begun",
        "content.copy_updated": "Copy brought up to its source",
        "content.copy_kept": "Copy kept as it is",
    }
)
