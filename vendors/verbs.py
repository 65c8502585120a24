"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

declare_verbs(
    {
        "vendor_contact.added": "Vendor’s contact added",
        "vendor_contact.edited": "Vendor’s contact edited",
        "vendor_service.added": "Vendor’s service added",
        "vendor_service.edited": "Vendor’s service edited",
        "vendor_price.set": "Vendor’s price set",
        "portal_link.sent": "Portal link sent",
        "portal_links.revoked": "Portal links revoked",
        "portal.code_requested": "Code for the portal asked for",
        "portal.code_refused": "Code for the portal refused",
        "portal.signed_in": "Signed in to the portal",
        "portal.signed_out": "Signed out of the portal",
        "request.drafted": "Request drafted",
        "request.sent": "Request sent",
        "request.received": "Request received",
        "request.accepted": "Request accepted",
        "request.rejected": "Request rejected",
        "request.started": "Request started",
        "request.held": "Request put on hold",
        "request.resumed": "Request taken up again",
        "request.completed": "Request completed",
        "request.corrected": "Result corrected",
        "request.failed": "Request failed",
        "request.written": "Message about a request",
        "request.answered": "Message about a request answered",
        "request.time_proposed": "Another time proposed",
        "request.cancellation_asked": "Cancellation of a request asked for",
        "request.cancelled": "Request cancelled",
        "request.escalated": "People told that a request is overdue",
        "request.billed": "Request billed",
    }
)
