"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

declare_verbs(
    {
        "patient.registered": "Patient registered",
        "patient.registered_at": "Patient registered at another organization",
        "patient.edited": "Patient edited",
        "patient.home_changed": "Home organization changed",
        "form.filled": "Form filled",
        "form.changed": "Filled form changed",
        "form.in_error": "Filled form marked as entered in error",
    }
)
